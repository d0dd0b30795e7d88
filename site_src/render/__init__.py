"""Renders a `Site` to files, a mapping from path to bytes. Touches no disk and no clock."""
