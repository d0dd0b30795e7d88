"""Tests of `quota`."""
