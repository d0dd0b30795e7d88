"""The operators' page: forms in a browser that run the project's own commands. It keeps no state, and writes nothing itself."""
