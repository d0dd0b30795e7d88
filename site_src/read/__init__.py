"""Reads input files: bytes to text, YAML, front matter and models. Only `tree` uses the disk."""
