"""Checks that each [[token]] in a page or notice has a value there, and that titles and labels have none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.check.lines import lines_in_context, lines_matching, problems_at, texts_in
from site_src.check.pages import programme_names
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import CONVERSATION_STARTER
from site_src.problems import Problem, did_you_mean
from site_src.read.content import PageSource, TextSource
from site_src.read.text import explain_lookalikes, to_plain
from site_src.read.values import FACT_NAME

TOKEN = re.compile(r"\[\[[^\[\]\n]+\]\]")


def tokens(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each [[token]] has a value on its page. Notices may use only tokens that every programme has."""
    for page in manuscript.content.pages:
        if page.path in manuscript.markups:
            yield from _page_tokens(manuscript, page)
    for notice in manuscript.content.notices.values():
        for word in manuscript.markups[notice.path].tokens if notice.path in manuscript.markups else ():
            yield from problems_with_token(notice, word, _notice_token(manuscript, word))


def tokens_in_words(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no title, description, label or name contains a [[token]], because there it would be printed as typed."""
    content = manuscript.content
    for document in (*content.documents.values(), *(source.lines for source in content.texts)):
        for location, text in texts_in(document):
            if match := TOKEN.search(text):
                name = ".".join(map(str, location))
                message = f'{name}: "{match[0]}" would be printed as typed, because tokens work only in the text below the front matter. Write the value itself here.'
                yield document.problem(location, "token", message)


def problems_with_token(source: TextSource, word: str, message: str | None) -> Iterator[Problem]:
    """Yields a problem for each line of the body that contains the token, if there is a message about it."""
    if message:
        lines = lines_matching(source, re.escape(f"[[{word}]]"))
        yield from problems_at(source, lines, f"[[{word}]]: {message}", "token")


def _page_tokens(manuscript: Manuscript, page: PageSource) -> Iterator[Problem]:
    markup, programme = manuscript.markups[page.path], page.meta.programme
    for word in markup.tokens - {CONVERSATION_STARTER}:
        if problem := _fact_problem(manuscript, word, programme):
            problem = _explain_token(manuscript, word, programme) or problem
            yield from problems_with_token(page, word, problem)
    if CONVERSATION_STARTER in markup.tokens and not programme:
        message = 'needs a programme. Add a line such as "programme: japan" to the front matter, or delete the token.'
        yield from problems_with_token(page, CONVERSATION_STARTER, message)
    elif markup.stray_starter:
        message = f"[[{CONVERSATION_STARTER}]]: must be alone in its paragraph. Put an empty line before and after it."
        yield from problems_at(page, _stray_starters(page), message, "token")


def _notice_token(manuscript: Manuscript, word: str) -> str | None:
    lacking = [id for id in manuscript.content.programmes if _fact_problem(manuscript, word, id)]
    if lacking and (meant := _explain_token(manuscript, word, lacking[0])):
        return meant
    if word == CONVERSATION_STARTER:
        return "is in a notice, where the site adds the link itself. Delete it."
    if lacking:
        return f"is not a fact of {', '.join(lacking)}. A notice may use only facts that every programme has. Add the fact there, or delete it here."
    return None


def _stray_starters(page: PageSource) -> list[int]:
    """Returns the lines on which a conversation starter's token is not alone in its paragraph."""
    token = f"[[{CONVERSATION_STARTER}]]"
    return [
        number
        for number, above, line, below in lines_in_context(page)
        if token in line and (line.strip() != token or above.strip() or below.strip())
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
        is_known = meant == CONVERSATION_STARTER or not _fact_problem(manuscript, meant, programme)
        if meant != word and is_known:
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
