"""Finds an address in bytes, however it is written: unpacks, decodes, folds, compares. It touches no disk and knows no state."""
