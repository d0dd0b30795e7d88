"""The `Site`: everything published at an instant, as one frozen value for renderers. It has no markup and uses no disk."""
