"""Renders a `Site` to files, a mapping from path to bytes. The result depends only on the site and the design."""
