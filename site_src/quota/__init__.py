"""The quota log: its events, the decision that follows from it at an instant, and changes to its file.

Only `log_file` writes it.
"""
