"""Checks the rules for inputs; the docstring of each function is its rule. Uses no disk and changes nothing."""
