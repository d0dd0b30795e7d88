"""Checks the [[tokens]] in pages, notices, titles and labels, and characters that hide or reorder text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.check.lines import lines_matching, problems_at, texts_in
from site_src.check.pages import programme_names
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import CONVERSATION_STARTER, lines_with
from site_src.problems import Problem, Rule, did_you_mean
from site_src.read.content import PageSource, TextSource
from site_src.read.text import FORBIDDEN, explain_lookalikes, to_plain
from site_src.read.values import FACT_NAME

# Words with a missing bracket, or in braces: `[[word]`, `[word]]`, `[word]`, `{{word}}`. Also the name of a fact without
# any bracket.
_ALMOST_TOKEN = re.compile(
    r"(?<!\[)\[\[? *([a-z][a-z0-9._-]*) *\](?![\](\[:])|(?<!\[)\[ *([a-z][a-z0-9._-]*) *\]\](?!\])|\{\{ *([a-z][a-z0-9._-]*) *\}\}"
    r"|(?<!\[)\[\[([a-z][a-z0-9._-]*)\]\](?!\])|(?<![\w.\[])((?:[a-z][a-z0-9-]{0,40}\.)?[a-z][a-z0-9]{0,40}(?:_[a-z0-9]+)+)(?![\w\]])",
    re.IGNORECASE,
)

# Brackets beside a token: the outer ones of `[[[word]]]` are published, and so is the address after `[[word]](page.md)`.
_BESIDE_TOKEN = re.compile(
    r"(?<!\[)(?P<more>\[+)?\[\[(?P<word>[^\[\]\n]+)\]\](?(more)\]+(?![(\[])|(?P<to>\([^()\s]+\)))"
)
_TOKEN_IN_WORDS = re.compile(r"\[\[[^\[\]\n]+\]\]")
_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]{1,6})|0*([0-9]{1,7}))(?![0-9a-fA-F])")


def tokens(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each [[token]] has a value on its page. Notices may use only tokens that every programme has."""
    for page in manuscript.content.pages:
        if page.path in manuscript.markups:
            yield from _page_tokens(manuscript, page)
    for notice in manuscript.content.notices.values():
        for word in manuscript.markups[notice.path].tokens if notice.path in manuscript.markups else ():
            lacking = [id for id in manuscript.content.programmes if _fact_problem(manuscript, word, id)]
            if lacking and (meant := _explain_token(manuscript, word, lacking[0])):
                yield from _in_text(notice, f"[[{word}]]", meant, "token")
            elif word == CONVERSATION_STARTER:
                yield from _in_text(
                    notice,
                    f"[[{word}]]",
                    "is in a notice, where the site adds the link itself. Delete it.",
                    "token",
                )
            elif lacking:
                yield from _in_text(
                    notice,
                    f"[[{word}]]",
                    f"is not a fact of {', '.join(lacking)}. A notice may use only facts that every programme has. Add the fact there, or delete it here.",
                    "token",
                )


def tokens_in_words(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no title, description, label or name contains a [[token]].

    Tokens are replaced only in the text below the front matter.
    """
    content = manuscript.content
    documents = [*content.documents.values(), *(source.lines for source in content.texts)]
    for document in documents:
        for location, text in texts_in(document):
            if match := _TOKEN_IN_WORDS.search(text):
                name = ".".join(map(str, location))
                message = f'{name}: "{match[0]}" would be printed as typed, because tokens work only in the text below the front matter. Write the value itself here.'
                yield Problem(document.path, document.line_of(location), message, "token")


def almost_tokens(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no word is almost a token, for example with a missing bracket, because it would be published as typed.

    Also checks that the conversation starter's token is not shown as code.
    """
    facts = {*manuscript.content.settings.facts}
    for programme in manuscript.content.programmes.values():
        facts |= programme.facts.keys()
    words = sorted({*facts, CONVERSATION_STARTER})
    for source in manuscript.converted:
        yield from _beside_tokens(source)
        # A fast test: few texts have such a word outside brackets.
        body = to_plain(_TOKEN_IN_WORDS.sub("", source.body)).lower()
        if any(word in body for word in words):
            yield from _almost_tokens_in(source, words)
        if not isinstance(source, PageSource) or not source.meta.programme:
            continue
        if f"[[{CONVERSATION_STARTER}]]" in "".join(
            re.findall(r"<code>.*?</code>", manuscript.markups[source.path].html, re.DOTALL)
        ):
            yield from _in_text(
                source,
                f"[[{CONVERSATION_STARTER}]]",
                "is shown as code, because of the spaces or back-ticks before it. Begin the line with the token.",
                "token",
            )


def _beside_tokens(source: TextSource) -> Iterator[Problem]:
    for match in _BESIDE_TOKEN.finditer(source.body) if "[[" in source.body else ():
        line = source.body_line + source.body.count("\n", 0, match.start())
        if match["to"]:
            message = f'"{match[0]}" is not a link. Write "[[[{match["word"]}]]]{match["to"]}".'
        else:
            message = f'"{match[0]}" has too many brackets. Write "[[{match["word"]}]]".'
        yield Problem(source.path, line, message, "token")


def _almost_tokens_in(source: TextSource, words: list[str]) -> Iterator[Problem]:
    from site_src.check.prose import without_code  # imported only if needed, as in `lines`

    # `tokens` checks the tokens. Spaces replace them here, so that the other characters keep their positions.
    body = _TOKEN_IN_WORDS.sub(lambda token: " " * len(token[0]), without_code(source.body))
    for match in _ALMOST_TOKEN.finditer(to_plain(body)):
        word = next(filter(None, match.groups())).lower()
        typed = body[match.start() : match.end()]
        if word in words or word.rpartition(".")[2] in words:
            line = source.body_line + body.count("\n", 0, match.start())
            message = f'"{typed}" is almost a token.{explain_lookalikes(typed)} Write "[[{word}]]".'
            yield Problem(source.path, line, message, "token")


def invisible_references(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no `&#…;` produces a character that hides or reorders text, and therefore may not be typed."""
    for source in manuscript.content.texts:
        for number, line in enumerate(source.body.split("\n"), start=source.body_line):
            for hexadecimal, decimal in _REFERENCE.findall(line):
                code = int(hexadecimal, 16) if hexadecimal else int(decimal)
                if code < 0x110000 and FORBIDDEN.search(chr(code)):
                    message = f'has a reference "&#…;" to the invisible character U+{code:04X}. Delete it.'
                    yield Problem(source.path, number, message, "control-character")


def _page_tokens(manuscript: Manuscript, page: PageSource) -> Iterator[Problem]:
    markup = manuscript.markups[page.path]
    for word in markup.tokens - {CONVERSATION_STARTER}:
        if problem := _fact_problem(manuscript, word, page.meta.programme):
            problem = _explain_token(manuscript, word, page.meta.programme) or problem
            yield from _in_text(page, f"[[{word}]]", problem, "token")
    if CONVERSATION_STARTER in markup.tokens and not page.meta.programme:
        yield from _in_text(
            page,
            f"[[{CONVERSATION_STARTER}]]",
            'needs a programme. Add a line such as "programme: japan" to the front matter, or delete the token.',
            "token",
        )
    elif markup.stray_starter:
        message = f"[[{CONVERSATION_STARTER}]]: must be alone in its paragraph. Put an empty line before and after it."
        yield from problems_at(page, _stray_starters(page), message, "token")


def _stray_starters(page: PageSource) -> list[int]:
    """Returns the lines on which a conversation starter's token is not alone in its paragraph."""
    from site_src.check.prose import without_code

    token = f"[[{CONVERSATION_STARTER}]]"
    lines = ["", *without_code(page.body).split("\n"), ""]
    return [
        page.body_line + number
        for number, (before, line, after) in enumerate(zip(lines, lines[1:], lines[2:], strict=False))
        if token in line and (line.strip() != token or before.strip() or after.strip())
    ] or lines_matching(page, re.escape(token))


def _explain_token(manuscript: Manuscript, word: str, programme: str | None) -> str | None:
    """Returns a message that says what to write instead of an unknown token, or None if that cannot be guessed."""
    plain = re.sub(r"\s*[.:/]\s*", ".", to_plain(word).strip().lower())
    owner, dot, name = plain.rpartition(".")
    for meant in (
        f"{owner}{dot}{re.sub('[ -]', '_', name)}",
        plain.replace(" ", "_").replace("_", ".", 1),
        plain.replace(" ", "-"),
    ):
        if meant != word and (
            meant == CONVERSATION_STARTER or not _fact_problem(manuscript, meant, programme)
        ):
            return f'is not known here.{explain_lookalikes(word)} Write "[[{meant}]]".'
    if plain == "toc":
        return 'does not make a list of headings. Write "[TOC]".'
    if plain in programme_names(manuscript):
        return f'is a programme. Name one of its facts too, such as "[[{plain}.places_per_year]]".'
    if re.search(r"\.(?:md|html?)\b", plain):
        return "is not a link. Write [text](page.md)."
    return None


def _fact_problem(manuscript: Manuscript, word: str, programme: str | None) -> str | None:
    """Returns a message about the fact `word` on a page of `programme`, or None if it has a value or cannot be checked."""
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
        named = " or ".join(f'"[[{owner}.{name}]]"' for owner in owners)
        return f"is a fact of a programme, but this page has no programme. Name the programme: {named}."
    names = own if dot else {*own, *content.settings.facts, CONVERSATION_STARTER}
    return f"is not known here.{did_you_mean(word, (f'{owner}{dot}{fact}' for fact in names))}"


def _in_text(source: TextSource, literal: str, message: str, rule: Rule) -> Iterator[Problem]:
    """Yields a problem for each line of the body that contains `literal`."""
    about = f"{literal}: " if literal.startswith("[[") and literal.endswith("]]") else ""
    lines = lines_with(source.body, source.body_line, literal)
    yield from problems_at(source, lines, f"{about}{message}", rule)
