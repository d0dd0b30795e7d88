"""Finds the picture files in `content/images/`, which all languages share, and checks their names and extensions."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from types import MappingProxyType

from site_src.read.reader import Reader
from site_src.read.values import SLUG, advise_name

PICTURES = "content/images"
# The extensions of formats that are published, and of other formats that people try.
ENDINGS = (".jpeg", ".jpg", ".png", ".svg", ".webp")
OTHER_ENDINGS = (".avif", ".bmp", ".gif", ".heic", ".heif", ".ico", ".jfif", ".jpe", ".pdf", ".tif", ".tiff")
_DIGITS = 8
# The names of the design's own files.
_RESERVED = frozenset({"icon", "logo", "style"})


def review_digits(data: bytes) -> str:
    """Returns the first digits of the picture file's SHA-256. `pictures_reviewed_by` lists them for each reviewed file."""
    return hashlib.sha256(data).hexdigest()[:_DIGITS]


def is_picture(path: str) -> bool:
    """Returns True if the file name has the extension of a picture format, including formats that are not published."""
    return os.path.splitext(path)[1].lower() in (*ENDINGS, *OTHER_ENDINGS)


def read_pictures(reader: Reader) -> Mapping[str, bytes]:
    """Returns the bytes of each picture file by its name, such as `map.png`. Adds a problem for every other file."""
    found = {}
    for path in reader.tree.paths:
        if not path.startswith(f"{PICTURES}/"):
            continue
        name, data = path.removeprefix(f"{PICTURES}/"), reader.tree.files.get(path)
        if message := _find_fault(name):
            reader.report.error(path, 1, "file-name", message)
        elif data is None:
            reader.report.add(reader.tree.explain_absence(path))
        elif not data:
            reader.report.error(
                path, 1, "empty-file", "is empty. Copy the picture there again, or delete the file."
            )
        else:
            found[name] = data
    return MappingProxyType(found)


def _find_fault(name: str) -> str:
    """Returns why a file with this name cannot be a published picture, or "" if it can."""
    stem, ending = os.path.splitext(name)
    if "/" in name:
        return f"is in a folder below {PICTURES}/. Move it to {PICTURES}/: all pictures are in one folder."
    if ending.lower() in OTHER_ENDINGS:
        return "is not a kind of picture that is published. Save it as PNG, JPEG, WebP or SVG."
    if ending.lower() not in ENDINGS:
        return f"is not a picture. {PICTURES}/ may contain only pictures: move this file, or delete it."
    if ending not in ENDINGS or not SLUG.fullmatch(stem):
        return f"is not the name of a picture. {advise_name(stem, ending.lower(), 'my-picture')}"
    if stem in _RESERVED:
        return (
            f'has the name "{stem}", which is the name of one of the site\'s own files. Choose another name.'
        )
    return ""
