"""The operators' page: forms in a browser that run the project's own commands.

The page keeps no state, and writes nothing itself.
"""
