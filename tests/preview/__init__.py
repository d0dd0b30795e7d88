"""Tests of `preview`."""
