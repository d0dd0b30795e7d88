"""Tests: one true sentence each, on real files and real processes."""
