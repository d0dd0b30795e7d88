"""One module per command: what it reads from its options, what it does, what it prints."""
