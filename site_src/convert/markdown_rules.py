"""Changes rules of Python-Markdown for tags, years, tables, footnotes and ids, so that no typed text is lost.

Each function changes one rule of a converter that `markdown` sets up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

import markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.tables import TableProcessor
from markdown.extensions.toc import slugify_unicode
from markdown.inlinepatterns import InlineProcessor, SubstituteTagInlineProcessor
from markdown.treeprocessors import Treeprocessor

from site_src.convert.markup import FRAME_IDS

# The elements of past and present HTML. Any other word between "<" and ">" is prose.
_ELEMENTS = """
a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br button
canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset
figcaption figure font footer form frame frameset g h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins
kbd label legend li link main map mark marquee math menu meta meter nav nobr noembed noframes noscript object ol optgroup
option output p param path picture plaintext portal pre progress q rb rp rt rtc ruby s samp script search section select
slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title
tr track tt u ul var video wbr xml xmp
""".split()
_SWITCHES = """
async autofocus autoplay checked controls default defer disabled hidden inert ismap itemscope loop multiple muted nohref
nomodule noshade novalidate nowrap open playsinline readonly required reversed selected
""".split()
_VALUE = r"""\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+)"""
# Also matches names with a colon, which word processors write, and any name with an attribute value in quotes.
_NAME = rf"(?:(?:{'|'.join(_ELEMENTS)})(?![\w:.-])|[a-z][\w.-]*:[\w:.-]+|[a-z][\w.-]*(?=\s+[\w:.-]+=[\"']))"
_ATTRIBUTE = rf"\s+(?:[^\s\"'<>/=]+{_VALUE}|(?:{'|'.join(_SWITCHES)})(?![\w:.-]))"
TAG = re.compile(rf"</?({_NAME})((?:{_ATTRIBUTE})*)\s*/?>", re.IGNORECASE | re.ASCII)
NO_TAG = re.compile(rf"<(?=/?[a-zA-Z])(?!{TAG.pattern[1:]})", re.IGNORECASE | re.ASCII)

# Elements that need no closing tag. An unclosed tag of any other element is a word in angle brackets.
_NEED_NO_CLOSING = frozenset(
    "area base basefont body br col colgroup dd dt embed frame head hr html img input li link meta option p param rb rp rt rtc "
    "script source style tbody td tfoot th thead tr track wbr".split()
)
_CLOSING = re.compile(r"</([a-z][a-z0-9]*)", re.IGNORECASE)

_HEADING = re.compile(r"(?:^|\n)(?P<level>#{1,6})(?P<header>(?:\\.|[^\\\n])*?)(?:[ \t]#+)?(?:\n|$)")


class Footnotes(FootnoteExtension):
    """Footnotes in the order in which the text uses them. `twice` contains the names of duplicate footnotes."""

    def __init__(self) -> None:
        self.twice: set[str] = set()
        super().__init__(USE_DEFINITION_ORDER=False)

    def reset(self) -> None:
        """Clears the data of the previous text."""
        super().reset()
        self.twice = set()

    def setFootnote(self, id: str, text: str) -> None:  # noqa: N802 - the library's name
        """Stores a footnote's text. Of two footnotes with the same name, the library keeps only the last one."""
        if id in self.footnotes:
            self.twice.add(id)
        super().setFootnote(id, text)


class ExplicitIds(Treeprocessor):
    """Records the ids that editors typed on headings, before the other headings get generated ids."""

    found: set[str]

    def run(self, root: ElementTree.Element) -> None:
        """Records the ids of all headings. The library calls this method with the whole converted text."""
        headings = (element for element in root.iter() if re.fullmatch("h[1-6]", str(element.tag)))
        self.found = {id for heading in headings if (id := heading.get("id"))}


class _MailAddress(InlineProcessor):
    """Makes `<name@host.nl>` a plain link. The library would write the address as entities, even in messages to editors."""

    def handleMatch(  # type: ignore[override]  # noqa: N802 - the library's name
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[ElementTree.Element, int, int]:
        link = ElementTree.Element("a", href=f"mailto:{m[1]}")
        link.text = m[1]
        return link, m.start(), m.end()


class _Table(TableProcessor):
    """A table that records the rows with cells beyond the last column, because the library drops these cells."""

    cut: set[str]

    def _build_row(self, row: str, parent: ElementTree.Element, align: Sequence[str | None]) -> None:
        if any(cell.strip() for cell in self._split_row(row)[len(align) :]):  # type: ignore[attr-defined]
            self.cut.add(row.strip())
        super()._build_row(row, parent, align)  # type: ignore[misc]


def show_prose(html: str) -> str:
    """Returns the HTML. Escapes each tag that is only text, such as `<your name>`, or `<address>` without a closing tag."""
    html = NO_TAG.sub("&lt;", html)
    unclosed = {tag.start() for tag in find_unclosed(html)}
    return (
        TAG.sub(lambda tag: f"&lt;{tag[0][1:]}" if tag.start() in unclosed else tag[0], html)
        if unclosed
        else html
    )


def find_unclosed(html: str) -> Iterator[re.Match[str]]:
    """Yields each start tag without attributes that needs a closing tag, if the text contains no closing tag of that name."""
    closed = _NEED_NO_CLOSING.union(map(str.lower, _CLOSING.findall(html)))
    for tag in TAG.finditer(html):
        if tag[1].lower() not in closed and not tag[2] and not tag[0].startswith("</") and ":" not in tag[1]:
            yield tag


def make_slug(heading: str, separator: str) -> str:
    """Returns an id made from the words of a heading. It differs from all ids that the frame of the page uses."""
    slug: str = slugify_unicode(heading, separator)
    return f"{slug}{separator}1" if slug in FRAME_IDS else slug


def keep_prose(converter: markdown.Markdown) -> None:
    """Changes four rules: a year begins no list, a `#` after a heading is part of it, a backslash at a line's end is a line
    break, and email addresses stay readable.
    """
    for name in ("olist", "ulist"):
        processor = converter.parser.blockprocessors[name]
        for pattern in ("RE", "CHILD_RE", "INDENT_RE"):
            written = getattr(processor, pattern).pattern
            setattr(processor, pattern, re.compile(written.replace(r"\d+\.", r"\d{1,2}\.")))
    setattr(converter.parser.blockprocessors["hashheader"], "RE", _HEADING)  # noqa: B010 - the registry knows no subclass
    converter.inlinePatterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "line_end", 185)
    converter.inlinePatterns.register(_MailAddress(r"<([^<> !]+@[^@<> ]+)>", converter), "automail", 110)


def note_cut_rows(converter: markdown.Markdown, cut: set[str]) -> None:
    """Makes the converter add to `cut` each table row, as typed, that has more cells than the table has columns."""
    table = _Table(converter.parser, {"use_align_attribute": False})
    table.cut = cut
    converter.parser.blockprocessors.register(table, "table", 75)
