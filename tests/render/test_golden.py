"""The small site is compared byte for byte with committed files, so a diff shows what a change does to its pages.

To renew the files after an intended change: `make golden`. Then read the difference before you commit it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.project import NOON, REPOSITORY, Project, tree

GOLDEN = REPOSITORY / "tests" / "golden" / "small"


def differences(expected: Mapping[str, bytes], actual: Mapping[str, bytes]) -> list[str]:
    """Returns a line for each file that is missing, extra or different."""
    lines = [f"missing: {path}" for path in expected if path not in actual]
    lines += [f"extra: {path}" for path in actual if path not in expected]
    lines += [f"changed: {path}" for path in expected if path in actual and expected[path] != actual[path]]
    return sorted(lines)


def renew(folder: Path, files: Mapping[str, bytes]) -> None:
    """Makes the folder contain exactly these files."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def test_the_small_site_is_as_it_was(project: Project, update_golden: bool) -> None:
    """The files of the small site are exactly those in tests/golden/small/, byte for byte."""
    files = project.built(NOON).files

    different = differences(tree(GOLDEN), files)
    if update_golden and different:
        renew(GOLDEN, files)
        pytest.skip(f"golden files renewed, read the difference: {'; '.join(different)}")
    assert len(files) >= 13
    assert different == []


def test_a_difference_is_never_passed_over(tmp_path: Path, project: Project) -> None:
    """The comparison fails if a golden file is missing, extra, or changed by one byte."""
    files = project.built(NOON).files
    renew(tmp_path / "golden", files)
    assert differences(tree(tmp_path / "golden"), files) == []

    (tmp_path / "golden/en/index.html").unlink()
    (tmp_path / "golden/en/404.html").write_bytes(files["en/404.html"][:-1])
    (tmp_path / "golden/more.txt").write_bytes(b"")

    assert differences(tree(tmp_path / "golden"), files) == [
        "changed: en/404.html",
        "extra: en/index.html",
        "missing: more.txt",
    ]


def test_what_is_written_is_what_was_built(project: Project) -> None:
    """`python build.py` writes exactly the golden files."""
    assert project.run("build", "--at", NOON).returncode == 0

    assert differences(tree(GOLDEN), project.published()) == []
