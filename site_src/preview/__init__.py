"""The editor's preview: serves every page in every state from memory, on this machine only. Nothing of it is published."""
