"""Reads the whole `content/` folder into `Content`: settings, programmes, labels, notices, pages and the logo.

Reads every file, even if another one has mistakes, so that all mistakes are reported at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from site_src.frozen import dataclass
from site_src.problems import Rule, did_you_mean
from site_src.read.dated_blocks import DatedBlock, find_blocks
from site_src.read.input_keys import NoticeMeta, PageMeta, Programme, Settings
from site_src.read.labels import Labels
from site_src.read.picture_files import PICTURES, is_picture, read_pictures
from site_src.read.reader import Reader
from site_src.read.records import validate
from site_src.read.settings import SETTINGS_FILE, read_programmes, read_settings
from site_src.read.tree import CONTENT
from site_src.read.values import LANGUAGE, SLUG, advise_name
from site_src.read.yaml import Document
from site_src.states import State

HOME, STATUS = "", "status"


@dataclass(frozen=True, slots=True)
class NoticeSource:
    """The name and explanation of a state in one language. `body` is Markdown; `blocks` are its dated blocks."""

    path: str
    meta: NoticeMeta
    lines: Document
    body: str
    body_line: int
    blocks: tuple[DatedBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class PageSource:
    """One page in one language. `slug` is "" for the home page, otherwise a path such as `guides/money`.

    `body` is Markdown; `blocks` are its dated blocks.
    """

    path: str
    language: str
    slug: str
    meta: PageMeta
    lines: Document
    body: str
    body_line: int
    blocks: tuple[DatedBlock, ...] = ()


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


def read_content(reader: Reader) -> Content | None:
    """Reads all of `content/`. Leaves out what cannot be read, and reports it. Returns None if the settings cannot be read."""
    settings = read_settings(reader)
    if settings is None:
        return None
    tree, report = reader.tree, reader.report
    report.add(*(tree.faults[path] for path in sorted(tree.folders) if path in tree.faults))
    programmes = read_programmes(reader, settings)
    labels: dict[str, Labels] = {}
    notices: dict[tuple[str, State], NoticeSource] = {}
    for language in settings.languages:
        path = f"content/{language}/_labels.yaml"
        if words := reader.read_record(path, Labels):
            labels[language] = words
        for state in State:
            if notice := _read_notice(reader, f"content/{language}/_notices/{state}.md", settings):
                notices[language, state] = notice
    logo = _read_logo(reader, f"content/{settings.logo}") if settings.logo else None
    paths = [
        path for path in tree.paths if path.startswith(f"{CONTENT}/") and not path.startswith(f"{PICTURES}/")
    ]
    pages = tuple(page for path in paths if (page := _read_page(reader, path, settings)))
    pictures = read_pictures(reader)
    unreadable = frozenset(problem.path for problem in report.problems if problem.severity == "error")
    return Content(settings, programmes, labels, notices, pages, reader.documents, unreadable, logo, pictures)


def _read_logo(reader: Reader, path: str) -> str | None:
    """Returns the text of the logo. The gate checks its content like everything else that is published."""
    text = reader.read_text(path)
    if text is not None and not text.startswith("<svg "):
        message = (
            'does not begin with "<svg ". Save the logo as plain SVG, and delete everything before "<svg ".'
        )
        reader.report.error(path, 1, "logo", message)
        return None
    return text


def _read_notice(reader: Reader, path: str, settings: Settings) -> NoticeSource | None:
    file = reader.read_markdown(path)
    meta = validate(NoticeMeta, file.meta, reader.report) if file else None
    if file is None or meta is None:
        return None
    if not file.body.strip():
        message = "has no text. Write what this state means for the reader."
        reader.report.error(path, file.body_line, "empty-file", message)
        return None
    blocks = find_blocks(path, file.body, file.body_line, settings.zone, reader.report)
    return NoticeSource(path, meta, file.meta, file.body, file.body_line, blocks)


def _read_page(reader: Reader, path: str, settings: Settings) -> PageSource | None:
    folder, *inside = path.removeprefix("content/").split("/")
    if path == SETTINGS_FILE or folder == "programmes" or inside == ["_labels.yaml"]:
        return None
    if settings.logo and path == f"content/{settings.logo}":
        return None
    if is_picture(path):
        message = f'is a picture outside {PICTURES}/. Move it there: all languages share that folder. If it is the logo, name it in {SETTINGS_FILE}: "logo: logo.svg".'
        reader.report.error(path, 1, "file-name", message)
        return None
    if about := _misplaced(folder, inside, settings):
        message, rule = about
        reader.report.error(path, 1, rule, message)
        return None
    *parents, name = inside
    if parents == ["_notices"]:
        return None
    file = reader.read_markdown(path)
    meta = validate(PageMeta, file.meta, reader.report) if file else None
    if file is None or meta is None:
        return None
    slug = "/".join(parents if name == "index.md" else (*parents, name.removesuffix(".md")))
    blocks = find_blocks(path, file.body, file.body_line, settings.zone, reader.report)
    return PageSource(path, folder, slug, meta, file.meta, file.body, file.body_line, blocks)


def _misplaced(folder: str, inside: list[str], settings: Settings) -> tuple[str, Rule] | None:
    """Returns why no page or notice can be at this place in `content/`, and the rule's name. Returns None if the place is right."""
    if not inside:
        default = settings.default_language
        return (
            f"is not in the folder of a language. Move it into one, such as content/{default}/.",
            "language",
        )
    if folder not in settings.languages:
        near = did_you_mean(folder, settings.languages)
        cure = (
            f'{near} Or add "{folder}" to "languages" in {SETTINGS_FILE}.'
            if LANGUAGE.fullmatch(folder)
            else f" Only pages are published: move this file, or delete it.{near}"
        )
        return f'is in the folder "{folder}", which is not a language of this site.{cure}', "language"
    *parents, name = inside
    stem, ending = os.path.splitext(name)
    if parents == ["_notices"]:
        if ending == ".md" and stem in list(State):
            return None
        return (
            f"is not the notice of a state.{did_you_mean(name, (f'{state}.md' for state in State))}",
            "file-name",
        )
    for parent in parents:
        if not SLUG.fullmatch(parent):
            return (
                f'is in the folder "{parent}". {advise_name(parent, "", "my-folder")}',
                "file-name",
            )
    if ending not in (".md", ""):
        return (
            'is not a page. Only files that end with ".md" are published: move this file, or delete it.',
            "file-name",
        )
    if ending != ".md" or not SLUG.fullmatch(stem):
        return (
            f"is not the name of a page. {advise_name(stem, '.md', 'my-page')}",
            "file-name",
        )
    return None
