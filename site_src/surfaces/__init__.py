"""What is published beside the pages, each a function from the `Site` to a file."""
