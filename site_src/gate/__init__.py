"""The last look at the bytes: it knows the inputs and the bytes, and never the `Site`. It touches no disk."""
