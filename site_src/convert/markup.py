"""Clean HTML with placeholders for tokens, links and pictures (`Markup`), and `fill`, which replaces them.

The conversion does not depend on the quota state, so each file has one `Markup`. During conversion and cleaning, each token
is between two private-use characters, which inputs must not contain.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

TOKEN_START, TOKEN_END = "\ue000", "\ue001"
PICTURE_START, PICTURE_MIDDLE, PICTURE_END = "\ue003", "\ue004", "\ue005"
BOX_KINDS = ("note", "tip", "important", "warning")
CONVERSATION_STARTER = "conversation-starter"


NOTICE_ANCHOR = "quota-notice"
# The ids that the frame of a page uses. No heading gets such an id. The ids of a programme contain a dot, which ids of
# headings never contain.
FRAME_IDS = frozenset(
    {NOTICE_ANCHOR, f"{NOTICE_ANCHOR}-title", "dots", "programmes", "quotabord-preview", "stripes"}
    | {"subscribe", "text", "timeline", "timeline-note"}
)
FRAME_ID_OF_PROGRAMME = re.compile(r"(?:changes|status)\..*")

TOKEN = re.compile(f"{TOKEN_START}(.*?){TOKEN_END}")
_STARTER_PARAGRAPH = re.compile(f"<p>{TOKEN_START}{CONVERSATION_STARTER}{TOKEN_END}</p>")
_PICTURE = re.compile(f"<span>{PICTURE_START}([^<>]*?){PICTURE_MIDDLE}([^<>]*?){PICTURE_END}</span>")
# The cleaner writes one space before each attribute. A pattern that begins with plain letters is found ten times as fast.
HREF = re.compile(' href="([^"]*)"')
ID = re.compile(' id="([^"]*)"')


_MARKUP_TAG = re.compile(r'<(?:[^<>"]|"[^"]*")*>')
_NO_LETTER = re.compile(r"[\W_]+")


class NestedTooDeep(Exception):
    """Raised for a text whose nesting would take the converter minutes, or overflow its stack."""


class TooMuchWork(Exception):
    """Raised for a text that takes too long to convert. The message says what to do."""


class Lost(StrEnum):
    """The reason why a typed text is not on the page."""

    CELL = "cell"
    NOTE = "note"
    DEFINITION = "definition"


class Heading(NamedTuple):
    """A heading of a text. `explicit` is True if the editor typed its id. In a notice, `id` is always ""."""

    level: int
    id: str
    explicit: bool


class ShownPicture(NamedTuple):
    """A picture in a text, as typed: the destination, the alternative text, and whether it has a title."""

    name: str
    alt: str
    has_title: bool


class Words(NamedTuple):
    """The words that the converter adds to a text, in the text's language.

    `footnote_back` is the title of the link from a footnote back to its mark, and contains `{number}`. `box_titles` are in
    the order of BOX_KINDS.
    """

    footnote_back: str = ""
    box_titles: tuple[str, ...] = ("",) * len(BOX_KINDS)


@dataclass(frozen=True, slots=True)
class Markup:
    """Clean HTML into which `fill` puts facts and addresses.

    `links` contains the destinations as the editor typed them, `tokens` the words between double brackets, `anchors` the
    ids in page order, and `classes` the class names. `raw_pictures` contains the destinations of pictures in raw HTML,
    which the page does not show. `lost` contains the texts that the page does not show: a table row as typed, or the name
    of a footnote or a link definition.
    """

    html: str
    tokens: frozenset[str]
    links: frozenset[str]
    anchors: tuple[str, ...]
    classes: frozenset[str]
    pictures: frozenset[ShownPicture]
    raw_pictures: frozenset[str]
    headings: tuple[Heading, ...]
    lost: frozenset[tuple[Lost, str]] = frozenset()

    @property
    def stray_starter(self) -> bool:
        """Returns True if the conversation starter's token occurs anywhere except alone in a paragraph."""
        rest = _STARTER_PARAGRAPH.sub("", self.html)
        typed = f"[[{CONVERSATION_STARTER}]]" in re.sub(r"<code>.*?</code>", "", rest, flags=re.DOTALL)
        return typed or CONVERSATION_STARTER in TOKEN.findall(rest)


def fill(
    markup: Markup,
    token: Callable[[str], str],
    link: Callable[[str], str],
    picture: Callable[[str, str], str] = lambda _, alt: html.escape(alt),
) -> tuple[str, ...]:
    """Returns the HTML with facts and addresses, split at each paragraph that is a conversation starter.

    `token` returns the text for a word between brackets, and `link` the address for a destination as typed. Both results
    are escaped here. `picture` returns the HTML for a picture's name and alternative text.
    """
    filled = HREF.sub(lambda found: f' href="{html.escape(link(html.unescape(found[1])))}"', markup.html)
    filled = _PICTURE.sub(lambda found: picture(html.unescape(found[2]), html.unescape(found[1])), filled)
    pieces = _STARTER_PARAGRAPH.split(filled)
    return tuple(
        TOKEN.sub(lambda found: html.escape(token(html.unescape(found[1]))), piece) for piece in pieces
    )


def letters(text: str) -> str:
    """Returns the letters and digits of a plain text, in order, for comparisons that ignore spaces and punctuation."""
    return _NO_LETTER.sub("", text)


def letters_of_html(clean: str) -> str:
    """Returns the letters and digits of the text in clean HTML, in order."""
    return letters(html.unescape(_MARKUP_TAG.sub("", clean)))
