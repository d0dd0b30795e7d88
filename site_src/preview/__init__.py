"""The editor's preview: every page in every state, from memory, on this machine alone; nothing of it is ever published."""
