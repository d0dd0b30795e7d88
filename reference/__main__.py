"""Writes `schemas/*.json`, the tables of docs/reference.md, and docs/modules.md."""

from __future__ import annotations

import sys

from reference.keys import PAGE, make_page
from reference.modules import PAGE as MODULES_PAGE
from reference.modules import list_order, make_modules_page
from reference.schemas import FOLDER, make_schemas


def main() -> int:
    """Writes the files and prints their paths."""
    FOLDER.mkdir(exist_ok=True)
    texts = {FOLDER / name: text for name, text in make_schemas().items()}
    texts[PAGE] = make_page(PAGE.read_text(encoding="utf-8"))
    texts[MODULES_PAGE] = make_modules_page(list_order())
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
