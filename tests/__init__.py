"""Tests on real files and real processes. The docstring of each test is one true sentence about one behaviour."""
