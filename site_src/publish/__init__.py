"""Publishes: builds, releases, the lease, the switch, the journal.

The only package that writes what visitors see; it reads back what it wrote.
"""
