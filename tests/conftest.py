"""Fixtures that every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import Project, make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The small site: two languages, two programmes; Japan closed, South Korea open (see NOON)."""
    return make_project(tmp_path / "project")
