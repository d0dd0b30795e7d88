"""Tests of `scan`."""
