"""Tests of `read`."""
