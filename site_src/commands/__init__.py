"""One module per command: reads its options, does its work and prints the result; the words and defaults of the options."""
