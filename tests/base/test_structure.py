"""The map in site_src/__init__.py is true, and commands import only what they need."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import site_src
from tests.support.project import REPOSITORY

SOURCES = REPOSITORY / "site_src"
HEAVY = ("pydantic", "yaml", "jinja2", "markdown", "babel", "nh3", "markupsafe", "difflib", "zoneinfo")


def read_map() -> dict[str, int]:
    """Maps each package or module of the map to the number of its line. `base` has line 0."""
    lines = [line.split()[1:] for line in (site_src.__doc__ or "").splitlines() if line.startswith("    ")]
    return {name: row for row, line in enumerate(lines) for name in line}


@cache
def list_modules() -> Mapping[str, Path]:
    """Returns the dotted name, below site_src, of every module."""
    files = {}
    for file in sorted(SOURCES.rglob("*.py")):
        parts = file.relative_to(SOURCES).with_suffix("").parts
        files[".".join(part for part in parts if part != "__init__")] = file
    files.pop("")
    return files


@cache
def list_nodes(file: Path) -> tuple[ast.AST, ...]:
    """Returns every node of the file's syntax tree, at any depth."""
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


@cache
def list_imports(file: Path) -> tuple[str, ...]:
    """Returns the modules below site_src that the file imports, even inside functions."""
    return tuple(_find_imports(file))


def _find_imports(file: Path) -> Iterator[str]:
    for node in list_nodes(file):
        if isinstance(node, ast.Import):
            yield from (
                alias.name.partition(".")[2] for alias in node.names if alias.name.split(".")[0] == "site_src"
            )
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relative to itself"
            if node.module == "site_src":
                yield from (alias.name for alias in node.names if alias.name in list_modules())
            elif node.module and node.module.startswith("site_src."):
                whole = [f"{node.module}.{alias.name}".removeprefix("site_src.") for alias in node.names]
                yield from (
                    name if name in list_modules() else node.module.removeprefix("site_src.")
                    for name in whole
                )


def test_the_map_names_every_package_once() -> None:
    """The map names exactly the packages and top-level modules that exist."""
    assert set(read_map()) == {name.split(".")[0] for name in list_modules()}


@pytest.mark.parametrize("package", read_map())
def test_a_package_imports_only_from_lines_above(package: str) -> None:
    """A package imports only from itself and from lines above it in the map.

    On the first line of the map, a module also imports from the modules to its left.
    """
    places = read_map()
    order = list(places)
    found = [
        (name, other)
        for name, file in list_modules().items()
        if name.split(".")[0] == package
        for other in (imported.split(".")[0] for imported in list_imports(file))
        if other != package
    ]

    wrong = [
        (name, other)
        for name, other in found
        if not (
            places[other] < places[package]
            or (
                len({places[other], places[package]}) == 1
                and order.index(other) < order.index(package)
                and "." not in name
            )
        )
    ]

    assert wrong == []


def test_most_modules_import_others() -> None:
    """The rule for imports is tested on more than 200 imports."""
    assert sum(len(list_imports(file)) for file in list_modules().values()) > 200


def test_the_gate_alone_verifies() -> None:
    """Only the gate creates `Verified`, so nothing is published that the gate has not accepted."""
    makers = {
        name
        for name, file in list_modules().items()
        for node in list_nodes(file)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Verified"
    }

    assert makers == {"gate.gate"}


def test_no_module_imports_itself_by_way_of_others() -> None:
    """There are no import cycles."""
    graph = {
        name: {other for other in list_imports(file) if other != name}
        for name, file in list_modules().items()
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " imports ".join((*path, name))
        if name not in done:
            for other in sorted(graph.get(name, ())):
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_the_gate_knows_nothing_of_what_it_judges() -> None:
    """The gate does not import, even indirectly, a module that decides, assembles or renders what the gate judges."""
    seen: set[str] = set()
    waiting = {name for name in list_modules() if name.split(".")[0] == "gate"}
    assert len(waiting) > 5
    while waiting:
        seen |= waiting
        waiting = {other for name in waiting for other in list_imports(list_modules()[name])} - seen

    assert "convert.markup" in seen
    judged = {name for name in seen if name.split(".")[0] in ("site", "render", "check", "builder")}
    assert judged == {"check.inputs"}, "the inputs, a value without behaviour, are all that it may know"
    assert not {"quota.decision", "quota.status"} & seen


@pytest.mark.parametrize(
    "command",
    ["import site_src.cli", "import site_src.cli; site_src.cli._parser().format_help()"],
    ids=["import", "help"],
)
def test_the_command_line_imports_nothing_slow(command: str) -> None:
    """The command line is parsed without any library."""
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


@pytest.mark.parametrize("module", ["quota_change, quota_ask", "quota_show", "hide_first"])
def test_a_question_loads_nothing_that_builds(module: str) -> None:
    """An operator's command asks its question without loading templates, Markdown or the gate."""
    done = subprocess.run(
        [sys.executable, "-c", f"from site_src.commands import {module}; import sys; print(*sys.modules)"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(done.stdout.split())
    assert "site_src.read.project" in loaded
    assert loaded.isdisjoint({"jinja2", "markdown", "babel", "site_src.builder", "site_src.gate.gate"})
