"""Checks the rules for inputs. The docstring of each rule's function states the rule. Uses no disk and changes nothing."""
