"""Checks the bytes before they are published. Uses only the inputs and the bytes, never the `Site` or the disk."""
