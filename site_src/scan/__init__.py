"""Finds addresses in bytes in any notation: unpacks, decodes, folds and compares. Uses no disk and no quota state."""
