"""The record of what visitors were shown: asks the public address and writes WARC files, and looks up what a page said at an instant."""
