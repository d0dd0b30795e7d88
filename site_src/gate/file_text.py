"""Reads one file for the gate: its texts, hosts, tags and faults, which depend on its bytes and not on the log."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from site_src.cache import Memo
from site_src.gate.markup_reader import Tags, hosts_of, tags_of
from site_src.gate.page_rules import MARKUP_ENDINGS, doubtful_markup, forbidden_content, hosts_named
from site_src.gate.pixels import ENDINGS as PICTURE_ENDINGS
from site_src.gate.pixels import has_only_pixels, printable
from site_src.gate.surface_rules import unfolded
from site_src.scan.decoding import readings
from site_src.scan.folding import View, views
from site_src.scan.qr_codes import CodeReader
from site_src.scan.unpacking import Unsearchable

Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class FileText:
    """Everything that a browser or a person could read in a file.

    `texts` are all readings of the file, without the text that was hidden. The gate looks for addresses in `views`. `hosts`
    are the hosts that the file names, and `loaded` the hosts that a browser contacts without a click because of a tag.
    `faults` are messages about content that no file may have. `whole` is True if nothing was hidden.
    """

    texts: tuple[str, ...]
    views: tuple[View, ...]
    tags: Tags
    hosts: frozenset[str]
    loaded: frozenset[str]
    faults: tuple[str, ...]
    whole: bool


# (published path, bytes, a function that hides open addresses, the pictures that the file may load) → the file's texts
Read = Callable[[str, bytes, Hide, re.Pattern[str] | None], FileText]


def file_text(
    path: str, data: bytes, hide: Hide, pictures: re.Pattern[str] | None, codes: str = ""
) -> FileText:
    """Reads the file at a published path.

    `hide` removes the allowed addresses from each text before the text is decoded further. `pictures` matches the addresses
    of pictures that the file may load. `codes` is the text of the codes in a picture.
    """
    if path.endswith(PICTURE_ENDINGS) and has_only_pixels(data):
        return _picture_text(data, hide, codes)
    whole = True

    def hidden(text: str) -> str:
        nonlocal whole
        rest = hide(text)
        whole = whole and rest == text
        return rest

    text, tags = markup_of(path, data)
    rest = hidden(text)
    faults = list(forbidden_content(text, tags, pictures))
    if path.endswith(PICTURE_ENDINGS):
        faults.append("is not a picture file, or contains data other than pixels. Report this.")
    if path.lower().endswith(MARKUP_ENDINGS):
        faults += doubtful_markup(data, text, tags)
    try:
        texts = tuple(readings(data, hidden))
    except Unsearchable:
        texts = ()
        faults.append(
            "contains packed data that is too large or too deeply nested to be searched. Leave it out."
        )
    return FileText(
        texts=(rest, *texts),
        views=tuple(view for text in texts for view in views(text)),
        tags=tags,
        hosts=hosts_named(rest, tags if rest == text else tags_of(rest)),
        loaded=frozenset(hosts_of(tags.loaded)),
        faults=tuple(faults),
        whole=whole,
    )


def markup_of(path: str, data: bytes) -> tuple[str, Tags]:
    """Returns the text of the file and its tags."""
    text = unfolded(path, data.decode("utf-8", errors="replace"))
    return text, tags_of(text)


def _picture_text(data: bytes, hide: Hide, codes: str) -> FileText:
    """Reads a picture, which has no tags. Only its codes name hosts, because pixels may look like an address by chance."""
    texts = (hide(codes), hide(printable(data).decode()))
    return FileText(
        texts=texts,
        views=tuple(view for text in texts for part in readings(text.encode(), hide) for view in views(part)),
        tags=tags_of(""),
        hosts=hosts_named(texts[0], tags_of("")),
        loaded=frozenset(),
        faults=(),
        whole=texts == (codes, printable(data).decode()),
    )


# A publish judges both trees of the release and some rehearsed ones, so at each publish a path has the same few contents.
_KEPT = 6
_Known = tuple[bytes, re.Pattern[str] | None, Hide, FileText]


class KnownTexts:
    """Calls `file_text`, and caches the result for a process that reads the same files repeatedly.

    Reads a file again if its bytes or its allowed pictures have changed. Also reads it again if `hide` is a different function
    from before, and one of the two functions removes a part of the file.
    """

    def __init__(self, codes: CodeReader | None = None) -> None:
        self._codes = codes or CodeReader(Memo())
        self._known: dict[str, tuple[_Known, ...]] = {}

    def __call__(self, path: str, data: bytes, hide: Hide, pictures: re.Pattern[str] | None) -> FileText:
        """Returns the result of `file_text`, from the cache if possible."""
        known = self._known.get(path, ())
        for *same, hidden_by, text in known:
            if same == [data, pictures] and (
                hide == hidden_by or (text.whole and all(hide(part) == part for part in text.texts))
            ):
                return text
        read = file_text(path, data, hide, pictures, self._codes.read(data))
        self._known[path] = ((data, pictures, hide, read), *known[: _KEPT - 1])
        return read

    def forget(self, path: str) -> None:
        """Removes the file at the path from the cache."""
        self._known.pop(path, None)


_GZIP = 31  # zlib's code for the format of RFC 1952
_FLAGS = 3


def is_packed_form(packed: bytes, original: bytes) -> bool:
    """Returns True if `packed` is one gzip member (RFC 1952) of `original`, without a name, comment or other field."""
    if len(packed) <= _FLAGS or packed[_FLAGS]:
        return False
    reader = zlib.decompressobj(_GZIP)
    try:
        text = reader.decompress(packed, len(original) + 1)
    except zlib.error:
        return False
    return text == original and reader.eof and not reader.unused_data
