"""How the code hangs together: the map in site_src/__init__.py is true, and commands import little."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import site_src
from tests.project import REPOSITORY

SOURCES = REPOSITORY / "site_src"
HEAVY = ("pydantic", "yaml", "jinja2", "markdown", "babel", "nh3", "markupsafe", "difflib", "zoneinfo")


def drawn_map() -> dict[str, tuple[int, int]]:
    """Each name on the map with its line and its place on that line."""
    lines = [line.split() for line in (site_src.__doc__ or "").splitlines() if line.startswith("    ")]
    places = {name: (row, column) for row, line in enumerate(lines) for column, name in enumerate(line[1:])}
    assert len(places) == sum(len(line) - 1 for line in lines), "a name stands twice on the map"
    return places


def modules() -> dict[str, Path]:
    """Every module by its dotted name below site_src; `checks` and `commands` are packages."""
    files = {}
    for file in sorted(SOURCES.rglob("*.py")):
        parts = file.relative_to(SOURCES).with_suffix("").parts
        files[".".join(part for part in parts if part != "__init__")] = file
    files.pop("")
    return files


def imported(file: Path) -> Iterator[str]:
    """The modules below site_src that the file imports, anywhere in it, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (
                alias.name.partition(".")[2] for alias in node.names if alias.name.split(".")[0] == "site_src"
            )
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relative to itself"
            if node.module == "site_src":
                yield from (alias.name for alias in node.names)
            elif node.module and node.module.startswith("site_src."):
                yield node.module.removeprefix("site_src.")


def test_the_map_shows_every_module_once() -> None:
    """Every module, or its package, stands on the map, and everything on the map is there."""
    assert set(drawn_map()) == {name.split(".")[0] for name in modules()}
    assert len(drawn_map()) > 20


@pytest.mark.parametrize("name", modules())
def test_imports_only_go_down_the_layers(name: str) -> None:
    """A module imports only from lines above its own, from the left on its own line, and from its own package."""
    places = drawn_map()
    own = name.split(".", 1)[0]

    wrong = [
        other
        for other in imported(modules()[name])
        if not (places[other.split(".", 1)[0]] < places[own] or other.split(".", 1)[0] == own)
    ]

    assert wrong == []


def test_most_modules_import_others() -> None:
    """The rule above is about many imports, not about none."""
    assert sum(len(list(imported(file))) for file in modules().values()) > 60


def test_no_package_goes_round_in_circles() -> None:
    """Inside a package no module imports itself by way of others."""
    graph = {name: {other for other in imported(file) if other != name} for name, file in modules().items()}

    def below(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " imports ".join((*path, name))
        for other in sorted(graph.get(name, ())):
            below(other, (*path, name))

    for name in graph:
        below(name, ())


@pytest.mark.parametrize(
    "command",
    ["import site_src.cli", "import site_src.cli; site_src.cli._parser().format_help()"],
    ids=["import", "help"],
)
def test_the_command_line_imports_nothing_slow(command: str) -> None:
    """To read the words of a command, no library is loaded; a command loads what it needs."""
    done = subprocess.run(
        [sys.executable, "-c", f"{command}; import sys; print(*sys.modules)"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "site_src" in loaded
    assert loaded & set(HEAVY) == set()
