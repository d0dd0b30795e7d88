"""The editor's preview: serves every page in every state from memory, only on this machine. Publishes nothing."""
