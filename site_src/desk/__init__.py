"""The operators' page (the desk): forms in a browser that run the project's own commands.

The desk saves no state, and writes no files itself.
"""
