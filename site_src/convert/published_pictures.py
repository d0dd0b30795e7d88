"""Converts the picture files of the content. The memo keeps the results. The name of each published file contains a hash of its bytes.

Pillow is an extra, and is imported only for a new PNG, JPEG or WebP file. A closing never waits for it: see
`convert_pictures`.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from site_src.cache import Memo, digest, fingerprint
from site_src.problems import Problem, Report
from site_src.read.picture_files import PICTURES

_HASH_DIGITS = 12
_MISSING_LIBRARY = "needs Pillow, which is not installed here. Install it: make extra-pictures"
_NOT_YET = (
    "is new, and a change of state does not wait for a picture, so pages show its alternative text. "
    "To show the picture, run: python build.py publish"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A published picture: its size in pixels, and its files by published path, such as `assets/map.<hash>.webp`.

    Every browser can show the last file. The files before it are smaller, for browsers that know their format.
    """

    width: int
    height: int
    files: Mapping[str, bytes]


def is_decorative(alt: str) -> bool:
    """Returns True for `![decorative](…)`, a picture that adds nothing to the text and that screen readers skip."""
    return alt.strip().lower() == "decorative"


def convert_pictures(
    sources: Mapping[str, bytes], memo: Memo, report: Report, waits: bool = True
) -> Mapping[str, Picture | None]:
    """Maps the name of each picture file to its picture.

    Maps a file that cannot be used to None, and adds a problem to `report`. Without `waits`, does the same for a PNG,
    JPEG or WebP file that is not in the memo.
    """
    return MappingProxyType(
        {name: _convert_one(name, data, memo, report, waits) for name, data in sources.items()}
    )


def _convert_one(name: str, data: bytes, memo: Memo, report: Report, waits: bool) -> Picture | None:
    path, (stem, ending) = f"{PICTURES}/{name}", os.path.splitext(name)
    if ending == ".svg":
        code = fingerprint("site_src.convert.vector")
    elif find_spec("PIL"):
        code = fingerprint("site_src.convert.raster", libraries=("pillow",))
    else:
        report.add(Problem(path, 1, _MISSING_LIBRARY, "picture", "error" if waits else "warning"))
        return None
    key = digest("picture", code, ending, data)
    if not waits and ending != ".svg" and key not in memo:
        report.add(Problem(path, 1, _NOT_YET, "picture", "warning"))
        return None
    kept = memo.get(key, lambda: _convert(data, ending))
    if "fault" in kept:
        report.error(path, int(kept["line"]), "picture", str(kept["fault"]))
        return None
    return _load(stem, kept)


def _convert(data: bytes, ending: str) -> dict[str, Any]:
    """Returns a JSON value: the picture's size and files, or a message about the file and its line."""
    if ending == ".svg":
        from site_src.convert.vector import UnusableDrawing, redraw

        try:
            width, height, drawing = redraw(data)
        except UnusableDrawing as error:
            return {"fault": error.message, "line": error.line}
        files = {".svg": drawing}
    else:
        from site_src.convert.raster import UnusablePicture, encode

        try:
            width, height, files = encode(data, ending)
        except UnusablePicture as error:
            return {"fault": str(error), "line": 1}
    packed = {ending: base64.b64encode(file).decode() for ending, file in files.items()}
    return {"width": width, "height": height, "files": packed}


def _load(stem: str, kept: Mapping[str, Any]) -> Picture:
    files = {}
    for ending, packed in kept["files"].items():
        data = base64.b64decode(packed)
        files[f"assets/{stem}.{hashlib.sha256(data).hexdigest()[:_HASH_DIGITS]}{ending}"] = data
    return Picture(int(kept["width"]), int(kept["height"]), MappingProxyType(files))
