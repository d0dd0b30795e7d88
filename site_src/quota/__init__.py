"""The quota log: its events, the state and link that follow from it at an instant, and changes to its file.

Only `log_file` writes the file.
"""
