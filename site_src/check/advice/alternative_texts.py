"""Advice on pictures: a person must review each one, and its alternative text must say what it shows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from site_src.check.advice.word_lists import EMPTY_ALTERNATIVES, PICTURE_OF
from site_src.check.lines import lines_of_picture, problems_at
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import ShownPicture
from site_src.convert.published_pictures import is_decorative
from site_src.problems import Problem
from site_src.read.picture_files import PICTURES, review_digits
from site_src.scan.qr_codes import find_program


def pictures_to_look_at(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a person has reviewed each picture, because programs cannot read every address or code in a picture.

    If a page's `pictures_reviewed_by` lists the current version of the picture, yields a note instead of a warning. Also
    warns about a picture that no page shows.
    """
    users: dict[str, set[str]] = {}
    for _, version in manuscript.versions():
        for source in version.converted:
            for picture in version.markups[source.path].pictures:
                users.setdefault(picture.name, set()).add(source.path)
    reviews = [page.meta.pictures_reviewed_by for page in manuscript.content.pages]
    for name, data in manuscript.content.pictures.items():
        path, digits = f"{PICTURES}/{name}", review_digits(data)
        if name not in users:
            message = f'is not on any page, so it is not published. Delete it, or show it with "![What it shows]({name})".'
            yield Problem(path, 1, message, "picture-look", "warning")
        elif manuscript.pictures.get(name):
            review = next((review for review in reviews if review and digits in review), None)
            yield _ask_to_look(path, sorted(users[name]), review, f"{name} {digits}")


def _ask_to_look(path: str, pages: list[str], review: str | None, named: str) -> Problem:
    look = f"may show an address or a QR code that no program reads, so a person must look at it. It is on {', '.join(pages)}."
    if review:
        return Problem(path, 1, f"{look} Reviewed: {review}", "picture-look", "note")
    if not path.endswith(".svg") and not find_program():
        look += " QR codes are not read on this machine: install zbarimg (the Debian package zbar-tools)."
    message = f'{look} After that, write at the top of {pages[0]}: "pictures_reviewed_by: your name, today\'s date, {named}". If it has this line already, add "{named}" to it.'
    return Problem(path, 1, message, "picture-look", "warning")


def alternative_texts(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that an alternative text says what its picture shows, in the language of the page. Screen readers read it aloud.

    The text must not be the file's name, begin with "image of", or be the same for two pictures. On a translated page, it
    must be translated too.
    """
    default = manuscript.content.settings.default_language
    named: dict[tuple[str, str], set[str]] = {}
    pages = [page for page in manuscript.content.pages if page.path in manuscript.markups]
    for source in pages:
        for picture in manuscript.markups[source.path].pictures:
            named.setdefault((source.language, _fold(picture.alt)), set()).add(picture.name)
    for source in pages:
        original = manuscript.pages.get((default, source.slug))
        untranslated = (
            manuscript.markups[original.path].pictures
            if original and original.path in manuscript.markups and source.language != default
            else frozenset()
        )
        for picture in sorted(manuscript.markups[source.path].pictures):
            if not manuscript.pictures.get(picture.name):
                continue
            others = named[source.language, _fold(picture.alt)] - {picture.name}
            if picture.alt.strip() and (
                message := _find_fault(picture, sorted(others), picture in untranslated)
            ):
                lines = lines_of_picture(source, picture.name)
                yield from problems_at(source, lines, message, "alternative-text", "warning")


def _find_fault(picture: ShownPicture, others: list[str], is_untranslated: bool) -> str:
    """Returns a message about what is wrong with the alternative text, or "" if the text is right."""
    name, alt = picture.name, picture.alt.strip()
    if is_decorative(alt):
        return ""
    if _fold(alt) in EMPTY_ALTERNATIVES or _fold(alt) in (_fold(name), _fold(os.path.splitext(name)[0])):
        return f'"{alt}" does not say what the picture shows, and screen readers read it aloud. Write what the picture shows, such as "![A map of the offices]({name})". If the picture adds nothing to the text, write "![decorative]({name})".'
    if match := PICTURE_OF.match(alt):
        rest = alt.removeprefix(match[0]).strip()
        return f'"{match[0].strip()}" repeats what screen readers already say. Write only what the picture shows: "![{rest}]({name})".'
    if others:
        return f'"{alt}" is also the alternative text of {", ".join(others)}. Write what only this picture shows.'
    if is_untranslated and " " in alt:
        return f'"{alt}" is the alternative text of the original page. Translate it, because screen readers read it as a text in the language of this page.'
    return ""


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
