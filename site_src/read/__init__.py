"""Bytes in, values out: text, YAML, front matter, records of the models. Only `tree` touches the disk."""
