"""The `Site`: everything published at an instant, as one frozen value for renderers. Never accesses the disk."""
