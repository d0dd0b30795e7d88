"""`check` warns when the root of the keys will soon expire, because web servers refuse what an expired root signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_src.bucket.roots import WARN_DAYS, make_keys
from site_src.commands.keys import _WARN_DAYS, find_expiry
from tests.support.commands import command
from tests.support.project import Project


@pytest.mark.parametrize(
    ("days", "code", "said"), [(20, 0, "warning: expires in 19 days"), (40, 0, ""), (-1, 1, "has expired")]
)
def test_a_root_that_expires_soon_is_named(
    project: Project, tmp_path: Path, days: int, code: int, said: str
) -> None:
    """A root of the keys that expires soon gives a warning with the command to type. An expired root is an error."""
    (project.root / "keys").mkdir()
    root = make_keys(tmp_path / "root", tmp_path / "online", days)
    (project.root / "keys/1.root.json").write_bytes(root)
    done = command(project, "check")

    assert done.returncode == code
    assert (f"keys/1.root.json:1: {said}" if said else "") in done.stderr
    assert ("keys rotate" in done.stderr) is bool(said)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"signed": {"expires": "soon"}}', '{"signed": {"expires": 5}}']
)
def test_a_broken_root_is_named(project: Project, text: str) -> None:
    """A root of the keys that cannot be read is an error."""
    (project.root / "keys").mkdir()
    (project.root / "keys/2.root.json").write_text(text)

    assert [problem.severity for problem in find_expiry(project.opened)] == ["error"]


def test_both_warnings_come_at_once() -> None:
    """`check` and `keys check` begin to warn on the same day before a root expires."""
    assert _WARN_DAYS == WARN_DAYS
