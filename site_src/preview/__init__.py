"""The editor's preview: every page in every state, served from memory on this machine only, and never published."""
