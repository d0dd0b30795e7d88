"""Tests of `builder`."""
