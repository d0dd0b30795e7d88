"""Converts Markdown to clean HTML with placeholders for facts and links. Does not use the disk, the clock or the quota state."""
