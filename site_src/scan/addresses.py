"""Finds conversation starters' addresses in disguised text: by host and path, or by the host alone if pages may not link to it.

A match is excused only if it is the whole address of a programme whose link is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from site_src.scan.decoding import readings
from site_src.scan.folding import View, fold, similar, views
from site_src.scan.needles import Needle, Needles

AROUND = 60
# The end of an address: a character that cannot be part of one, after optional marks that close a sentence or bracket.
_END = r"(?=[)\].,;:!?*]*(?:[\s\"'<>^`{|}]|\\[\"'nNrt]|&(?:quot|lt|gt|apos|nbsp|\#34|\#39|\#x22|\#x27);|\Z))"
# How pages, feeds and calendars may write these characters of an address.
_WRITTEN = {"&": r"(?:&|&amp;|&\#38;|\\u0026)", "/": r"\\?/", ",": r"\\?,", ";": r"\\?;"}
# What may be inside an address but is ignored, and runs of slashes.
_BETWEEN = r"(?:\s|<[^<>]*>)*"
_SLASH = r"[/\\]+"
_FILE_ENDING = re.compile(r"(?:/(?:index|default))?\.(?:html?|php|aspx?|jsp)$")
# The line folding of calendars.
_FOLD = r"(?:\r\n[ \t])?"
_LINE_FOLD = re.compile(r"\r\n[ \t]")
_PORT = re.compile(r"(?<=[a-z0-9])(?:\.?:\d*|\.)(?=[/?#])")
_PARENT = re.compile(r"\.\.(?![\w.])")
# A private-use character replaces an excused address: this one or one after it.
_FIRST_MARK = 0xF0000


@dataclass(frozen=True, slots=True)
class Finding:
    """A forbidden address, its programme, and the text around it as compared (folded, possibly decoded)."""

    programme: str
    address: str
    around: str


class AddressScanner:
    """Finds every address in `closed` (by programme), except the addresses in `open`.

    Pages may link to `linkable_hosts` for other reasons, so such a host alone is not a finding.
    """

    def __init__(
        self, closed: Mapping[str, Iterable[str]], open: Iterable[str], linkable_hosts: Iterable[str]
    ) -> None:
        linkable = frozenset(linkable_hosts)
        forbidden = {address: programme for programme, addresses in closed.items() for address in addresses}
        found: dict[str, Needle] = {}
        for address, programme in forbidden.items():
            plain_host, path, _ = _parts(address)
            for host in _forms(plain_host):
                # Most hosts also work without www, and many paths also without the file's extension.
                short_host, short_path = host.removeprefix("www."), _FILE_ENDING.sub("", path) or path
                found[host + path] = Needle(programme, address, short_host, short_path)
                if plain_host not in linkable:
                    found.setdefault(host, Needle(programme, address, host, ""))
        # Longer needles first, so that a finding names the programme that has the path.
        needles = [
            replace(found[text], rank=rank) for rank, text in enumerate(sorted(found, key=len, reverse=True))
        ]
        self._needles = Needles(needles)
        self._hosts = sorted({needle.host for needle in needles})
        # The longest part of each host without a hyphen, so that no dash can replace one of its characters.
        self._clues = {similar(max(host.split("-"), key=len)) for host in self._hosts}
        shown = sorted(set(open), reverse=True)
        self._open_hosts = {_parts(address)[0] for address in shown}
        self._marked = {
            chr(_FIRST_MARK + number): "".join(_parts(address)[:2]).split("/")
            for number, address in enumerate(shown)
        }
        self._mark = re.compile(f"[{''.join(self._marked)}]" if shown else "(?!)")
        self._shown, self._forbidden = shown, {_bare(address) for address in forbidden}

    @cached_property
    def _open(self) -> re.Pattern[str]:
        return self._excuse("")

    @cached_property
    def _open_folded(self) -> re.Pattern[str]:
        return self._excuse(_FOLD)

    def _excuse(self, fold_mark: str) -> re.Pattern[str]:
        """Returns a pattern with a group for each address that may be shown."""
        groups = (f"({_excused(address, self._forbidden, fold_mark)})" for address in self._shown)
        return re.compile(rf"(?<![\w.-])(?:{'|'.join(groups)})", re.IGNORECASE)

    def find(self, data: bytes) -> Iterator[Finding]:
        """Yields the findings in `data` in any encoding, at most one for each needle. Raises Unsearchable."""
        texts = readings(data, self.without_open) if self._hosts else ()
        return self.find_in(view for text in texts for view in views(text))

    def find_in(self, views: Iterable[View]) -> Iterator[Finding]:
        """Yields the findings in the views (see `folding`) of decoded texts."""
        found: dict[Needle, Finding] = {}
        for spaced, bare in views:
            alike = similar(bare)
            # Every needle contains a host, so a file without any of the hosts needs no further search.
            if any(clue in alike for clue in self._clues) or ("/.." in bare and self._mark.search(bare)):
                for variant in dict.fromkeys((bare, self._resolved(bare))):
                    self._search(variant, found, spread=False)
                for variant in dict.fromkeys((spaced, self._resolved(spaced))):
                    self._search(variant, found, spread=True)
        with_path = {needle.host for needle in found if needle.path}
        for needle, finding in found.items():
            if needle.path or needle.host.removeprefix("www.") not in with_path:
                yield finding

    def _search(self, text: str, found: dict[Needle, Finding], *, spread: bool) -> None:
        alike = similar(text)
        for needle in self._needles.select(alike):
            pattern = needle.spread if spread else needle.pattern
            if needle not in found and pattern and (hit := pattern.search(alike)):
                found[needle] = Finding(needle.programme, needle.address, self._around(text, hit))

    def without_open(self, text: str) -> str:
        """Returns the text with a mark in place of each address that may be shown."""
        if not self._open_hosts:
            return text
        whole = _LINE_FOLD.sub("", text)
        small = whole.lower()
        if not any(host in small for host in self._open_hosts):
            return text
        pattern = self._open if whole == text else self._open_folded
        return pattern.sub(lambda found: chr(_FIRST_MARK + (found.lastindex or 1) - 1), text)

    @property
    def marks(self) -> frozenset[str]:
        """Returns the marks that `without_open` inserts."""
        return frozenset(self._marked)

    def _around(self, text: str, hit: re.Match[str]) -> str:
        around = text[max(hit.start() - AROUND, 0) : hit.end() + AROUND]
        return " ".join(self._mark.sub("…", around).split())

    def _resolved(self, text: str) -> str:
        """Returns the text with each address as a browser resolves it: without ports, double slashes, and `.` and `..` segments."""
        text = re.sub(r"(?<!:)/(?:\.?/)+", "/", _PORT.sub("", text))
        if "/.." not in text:
            return text
        segments: list[str] = []
        for segment in text.split("/"):
            if segments and _PARENT.match(segment):
                if mark := self._mark.search(segments[-1]):
                    segments[-1:] = [segments[-1][: mark.start()], *self._marked[mark[0]]]
                if segments[-1] and not segments[-1].endswith(tuple(self._hosts)):
                    segments.pop()
                segments += filter(None, [segment[2:]])
            else:
                segments.append(segment)
        return "/".join(segments)


def overlap(first: str, second: str) -> bool:
    """Returns True if two addresses lead to the same form.

    They do if their hosts and paths are equal, and their queries are equal or one is empty.
    """
    (host, path, query), (other_host, other_path, other_query) = _parts(first), _parts(second)
    return (host, path) == (other_host, other_path) and not (query and other_query and query != other_query)


def plain_forms(addresses: Iterable[str], linkable_hosts: Iterable[str]) -> frozenset[bytes]:
    """Returns each address in lower case as it is usually written: host and path, or only the host if pages may not link to it."""
    linkable = frozenset(linkable_hosts)
    parts = [_parts(address)[:2] for address in addresses]
    return frozenset((host + path if host in linkable else host).encode() for host, path in parts)


def carries(address: str, other: str) -> bool:
    """Returns True if the path or query of `address` contains the address `other`."""
    host, path, _ = _parts(other)
    return host + path in "".join(_parts(address)[1:])


# Each scanner splits all addresses of the site several times.
@lru_cache(maxsize=1024)
def _parts(address: str) -> tuple[str, str, str]:
    """Splits an address into host, path without `.`, `..` and final slash, and query with "?".

    Folds and percent-decodes each part.
    """
    parts = urlsplit(address)
    path = normpath(f"/{_decoded(parts.path).lstrip('/')}").rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    return fold(parts.netloc), fold(path), fold(_decoded(query))


def _forms(host: str) -> set[str]:
    """Returns the host and its Unicode form (RFC 3490)."""
    try:
        return {host, fold(host.encode().decode("idna"))}
    except UnicodeError:
        return {host}


def _decoded(text: str) -> str:
    while (plain := unquote(text)) != text:
        text = plain
    return text


def _excused(address: str, forbidden: Iterable[str], fold_mark: str) -> str:
    """Returns a pattern for an address that may be shown, unless it is the beginning of an address of `forbidden`.

    The addresses of `forbidden` are as `_bare` returns them. `fold_mark` is a pattern for what may be between any two
    characters of the address.
    """
    shown = _bare(address)
    unless = "".join(
        f"(?!{''.join(_BETWEEN + (_SLASH if sign == '/' else re.escape(sign)) for sign in rest)})"
        for rest in sorted(other.removeprefix(shown) for other in forbidden if other.startswith(shown))
        if rest
    )
    written = fold_mark.join(_WRITTEN.get(character, re.escape(character)) for character in shown)
    return rf"{written}{unless}(?:\\?/)?{_END}"


def _bare(address: str) -> str:
    """Returns the address without its scheme and without a final slash."""
    return address.partition("://")[2].rstrip("/")
