"""The files for machines, subscribers and partners, each made from the same `Site` value as the pages."""
