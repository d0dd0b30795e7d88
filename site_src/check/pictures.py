"""Checks that each picture exists, has an alternative text, was reviewed by a person, and fits MAX_PAGE_KIB of its page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from site_src.check.lines import lines_of_links, lines_of_picture, problems_at
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import ShownPicture
from site_src.problems import Problem, did_you_mean
from site_src.read.content import PageSource, TextSource
from site_src.read.picture_files import PICTURES, review_digits
from site_src.read.settings import SETTINGS_FILE

MAX_PAGE_KIB = 500
_ALT = 'Write what it shows, in the language of this text: "![What it shows]({name})". If it adds nothing to the text: "![decorative]({name})".'
_DIGITS = 12


def pictures_of_texts(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each picture is in Markdown, exists, has an alternative text and no title, and is on a page that may show it.

    On a page of a programme, a person must have reviewed the pictures in their current version, because they may show an
    address or a QR code. Notices have no pictures: notices are also in feeds and in partners' pages. All pictures of a
    page together have at most 500 KiB.
    """
    for source in manuscript.converted:
        markup = manuscript.markups[source.path]
        for name in sorted(markup.raw_pictures):
            message = (
                f'shows the picture "{name}" with HTML. Write "![What it shows](my-picture.png)" instead.'
            )
            yield from problems_at(source, lines_of_links(source, name), message, "picture")
        for picture in sorted(markup.pictures):
            if message := _find_fault(manuscript, source, picture):
                yield from problems_at(source, lines_of_picture(source, picture.name), message, "picture")
        if isinstance(source, PageSource) and markup.pictures:
            yield from _page(manuscript, source, {picture.name for picture in markup.pictures})


def _find_fault(manuscript: Manuscript, source: TextSource, picture: ShownPicture) -> str:
    """Explains what is wrong with the picture in this text; "" if nothing is."""
    name = picture.name
    if not isinstance(source, PageSource):
        return f'shows the picture "{name}". Notices have no pictures, because feeds and partners\' pages show them too: say it in words.'
    if name.startswith(("http:", "https:", "//", "data:")):
        return f'shows a picture of another place, "{name[:60]}". Save it in {PICTURES}/, and write its name alone: "![What it shows](my-picture.png)".'
    if name not in manuscript.pictures:
        if f"{PICTURES}/{name}" in manuscript.content.unreadable:
            return ""
        base = name.rpartition("/")[2]
        if base in manuscript.pictures:
            return f'shows the picture "{name}". Write its name alone: "{base}".'
        near = did_you_mean(name, manuscript.pictures)
        return f'shows the picture "{name}", which is not in {PICTURES}/. Put the file there.{near}'
    if not picture.alt.strip():
        return f'shows the picture "{name}" without an alternative text. {_ALT.format(name=name)}'
    if picture.has_title:
        return f'gives the picture "{name}" a title, which many readers never see. Write that in a sentence below it, and delete the title.'
    return ""


def _page(manuscript: Manuscript, source: PageSource, names: set[str]) -> Iterator[Problem]:
    if source.meta.programme and (message := _find_unreviewed(manuscript, source, names)):
        at = "pictures_reviewed_by" if source.meta.pictures_reviewed_by else "programme"
        yield Problem(source.path, source.lines.line_of((at,)), message, "picture")
    shown = [picture for name in sorted(names) if (picture := manuscript.pictures.get(name))]
    # A browser loads the first file of each picture whose format it knows. Nearly all browsers know all formats.
    kib = -(-sum(len(next(iter(picture.files.values()))) for picture in shown) // 1024)
    if kib > MAX_PAGE_KIB:
        message = f"has pictures of {kib} KiB in total, but a page may have at most {MAX_PAGE_KIB} KiB. Leave one out, or make one smaller than 1600 pixels."
        yield Problem(source.path, source.body_line, message, "picture")


def _find_unreviewed(manuscript: Manuscript, source: PageSource, names: set[str]) -> str:
    """Says what to type for the pictures that a person must look at; "" if `pictures_reviewed_by` is up to date."""
    review = source.meta.pictures_reviewed_by or ""
    files = manuscript.content.pictures
    digits = {name: review_digits(files[name]) for name in sorted(names) if manuscript.pictures.get(name)}
    unseen = [name for name, shown in digits.items() if shown not in review]
    if not unseen:
        return ""
    wrong = f"does not name {', '.join(unseen)} as it is now" if review else "is missing"
    line = f"your name, today's date, {', '.join(map(' '.join, digits.items()))}"
    return (
        f"pictures_reviewed_by: {wrong}. Look at {', '.join(unseen)}, also with the camera of a phone: it must show no address, no QR "
        f'code and no state of the quota. Then write "pictures_reviewed_by: {line}".'
    )


def logo_checked(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a person has reviewed the current logo. The gate reads its text, but not QR codes or drawn letters."""
    content = manuscript.content
    if content.logo is None:
        return
    digits = hashlib.sha256(content.logo.encode()).hexdigest()[:_DIGITS]
    if content.settings.logo_checked == digits:
        return
    changed = "changed since somebody looked at it" if content.settings.logo_checked else "is new"
    message = (
        f"logo: content/{content.settings.logo} {changed}. Open it in a browser: it shows the organisation's logo alone, "
        "with no QR code, address or state of the quota, also when you look at it with the camera of a phone. "
        f'Then write "logo_checked: {digits}".'
    )
    at = "logo_checked" if content.settings.logo_checked else "logo"
    line = content.documents[SETTINGS_FILE].line_of((at,))
    yield Problem(SETTINGS_FILE, line, message, "logo-checked", "warning")
