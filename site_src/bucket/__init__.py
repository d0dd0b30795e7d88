"""Publishing through a bucket: publishers write releases and a pointer to the live one, and web servers follow the pointer.

Writes to the bucket and to targets. The libraries (the extra `store`) are imported only when a command names a bucket.
"""
