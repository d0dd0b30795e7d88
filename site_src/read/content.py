"""Defines `Content`: the settings, programmes, labels, notices, pages, pictures and logo of a site, as read from `content/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from site_src.problems import Problem, Rule, Severity
from site_src.read.dated_blocks import DatedBlock
from site_src.read.input_keys import Fact, NoticeMeta, PageMeta, Programme, Settings
from site_src.read.labels import Labels
from site_src.read.settings import PROGRAMMES, SETTINGS_FILE
from site_src.read.yaml import Document
from site_src.states import State

HOME, STATUS = "", "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A Markdown file: `lines` is its front matter, and `body` is the Markdown below it, which begins on line `body_line`."""

    path: str
    lines: Document
    body: str
    body_line: int
    blocks: tuple[DatedBlock, ...] = ()

    @property
    def language(self) -> str:
        """Returns the language of the text, which is the name of its folder."""
        return self.path.split("/")[1]

    def path_in(self, language: str) -> str:
        """Returns the path of the same text in `language`."""
        return f"content/{language}/{self.path.split('/', 2)[2]}"

    def line_at(self, offset: int) -> int:
        """Returns the line of the file that contains the character at `offset` of the body."""
        return self.body_line + self.body.count("\n", 0, offset)

    def problem(self, line: int, rule: Rule, message: str, severity: Severity = "error") -> Problem:
        """Returns a problem on a line of the file."""
        return Problem(self.path, line, message, rule, severity)

    def warning(self, line: int, rule: Rule, message: str) -> Problem:
        """Returns a warning on a line of the file."""
        return self.problem(line, rule, message, "warning")

    def about_block(
        self, block: DatedBlock, rule: Rule, message: str, severity: Severity = "error"
    ) -> Problem:
        """Returns a problem with a dated block, on its first line."""
        return self.problem(self.body_line + block.opened, rule, f"{block.typed}: {message}", severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSource(_Text):
    """The name and explanation of a state in one language."""

    meta: NoticeMeta


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSource(_Text):
    """One page in one language. `slug` is "" for the home page, otherwise a path such as `guides/money`."""

    slug: str
    meta: PageMeta


TextSource = PageSource | NoticeSource


@dataclass(frozen=True, slots=True)
class Content:
    """All content that was read. `unreadable` lists the paths of files with errors, so that checks skip them.

    `logo` is the text of the owner's SVG file, or None. `pictures` maps the name of each picture file to its bytes.
    """

    settings: Settings
    programmes: Mapping[str, Programme]
    labels: Mapping[str, Labels]
    notices: Mapping[tuple[str, State], NoticeSource]
    pages: tuple[PageSource, ...]
    documents: Mapping[str, Document]
    unreadable: frozenset[str]
    logo: str | None
    pictures: Mapping[str, bytes]

    @property
    def texts(self) -> tuple[TextSource, ...]:
        """Returns all pages and notices."""
        return (*self.pages, *self.notices.values())

    @property
    def facts(self) -> list[tuple[Document, str, Fact]]:
        """Returns each fact with its file and its name."""
        files = {SETTINGS_FILE: self.settings.facts}
        files |= {f"{PROGRAMMES}/{id}.yaml": programme.facts for id, programme in self.programmes.items()}
        return [
            (self.documents[path], name, fact)
            for path, facts in files.items()
            for name, fact in facts.items()
        ]

    @property
    def starter_hosts(self) -> frozenset[str]:
        """Returns the hosts of all conversation starters."""
        addresses = (programme.conversation_starter.values() for programme in self.programmes.values())
        return frozenset(urlsplit(address).netloc for group in addresses for address in group)
