"""Tests of `gate`."""
