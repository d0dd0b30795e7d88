"""Converts Markdown to clean HTML with placeholders for facts and links. Uses no disk, clock or quota state."""
