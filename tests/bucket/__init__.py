"""Tests of publishing to a bucket, and of web servers that follow it."""
