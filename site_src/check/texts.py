"""Checks about what editors write in pages and notices: tokens, links, headings and names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from site_src.check.documents import texts_in
from site_src.check.pages import programme_names
from site_src.convert.links import NOTICE_ANCHOR, DeadLink, Outside, PageLink, anchors_of, resolve
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import CONVERSATION_STARTER, lines_with, replace_code
from site_src.problems import Problem, Rule, did_you_mean
from site_src.read.content import PageSource, TextSource
from site_src.read.schema import FACT_NAME
from site_src.read.text import FORBIDDEN

# Words in brackets or braces that lack one, or have a wrong one: `[[word]`, `[word]]`, `[word]`, `{{word}}`.
_ALMOST_TOKEN = re.compile(
    r"(?<!\[)\[\[? *([a-z][a-z0-9._-]*) *\](?![\](\[:])|(?<!\[)\[ *([a-z][a-z0-9._-]*) *\]\](?!\])|\{\{ *([a-z][a-z0-9._-]*) *\}\}",
    re.IGNORECASE,
)

_TOKEN_IN_WORDS = re.compile(r"\[\[[^\[\]\n]+\]\]")
_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]{1,6})|0*([0-9]{1,7}))(?![0-9a-fA-F])")
# Where the converter makes a footnote lead back to.
_BACK_TO_MARK = "#fnref:"
RESERVED_NAMES = frozenset(
    {"conversation-starter", NOTICE_ANCHOR, f"{NOTICE_ANCHOR}-title", "subscribe", "text"}
)
# Elements of these classes say a state, and the gate refuses any that the site did not make.
_CLASSES_OF_STATES = frozenset({"card", "lane", "no-link", "programme-status", "state"})


def tokens(manuscript: Manuscript) -> Iterator[Problem]:
    """Each [[token]] has a value where it stands; notices may use only what every programme has."""
    for page in manuscript.content.pages:
        if page.path in manuscript.markups:
            yield from _page_tokens(manuscript, page)
    for notice in manuscript.content.notices.values():
        for word in manuscript.markups[notice.path].tokens if notice.path in manuscript.markups else ():
            lacking = [id for id in manuscript.content.programmes if _fact_problem(manuscript, word, id)]
            if word == CONVERSATION_STARTER:
                yield from _in_text(
                    notice,
                    f"[[{word}]]",
                    "stands in a notice, where the site puts the link by itself. Delete it.",
                    "token",
                )
            elif lacking:
                yield from _in_text(
                    notice,
                    f"[[{word}]]",
                    f"is not a fact of {', '.join(lacking)}. A notice may use only facts that every programme has.",
                    "token",
                )


def tokens_in_words(manuscript: Manuscript) -> Iterator[Problem]:
    """No title, description, label or name has a [[token]]: only the text below the front matter is filled in."""
    content = manuscript.content
    documents = [*content.documents.values(), *(source.lines for source in content.texts)]
    for document in documents:
        for location, text in texts_in(document):
            if match := _TOKEN_IN_WORDS.search(text):
                name = ".".join(map(str, location))
                message = f'{name}: "{match[0]}" would be printed as it stands. Only the text below the front matter is filled in: write the word here.'
                yield Problem(document.path, document.line_of(location), message, "token")


def almost_tokens(manuscript: Manuscript) -> Iterator[Problem]:
    """A word that would be a token but for a bracket, or for blanks before it, would be published as it was typed."""
    facts = {*manuscript.content.settings.facts}
    for programme in manuscript.content.programmes.values():
        facts |= programme.facts.keys()
    words = sorted({*facts, CONVERSATION_STARTER})
    for source in manuscript.converted:
        # Few texts have such a word outside of its brackets; the others need no closer look.
        body = source.body.lower()
        if any(
            body.count(word) > len(re.findall(rf"\[\[(?:[a-z0-9-]+\.)?{word}\]\]", body)) for word in words
        ):
            yield from _almost_tokens_in(source, words)
        if not isinstance(source, PageSource) or not source.meta.programme:
            continue
        if f"[[{CONVERSATION_STARTER}]]" in "".join(
            re.findall(r"<code>.*?</code>", manuscript.markups[source.path].html, re.DOTALL)
        ):
            yield from _in_text(
                source,
                f"[[{CONVERSATION_STARTER}]]",
                "stands in code, because of the blanks or back-ticks before it. Begin the line with it.",
                "token",
            )


def _almost_tokens_in(source: TextSource, words: list[str]) -> Iterator[Problem]:
    prose = (replace_code(line, lambda _: "") for line in source.body.split("\n"))
    for match in _ALMOST_TOKEN.finditer("\n".join(prose)):
        word = next(filter(None, match.groups())).lower()
        if word in words or word.rpartition(".")[2] in words:
            message = f'"{match[0]}" is almost a token. Write "[[{word}]]".'
            yield from _in_text(source, match[0], message, "token")


def links(manuscript: Manuscript) -> Iterator[Problem]:
    """Each link leads to a page, an anchor, a contact or a listed host that exists."""
    starters = {
        urlsplit(address).netloc
        for programme in manuscript.content.programmes.values()
        for address in programme.conversation_starter.values()
    } - {*manuscript.content.settings.outbound_hosts}
    for source in manuscript.converted:
        for destination in manuscript.markups[source.path].links:
            # An address of a conversation starter has a problem of its own, with another cure.
            if destination.startswith(tuple(f"https://{host}/" for host in starters)):
                continue
            if destination.startswith(_BACK_TO_MARK) and _link_problem(manuscript, source, destination):
                mark = f"[^{destination.removeprefix(_BACK_TO_MARK)}]"
                message = f"the note {mark} is not used. Put {mark} where it belongs, or delete the note."
                yield from _in_text(source, f"{mark}:", message, "footnote")
            elif problem := _link_problem(manuscript, source, destination):
                typed = f"({destination}" if destination else "]()"
                yield from _in_text(source, typed, problem, "link", also=destination)


def invisible_references(manuscript: Manuscript) -> Iterator[Problem]:
    """A character that may not be typed, because it hides or turns round what is read, may not be written as `&#…;` either."""
    for source in manuscript.content.texts:
        for number, line in enumerate(source.body.split("\n"), start=source.body_line):
            for hexadecimal, decimal in _REFERENCE.findall(line):
                code = int(hexadecimal, 16) if hexadecimal else int(decimal)
                if code < 0x110000 and FORBIDDEN.search(chr(code)):
                    message = f"has the invisible character U+{code:04X} here, as a reference. Delete it."
                    yield Problem(source.path, number, message, "control-character")


def body_structure(manuscript: Manuscript) -> Iterator[Problem]:
    """A body has no heading of the first level, no picture, no id twice, and no name that the frame of the page uses."""
    for source in manuscript.converted:
        markup = manuscript.markups[source.path]
        if 1 in markup.headings:
            yield from _in_text(
                source,
                "\n# ",
                'has a heading of the first level. The title is that heading: begin with "## ".',
                "heading",
            )
        for picture in markup.pictures:
            yield from _in_text(
                source,
                picture,
                f'shows the picture "{picture}". Pictures are not published: say it in words.',
                "picture",
            )
        anchors = Counter(markup.anchors)
        for name in sorted(anchors.keys() | markup.classes):
            if name in RESERVED_NAMES or name in markup.classes & _CLASSES_OF_STATES:
                yield from _in_text(
                    source,
                    name,
                    f'uses the name "{name}", which the site itself uses. Choose another id or class.',
                    "reserved-name",
                )
            elif anchors[name] > 1:
                yield from _in_text(
                    source, f"#{name}", f'gives the id "{name}" twice. Make them differ.', "duplicate-id"
                )


def _page_tokens(manuscript: Manuscript, page: PageSource) -> Iterator[Problem]:
    markup = manuscript.markups[page.path]
    for word in markup.tokens - {CONVERSATION_STARTER}:
        if problem := _fact_problem(manuscript, word, page.meta.programme):
            yield from _in_text(page, f"[[{word}]]", problem, "token")
    if CONVERSATION_STARTER in markup.tokens and not page.meta.programme:
        yield from _in_text(
            page,
            f"[[{CONVERSATION_STARTER}]]",
            'needs a programme. Add a line such as "programme: japan" to the front matter, or delete it.',
            "token",
        )
    elif markup.stray_starter:
        yield from _in_text(
            page,
            f"[[{CONVERSATION_STARTER}]]",
            "must stand alone in its paragraph: put an empty line before and after it.",
            "token",
        )


def _fact_problem(manuscript: Manuscript, word: str, programme: str | None) -> str | None:
    """What is wrong with the fact `word` on a page of `programme`; None when it has a value, or cannot be judged."""
    content = manuscript.content
    owner, dot, name = word.rpartition(".")
    if dot and owner not in content.programmes:
        known = owner in programme_names(manuscript)
        return None if known else f'"{owner}" is not a programme.{did_you_mean(owner, content.programmes)}'
    programme = owner or programme
    if programme and programme not in content.programmes:
        return None
    own = content.programmes[programme].facts if programme else {}
    if name in own or (not dot and name in content.settings.facts):
        return None
    owners = [id for id, other in content.programmes.items() if name in other.facts]
    if FACT_NAME.fullmatch(name) and owners and not programme:
        return (
            f'is a fact of a programme, and this page has none. Name the programme: "[[{owners[0]}.{name}]]".'
        )
    names = {*own, *content.settings.facts, CONVERSATION_STARTER}
    return f"is not known here.{did_you_mean(name, names)}"


def _link_problem(manuscript: Manuscript, source: TextSource, destination: str) -> str | None:
    language = source.path.split("/")[1]
    try:
        target = resolve(manuscript, source.path, destination, language)
    except DeadLink as error:
        return str(error)
    if isinstance(target, Outside):
        return None
    if isinstance(target, PageLink):
        anchors = anchors_of(manuscript, target.language or language, target.slug)
    elif isinstance(source, PageSource):
        anchors = anchors_of(manuscript, language, source.slug)
    else:
        anchors = frozenset()
    if not target.fragment or anchors is None or target.fragment in anchors:
        return None
    return (
        f'"{destination}" leads to a place that is not on that page.{did_you_mean(target.fragment, anchors)}'
    )


def _in_text(source: TextSource, literal: str, message: str, rule: Rule, also: str = "") -> Iterator[Problem]:
    """A problem for each line of the body with `literal` on it (or, if on none, with `also`)."""
    lines = lines_with(source.body, source.body_line, literal)
    if also and not lines:
        lines = lines_with(source.body, source.body_line, also)
    about = f"{literal}: " if literal.startswith("[[") and literal.endswith("]]") else ""
    for line in lines or [source.body_line]:
        yield Problem(source.path, line, f"{about}{message}", rule)
