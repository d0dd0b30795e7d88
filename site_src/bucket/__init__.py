"""A bucket as the source of truth: what a publisher writes to it, and how web servers follow it.

It writes to the bucket and to targets, and imports its libraries (the extra `store`) only when a command names a bucket.
"""
