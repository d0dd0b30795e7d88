"""Advice on wording: outdated claims, the state outside notices, long sentences (MAX_WORDS), link texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.check.advice.state_words import ANSWER_CONDITIONS, ANSWERS, CONDITIONS, PRESENT_STATE
from site_src.check.advice.word_lists import VAGUE_LINK_TEXTS, primary
from site_src.check.code import without_code
from site_src.check.prose import Passage, PassageKind, passages, shorten
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import TextSource

MAX_WORDS = 25
# Only this many characters of a sentence are searched. Real sentences are shorter.
_MAX_CHARACTERS = 1000

_QUOTED = re.compile('「[^」]*」|『[^』]*』|"[^"]*"|“[^”]*”|‘[^’]*’')
_LINK = re.compile(
    r"(?<![!\[])\[((?:[^\[\]]|\[\[[^\[\]]*\]\])*)\]\(([^()\s]*)\)|<a\b[^<>]*>(.*?)</a>", re.DOTALL
)
_NINETY_DAYS = re.compile(
    r"(?:(?<![0-9])90|\bninety|\bnegentig)\s*(?:calendar )?(?:days?\b|dagen\b|日|일)", re.IGNORECASE
)
_SHORT_STAY = re.compile(
    r"180|\[\[short_stay|schengen|シェンゲン|솅겐|\bvisa\b|\bvisum\b|ビザ|비자", re.IGNORECASE
)
_CLAIMS = {
    r"(?:(?<![0-9])12|\btwelve|\btwaalf)[\s-]*(?:weeks?\b|weken\b|週|주(?!년))": "is a limit on work for one employer, which was withdrawn on 1 October 2019. Delete it.",
    r"(?:€|\bEUR|\beuro)\s?[0-9]+(?:[.,][0-9]+)*|[0-9][0-9.,]*\s?(?:€|EUR\b|euros?\b|ユーロ|유로)": 'is an amount without a year and a source. Link to the IND, or add the amount to "facts" and print that fact.',
    r"\b(?:form|formulier)(?:ulier)?(?:nummer)?\s*(?:no\.?|nr\.?|number|nummer)?\s*[0-9]{3,}|(?:フォーム|様式|書式|양식|서식)\s*(?:番号|번호)?\s*[0-9]{3,}": "is the number of a form, which may change. Link to the IND instead.",
    r"[\w.+-]+@[\w-]+\.[\w.-]*\w": "is an email address, which may become outdated here. Link to a contact instead: [the IND](contact:ind).",
}
_PATTERNS = [(re.compile(pattern, re.IGNORECASE), message) for pattern, message in _CLAIMS.items()]
# A fast test: each claim contains one of these.
_ANY_CLAIM = re.compile(r"[0-9@]|\b(?:twelve|twaalf|ninety|negentig)", re.IGNORECASE)


def claims(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no text makes a claim that the IND withdrew or cannot confirm. Many sites still repeat these claims."""
    for source in manuscript.content.texts:
        for passage in passages(source):
            if not _ANY_CLAIM.search(passage.text):
                continue
            for pattern, message in _PATTERNS:
                for match in pattern.finditer(passage.text):
                    yield _about(source, passage, match.start(), f'"{_one_line(match[0])}" {message}')
            if days := ninety_days(passage):
                message = "is not the period for an application. Write [[apply_within_months]] months."
                yield _about(source, passage, days.start(), f'"{_one_line(days[0])}" {message}')


def ninety_days(passage: Passage) -> re.Match[str] | None:
    """Finds "90 days" where the text means the three months for an application, not a short stay."""
    days = _NINETY_DAYS.search(passage.text)
    return days if days and not _SHORT_STAY.search(passage.text) else None


def state_in_text(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that only notices name the state of the quota, because a sentence on a page stays when the state changes."""
    titles: dict[str, list[str]] = {}
    for (language, _), notice in manuscript.content.notices.items():
        titles.setdefault(language, []).append(_plain(notice.meta.title))
    for page in manuscript.content.pages:
        words = primary(page.language)
        if words not in PRESENT_STATE:
            continue
        kinds = ((PRESENT_STATE[words], CONDITIONS[words]), (ANSWERS[words], ANSWER_CONDITIONS[words]))
        for passage in passages(page):
            if passage.kind in (PassageKind.DEFINITION, PassageKind.HEADING, PassageKind.CELL):
                continue
            for line, sentence in passage.sentences():
                said = _QUOTED.sub("", sentence[:_MAX_CHARACTERS]).replace("\u2011", "-")
                # A notice's title names the state, even if it contains a word from CONDITIONS, such as "can".
                is_title = _plain(said) in titles.get(page.language, ())
                if is_title or any(
                    pattern.search(said) and not conditions.search(said) for pattern, conditions in kinds
                ):
                    message = f'"{shorten(sentence)}" names the state of the quota, and stays on the page when the state changes. Delete it: the notice names the state.'
                    yield page.warning(line, "state-in-text", message)


def long_sentences(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a sentence in Dutch or English has at most 25 words, as plain language (B1) requires."""
    for source in manuscript.content.texts:
        if primary(source.language) not in ("en", "nl"):
            continue
        for passage in passages(source):
            for line, sentence in passage.sentences():
                count = len(sentence.split())
                if count > MAX_WORDS:
                    message = f'"{shorten(sentence)}" has {count} words. Split it into sentences of at most {MAX_WORDS} words each.'
                    yield source.warning(line, "long-sentence", message)


def link_texts(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a link's text says where the link leads, because screen readers list links without the words around them."""
    for source in manuscript.content.texts:
        body = without_code(source.body)
        for match in _LINK.finditer(body):
            text = match[3] if match[1] is None else match[1]
            plain = (
                re.sub(r"<[^<>]*>|[*_]", "", text)
                .strip(" .,:;!?。、→»>\n\u00a0\u200b\u2060\u3000")
                .casefold()
            )
            if not plain:
                message = "has a link without text. Between the square brackets, write where it leads."
            elif " ".join(plain.split()) in VAGUE_LINK_TEXTS:
                message = f'has the link text "{_one_line(text)}", which does not say where the link leads. Use the title of the page that it opens.'
            elif re.match(r"https?://|www\.", plain):
                message = f'has an address as the text of a link: "{_one_line(text)}". Use the title of the page that it opens.'
            else:
                continue
            yield source.warning(source.line_at(match.start()), "link-text", message)


def _plain(text: str) -> str:
    """Returns the text in lower case, with plain hyphens and without a full stop at the end."""
    return text.strip(".。 \n").casefold().replace("\u2011", "-")


def _about(source: TextSource, passage: Passage, offset: int, message: str) -> Problem:
    return source.warning(passage.line_at(offset), "claim", message)


def _one_line(text: str) -> str:
    return " ".join(text.split())
