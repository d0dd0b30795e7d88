"""The `Site`: all that is published at an instant, as one frozen value for renderers. It makes no markup of its own and touches no disk."""
