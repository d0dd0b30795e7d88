"""The archive: WARC files, and what was live when."""
