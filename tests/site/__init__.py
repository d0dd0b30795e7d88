"""Tests of `site`."""
