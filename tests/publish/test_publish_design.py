"""A closing needs neither the present templates nor the present settings, because a release keeps its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from site_src.render import templating
from tests.support.commands import command
from tests.support.published import Target


@pytest.fixture
def design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the templates and static files that tests may break."""
    folder = tmp_path / "render"
    for name in ("templates", "static"):
        shutil.copytree(templating._HERE / name, folder / name)
    monkeypatch.setattr(templating, "_HERE", folder)
    monkeypatch.setattr(templating, "_CODE", {})
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return folder


def add(text: str) -> Callable[[Path], object]:
    """Puts text into the template that every page uses."""

    def write(design: Path) -> None:
        base = design / "templates/base.html"
        base.write_text(base.read_text() + text)

    return write


@pytest.mark.parametrize(
    "break_it",
    [
        add("{{ a_name_that_only_newer_code_knows }}"),
        add("{{ site.languages.nothing.here }}"),
        add("{% if %}"),
        lambda design: (design / "templates/base.html").unlink(),
        lambda design: (design / "templates/base.html").write_bytes(b"\xff"),
    ],
    ids=["unknown-name", "unknown-part", "syntax", "gone", "no-text"],
)
def test_a_closing_does_not_wait_for_templates(
    target: Target, design: Path, break_it: Callable[[Path], object]
) -> None:
    """If this code cannot use the present templates, a closing uses the templates of the live release."""
    target.project.set_log("japan", "open 2026-04-01 00:00")
    target.published()
    break_it(design)

    change(target, "quota_reached", False)
    assert target.command("releases", "--verify").returncode == 0


def test_no_change_waits_for_templates(target: Target, design: Path) -> None:
    """An opening and a second closing also use the templates of the release."""
    target.published()
    add("{% if %}")(design)

    for state, shown in (("places_available", True), ("suspended", False)):
        change(target, state, shown)
    assert target.command("releases", "--verify").returncode == 0


def change(target: Target, state: str, shown: bool) -> None:
    """Publishes the state over the last good content, and checks that visitors see or do not see the link."""
    words = ("quota", "set", "japan", state, "--yes", "--publish", str(target.folder))
    assert command(target.project, *words).returncode == 4
    assert target.shows_link() == shown


def test_a_template_that_was_changed_in_the_release_is_not_used(target: Target, design: Path) -> None:
    """If somebody edited a release's kept templates, a publish does not run them."""
    command(target.project, "quota", "set", "japan", "open", "--yes", "--publish", str(target.folder))
    (design / "templates/base.html").write_text("{% if %}")
    (target.folder / "current/inputs/design/templates/base.html").write_text("{{ 7 * 7 }}")
    words = ("quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder))

    assert command(target.project, *words).returncode == 1
    assert target.shows_link()


def test_a_closing_does_not_wait_for_the_settings(target: Target) -> None:
    """Without `content/site.yaml`, a change is noted in the time zone that the live release keeps, and is published."""
    command(target.project, "quota", "set", "japan", "open", "--yes", "--publish", str(target.folder))
    (target.project.root / "content/site.yaml").unlink()
    words = ("quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder))

    done = command(target.project, *words)

    assert done.returncode == 4, done.stderr
    assert not target.shows_link()
    assert "content/site.yaml:1: is missing" in done.stderr


def test_without_settings_anywhere_nothing_is_guessed(target: Target) -> None:
    """If no release keeps a time zone either, a change is refused, and the message names the missing setting."""
    (target.project.root / "content/site.yaml").unlink()
    done = command(target.project, "quota", "set", "japan", "suspended", "--yes")

    assert done.returncode == 1
    assert "content/site.yaml:1: is missing" in done.stderr


def test_a_new_design_is_rehearsed_closed(
    target: Target, design: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publish with another template rehearses the closing of each link that stays shown."""
    target.project.set_log("japan", "open 2026-01-01 00:00")
    target.published()
    rehearsed: list[frozenset[str]] = []
    monkeypatch.setattr(
        "site_src.publish.publisher.rehearse_closings", lambda *given: rehearsed.append(given[-2])
    )
    add("<!-- changed -->")(design)
    target.published()

    assert len(rehearsed) == 1
    assert "japan" in rehearsed[0]
