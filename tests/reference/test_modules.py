"""docs/modules.md lists every module, so that a newcomer finds the right file."""

from __future__ import annotations

import re

from reference.modules import PAGE, SOURCES, list_order, make_modules_page, read_sentence


def test_the_page_is_made_from_the_modules() -> None:
    """docs/modules.md is what `make schemas` writes: each module with the first sentence of its docstring."""
    page = PAGE.read_text(encoding="utf-8")
    modules = [file for file in SOURCES.rglob("*.py") if file.name != "__init__.py"]

    assert page == make_modules_page(list_order())
    assert len(re.findall(r"^\| `[a-z_]+\.py` \|", page, re.MULTILINE)) == len(modules) > 100
    assert not [file for file in modules if len(read_sentence(file)) < 15]
