"""Publishes the site: writes builds, releases, the lease, the link to the live release, and the journal.

No other package writes what visitors see. This one reads back what it has written.
"""
