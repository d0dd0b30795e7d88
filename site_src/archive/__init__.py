"""Records what visitors see: requests every public address, writes WARC files, and looks up what a page said at an instant."""
