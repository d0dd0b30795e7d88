"""The build backend that pyproject.toml names: `pip wheel .` and `pip install .` end with this message."""

import sys
from typing import NoReturn


def build_wheel(*_: object, **__: object) -> NoReturn:
    """Refuses to build a package."""
    sys.exit(
        "Quotabord is not a package: it runs from its checkout. Type: make site; then: .venv/bin/python build.py …"
    )


get_requires_for_build_wheel = get_requires_for_build_editable = get_requires_for_build_sdist = build_wheel
build_editable = build_sdist = build_wheel
