"""Tests of the desk, the page on which operators change the quota state."""
