"""From Markdown to clean markup, links resolved, facts still open. No disk, no clock, no state."""
