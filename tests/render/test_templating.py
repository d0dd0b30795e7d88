"""A compiled template is cached, and is used only if a new compilation would give the same code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import Environment

from site_src.render import templating


@pytest.fixture(params=[True, False], ids=["disk", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one template. Its compiled form is cached on the disk or in memory."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/a.txt").write_text("{% if true %}\n{{ text }}{% endif %}.\n", encoding="utf-8")
    if request.param:
        (tmp_path / "__pycache__").mkdir()
    monkeypatch.setattr(templating, "_HERE", tmp_path)
    monkeypatch.setattr(templating, "_CODE", {})
    monkeypatch.setattr(sys, "dont_write_bytecode", not request.param)
    return tmp_path


def render() -> str:
    """Renders the template in a new environment."""
    return templating.environment().get_template("a.txt").render(text="<")


def test_a_template_is_compiled_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second environment uses the code that the first one compiled, and renders the same text."""
    assert folder.is_dir()
    assert render() == "&lt;.\n"
    monkeypatch.delattr(Environment, "compile")
    assert render() == "&lt;.\n"


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("trim_blocks", False, "\n&lt;.\n"),
        ("keep_trailing_newline", False, "&lt;."),
    ],
)
def test_another_option_compiles_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, option: str, value: bool, expected: str
) -> None:
    """Cached code is not used if the environment has different options."""
    assert folder.is_dir()
    assert render() == "&lt;.\n"
    monkeypatch.setattr(templating, "_OPTIONS", {**templating._OPTIONS, option: value})
    assert render() == expected


def test_another_version_compiles_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cached code is not used if a different version of Jinja or Python compiled it."""
    assert folder.is_dir()
    assert render() == "&lt;.\n"
    monkeypatch.setattr(templating, "fingerprint", lambda *_, **__: "another version")
    monkeypatch.delattr(Environment, "compile")
    with pytest.raises(AttributeError, match="compile"):
        render()


def test_another_source_compiles_again(folder: Path) -> None:
    """A template is compiled again after it was edited."""
    assert render() == "&lt;.\n"
    (folder / "templates/a.txt").write_text("new", encoding="utf-8")
    assert render() == "new"
