"""Checks the inputs against the rules. The docstring of each rule's function states the rule. Never accesses the disk."""
