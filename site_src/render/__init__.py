"""From a `Site` to files: a mapping from path to bytes. No disk, no clock."""
