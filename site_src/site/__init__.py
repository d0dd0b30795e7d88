"""The `Site`: everything published at an instant, as one frozen value for renderers. No markup, no disk."""
