"""The last check of the bytes before they are published. It uses the inputs and the bytes, and never the `Site` or the disk."""
