"""Generates docs/modules.md: every module of `site_src/` with the first sentence of its docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "site_src"
PAGE = ROOT / "docs" / "modules.md"
_HEAD = """# Which file?

Every module of `site_src/`, with the first sentence of its docstring; `make schemas` renews this page. The packages are in the order
of the work, and each imports only from those above it.
"""


def make_modules_page(order: list[str]) -> str:
    """Returns the text of docs/modules.md. `order` contains the names of packages and top-level modules, in order."""
    places = {name: place for place, name in enumerate(order)}
    folders: dict[str, list[Path]] = {}
    for file in sorted(SOURCES.rglob("*.py")):
        folders.setdefault(file.parent.relative_to(SOURCES).as_posix(), []).append(file)
    pieces = [_HEAD]
    for folder in sorted(folders, key=lambda name: (places.get(name.split("/")[0], -1), name)):
        title = f"`site_src/{folder}/`" if folder != "." else "`site_src/`"
        pieces.append(
            f"\n## {title}\n\n{read_sentence(SOURCES / folder / '__init__.py')}\n\n| file | what |\n|---|---|\n"
        )
        pieces += [f"| `{name}` | {sentence} |\n" for name, sentence in _list_rows(folders[folder])]
    return "".join(pieces)


def _list_rows(files: list[Path]) -> Iterator[tuple[str, str]]:
    for file in files:
        if file.name != "__init__.py":
            yield file.name, read_sentence(file).replace("|", "\\|")


def read_sentence(file: Path) -> str:
    """Returns the first sentence of the module's docstring."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=\.)\s", " ".join(text.split("\n\n")[0].split()), maxsplit=1)[0]


def list_order() -> list[str]:
    """Returns the names of the packages and top-level modules, in the order of the map in `site_src/__init__.py`."""
    text = ast.get_docstring(ast.parse((SOURCES / "__init__.py").read_text(encoding="utf-8"))) or ""
    return [name for line in text.splitlines() if line.startswith("    ") for name in line.split()[1:]]
