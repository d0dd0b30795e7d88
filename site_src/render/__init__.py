"""Renders a `Site` to files, a mapping from path to bytes. Does not use the disk or the clock."""
