"""Renders the files for machines, subscribers and partners, each from the same `Site` value as the pages."""
