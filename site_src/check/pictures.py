"""Checks that each picture exists, has an alternative text and was reviewed by a person. A page's pictures have a size limit."""

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
_ALT = 'Write what the picture shows, in the language of this text: "![What it shows]({name})". If the picture adds nothing to the text, write "![decorative]({name})".'
_DIGITS = 12


def pictures_of_texts(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each picture is in Markdown, exists, has an alternative text and no title, and is on a page that may show it.

    On a page of a programme, a person must have reviewed the current version of each picture, because it may show an
    address or a QR code. Notices cannot have pictures, because they also appear in feeds and on partners' pages. The
    pictures of a page may total at most 500 KiB.
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
    """Returns a message about what is wrong with the picture in this text, or "" if the picture is right."""
    name = picture.name
    if not isinstance(source, PageSource):
        return f'shows the picture "{name}". Notices cannot have pictures, because feeds and partners\' pages also show the notices. Write what the picture shows as text.'
    if name.startswith(("http:", "https:", "//", "data:")):
        return f'shows a picture that is not in {PICTURES}/: "{name[:60]}". Save it there, and write only its name: "![What it shows](my-picture.png)".'
    if name not in manuscript.pictures:
        if f"{PICTURES}/{name}" in manuscript.content.unreadable:
            return ""
        base = name.rpartition("/")[2]
        if base in manuscript.pictures:
            return f'shows the picture "{name}". Write only its name: "{base}".'
        near = did_you_mean(name, manuscript.pictures)
        return f'shows the picture "{name}", which is not in {PICTURES}/. Put the file there.{near}'
    if not picture.alt.strip():
        return f'shows the picture "{name}" without an alternative text. {_ALT.format(name=name)}'
    if picture.has_title:
        return f'gives the picture "{name}" a title, which many readers never see. Write its words in a sentence below the picture, and delete the title.'
    return ""


def _page(manuscript: Manuscript, source: PageSource, names: set[str]) -> Iterator[Problem]:
    if source.meta.programme and (message := _find_unreviewed(manuscript, source, names)):
        at = "pictures_reviewed_by" if source.meta.pictures_reviewed_by else "programme"
        yield Problem(source.path, source.lines.line_of((at,)), message, "picture")
    shown = [picture for name in sorted(names) if (picture := manuscript.pictures.get(name))]
    # A browser loads the first file of each picture whose format it knows. Nearly all browsers know all formats.
    kib = -(-sum(len(next(iter(picture.files.values()))) for picture in shown) // 1024)
    if kib > MAX_PAGE_KIB:
        message = f"has {kib} KiB of pictures, but a page may have at most {MAX_PAGE_KIB} KiB. Remove a picture, or make one narrower."
        yield Problem(source.path, source.body_line, message, "picture")


def _find_unreviewed(manuscript: Manuscript, source: PageSource, names: set[str]) -> str:
    """Returns a message that says which pictures to review and what to type, or "" if `pictures_reviewed_by` is up to date."""
    review = source.meta.pictures_reviewed_by or ""
    files = manuscript.content.pictures
    digits = {name: review_digits(files[name]) for name in sorted(names) if manuscript.pictures.get(name)}
    unseen = [name for name, shown in digits.items() if shown not in review]
    if not unseen:
        return ""
    wrong = f"does not list the current version of {', '.join(unseen)}" if review else "is missing"
    line = f"your name, today's date, {', '.join(map(' '.join, digits.items()))}"
    return (
        f"pictures_reviewed_by: {wrong}. Look at {', '.join(unseen)}, and point a phone's camera at the screen too: no picture may show "
        f'an address, a QR code or the state of the quota. Then write "pictures_reviewed_by: {line}".'
    )


def logo_checked(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a person has reviewed the current logo. The gate reads its text, but not QR codes or drawn letters."""
    content = manuscript.content
    if content.logo is None:
        return
    digits = hashlib.sha256(content.logo.encode()).hexdigest()[:_DIGITS]
    if content.settings.logo_checked == digits:
        return
    changed = "has changed since it was reviewed" if content.settings.logo_checked else "is new"
    message = (
        f"logo: content/{content.settings.logo} {changed}. Open it in a browser, and point a phone's camera at the screen too: "
        "it may show only the organisation's logo, and no QR code, address or state of the quota. "
        f'Then write "logo_checked: {digits}".'
    )
    at = ("logo_checked" if content.settings.logo_checked else "logo",)
    yield content.documents[SETTINGS_FILE].problem(at, "logo-checked", message, "warning")
