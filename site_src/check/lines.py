"""Finds the lines on which a link, name, heading, footnote or picture was typed, and the texts of a YAML document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any, TypeAlias

from site_src.check.code import without_code
from site_src.problems import Problem, Rule, Severity
from site_src.read.content import Content, TextSource
from site_src.read.settings import PROGRAMMES, SETTINGS_FILE
from site_src.read.text import to_plain
from site_src.read.yaml import Document
from site_src.read.yaml_builder import Location

# A value that pages print: its document, its location there, and the text.
PrintedValue: TypeAlias = tuple[Document, Location, str]
# The printed keys of a file. Every value of other files, such as labels, is printed. So are all reasons and values of facts.
_PRINTED_KEYS = {SETTINGS_FILE: ("title", "organisation")}
_PRINTED_OF_PROGRAMME = ("names", "scheme", "time_zone_names")


def lines_matching(source: TextSource, pattern: str) -> list[int]:
    """Returns the lines on which a match of `pattern` begins, outside code and comments."""
    matches = re.finditer(pattern, without_code(source.body), re.MULTILINE)
    return list(dict.fromkeys(source.line_at(match.start()) for match in matches))


def lines_in_context(source: TextSource) -> Iterator[tuple[int, str, str, str]]:
    """Yields the number of each line of the body, the line above it, the line, and the line below it, without code."""
    lines = ["", *without_code(source.body).split("\n"), ""]
    return zip(count(source.body_line), lines, lines[1:], lines[2:], strict=False)


def lines_of_links(source: TextSource, destination: str) -> list[int]:
    """Returns the lines with a link to exactly this destination, or else the lines that contain the destination."""
    typed = re.escape(destination.removeprefix("mailto:"))
    found = lines_matching(
        source, rf"\]\(<?{typed}(?=[>)\s])|\]:\s*<?{typed}(?=[>\s]|$)|href\s*=\s*[\"\']?{typed}(?=[\"\'\s>])"
    )
    return found or lines_matching(source, typed or r"\]\(\s*\)")


def lines_of_name(source: TextSource, name: str) -> list[int]:
    """Returns the lines that give an element this id or class."""
    typed = re.escape(name)
    in_list = rf"\{{:?[^}}\n]*[#.]{typed}(?=[\s}}])"
    return lines_matching(
        source, rf"{in_list}|\b(?:id|class)\s*=\s*[\"\']?(?:[^\"\'<>]*\s)?{typed}(?=[\"\'\s>}}])"
    )


def lines_of_headings(source: TextSource, level: int | None = None) -> list[int]:
    """Returns the lines of all headings, or of those of one level."""
    from site_src.check.prose import PassageKind, passages  # slow to import, and needed only for a mistake

    headings = (passage for passage in passages(source) if passage.kind is PassageKind.HEADING)
    return [heading.line for heading in headings if level in (None, heading.level)]


def find_almost_note(source: TextSource, name: str, ending: str = "") -> tuple[int, str] | None:
    """Finds the first mark `[^name]`, or footnote if `ending` is ":", that was typed with a look-alike character.

    Returns its line and its characters as typed.
    """
    body = without_code(source.body)
    for match in re.finditer(rf"\[ ?\^ ?{re.escape(name)} ?\]{ending and f' ?{ending}'}", to_plain(body)):
        typed = body[match.start() : match.end()]
        if typed != f"[^{name}]{ending}":
            return source.line_at(match.start()), typed
    return None


def lines_of_picture(source: TextSource, name: str) -> list[int]:
    """Returns the lines that show this picture."""
    found = lines_matching(source, rf"!\[[^\]]*\]\(\s*<?{re.escape(name)}(?=[>)\s])")
    return found or lines_of_links(source, name)


def problems_at(
    source: TextSource, lines: list[int], message: str, rule: Rule, severity: Severity = "error"
) -> Iterator[Problem]:
    """Yields a problem for each of the lines, or one on the first line of the text if there are none."""
    for line in lines or [source.body_line]:
        yield source.problem(line, rule, message, severity)


def printed_values(content: Content) -> Iterator[PrintedValue]:
    """Yields each value of a key that pages print, from front matter, labels, settings and programmes."""
    yield from values_of_texts(content)
    yield from values_of_documents(content)


def values_of_texts(content: Content) -> Iterator[PrintedValue]:
    """Yields each value that pages print from the front matter of pages and notices."""
    for source in content.texts:
        for location, text in texts_in(source.lines):
            if location[0] != "moved_from":
                yield source.lines, location, text


def values_of_documents(content: Content) -> Iterator[PrintedValue]:
    """Yields each value that pages print from labels, settings and programmes."""
    for path, document in content.documents.items():
        of_programme = path.startswith(f"{PROGRAMMES}/")
        keys = _PRINTED_OF_PROGRAMME if of_programme else _PRINTED_KEYS.get(path)
        for location, text in texts_in(document):
            if keys is None or location[0] in keys or "reason" in location or location[-1] == "value":
                yield document, location, text


def texts_in(document: Document) -> Iterator[tuple[Location, str]]:
    """Yields each text of the document with its location."""
    return _texts(document.value, ())


def _texts(value: Any, at: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict | tuple):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(item, (*at, key))
