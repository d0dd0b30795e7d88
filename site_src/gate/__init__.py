"""The last check of the bytes. It uses the inputs and the bytes, and never the `Site`. Touches no disk."""
