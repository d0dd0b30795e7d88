"""Advice on raw HTML: what cleaning takes away, and where it stood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from site_src.check.advice.prose import without_code
from site_src.convert.manuscript import Manuscript
from site_src.convert.markdown import ALLOWED_ATTRIBUTES, ALLOWED_TAGS, REMOVED_WITH_CONTENT
from site_src.problems import Problem

_ATTRIBUTE_LIST = re.compile(r"\{:([^{}\n]*)\}")
_KEY = re.compile(r"([\w:-]+)=(?:\"[^\"]*\"|'[^']*'|\S*)")
_TAG_BEFORE = re.compile(r"</?[a-zA-Z!]")


def cleaned(manuscript: Manuscript) -> Iterator[Problem]:
    """Raw HTML is cleaned, so that nothing runs or loads on a page; what was taken away is told, with its line."""
    for source in manuscript.content.texts:
        body = without_code(source.body)
        found = set[tuple[int, str]]()
        if _TAG_BEFORE.search(body):
            reader = _TagReader()
            reader.feed(
                re.sub(r"<(https?://[^<>\s]*|[\w.+-]+@[\w.-]+)>", lambda address: " " * len(address[0]), body)
            )
            reader.close()
            found |= reader.removed
        for match in _ATTRIBUTE_LIST.finditer(body):
            line = 1 + body.count("\n", 0, match.start())
            for key in _KEY.findall(match[1]):
                if key not in ALLOWED_ATTRIBUTES["*"]:
                    found.add((line, f'the attribute "{key}" is left out. Only .class, #id and lang stay.'))
        for line, message in sorted(found):
            yield Problem(source.path, source.body_line + line - 1, message, "cleaned-html", "warning")


class _TagReader(HTMLParser):
    """Notes each tag and attribute that the cleaner would not let pass, with the line of the text."""

    def __init__(self) -> None:
        super().__init__()
        self.removed: set[tuple[int, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each start tag, with its name in small letters."""
        line = self.getpos()[0]
        if tag in REMOVED_WITH_CONTENT:
            self.removed.add((line, f"<{tag}> is left out, with all that stands in it. Delete it."))
        elif tag != "img" and tag not in ALLOWED_TAGS:  # pictures are an error of their own
            self.removed.add(
                (line, f"<{tag}> is left out; the text in it stays. Use Markdown, or delete the tag.")
            )
        else:
            allowed = ALLOWED_ATTRIBUTES["*"] | ALLOWED_ATTRIBUTES.get(tag, set())
            for name, _ in attrs if tag != "img" else ():
                if name not in allowed:
                    self.removed.add((line, f'the attribute "{name}" of <{tag}> is left out. Delete it.'))
