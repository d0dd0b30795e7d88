"""Renders the files for machines, subscribers and partners from the same `Site` value as the pages."""
