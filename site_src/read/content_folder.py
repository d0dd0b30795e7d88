"""Reads the whole `content/` folder into `Content`, even if files have mistakes, so that all are reported at once."""

from __future__ import annotations

import os

from site_src.problems import did_you_mean
from site_src.read.content import Content, NoticeSource, PageSource
from site_src.read.dated_blocks import find_blocks
from site_src.read.input_keys import NoticeMeta, PageMeta, Settings
from site_src.read.labels import Labels
from site_src.read.picture_files import PICTURES, is_picture, read_pictures
from site_src.read.reader import Reader
from site_src.read.records import validate
from site_src.read.settings import SETTINGS_FILE, read_programmes, read_settings
from site_src.read.tree import CONTENT
from site_src.read.values import LANGUAGE, SLUG, advise_name
from site_src.states import State


def read_content(reader: Reader) -> Content | None:
    """Returns the content. Leaves out and reports what cannot be read. Returns None if the settings cannot be read."""
    settings = read_settings(reader)
    if settings is None:
        return None
    tree, report = reader.tree, reader.report
    report.add(*(tree.faults[path] for path in sorted(tree.folders) if path in tree.faults))
    programmes = read_programmes(reader, settings)
    labels: dict[str, Labels] = {}
    notices: dict[tuple[str, State], NoticeSource] = {}
    for language in settings.languages:
        if words := reader.read_record(f"content/{language}/_labels.yaml", Labels):
            labels[language] = words
        for state in State:
            if notice := _read_notice(reader, f"content/{language}/_notices/{state}.md", settings):
                notices[language, state] = notice
    logo = _read_logo(reader, f"content/{settings.logo}") if settings.logo else None
    paths = [path for path in tree.paths if path.startswith(f"{CONTENT}/")]
    pages = tuple(page for path in paths if (page := _read_page(reader, path, settings)))
    pictures = read_pictures(reader)
    unreadable = frozenset(problem.path for problem in report.problems if problem.severity == "error")
    return Content(settings, programmes, labels, notices, pages, reader.documents, unreadable, logo, pictures)


def _read_logo(reader: Reader, path: str) -> str | None:
    """Returns the text of the logo. The gate checks its content like everything else that is published."""
    text = reader.read_text(path)
    if text is None or text.startswith("<svg "):
        return text
    message = 'does not begin with "<svg ". Save the logo as plain SVG, and delete everything before "<svg ".'
    reader.report.error(path, 1, "logo", message)
    return None


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
    return NoticeSource(
        path=path, meta=meta, lines=file.meta, body=file.body, body_line=file.body_line, blocks=blocks
    )


def _read_page(reader: Reader, path: str, settings: Settings) -> PageSource | None:
    folder, *inside = path.removeprefix(f"{CONTENT}/").split("/")
    if path.startswith(f"{PICTURES}/") or folder == "programmes" or inside == ["_labels.yaml"]:
        return None
    if path == SETTINGS_FILE or (settings.logo and not inside and folder == settings.logo):
        return None
    if is_picture(path):
        message = f'is a picture outside {PICTURES}/. Move it there: all languages share that folder. If it is the logo, name it in {SETTINGS_FILE}: "logo: logo.svg".'
        reader.report.error(path, 1, "file-name", message)
        return None
    if message := _explain_folder(folder, inside, settings):
        reader.report.error(path, 1, "language", message)
        return None
    *parents, name = inside
    if message := _explain_name(parents, name):
        reader.report.error(path, 1, "file-name", message)
        return None
    return _read_page_at(reader, path, settings, parents, name) if parents != ["_notices"] else None


def _read_page_at(
    reader: Reader, path: str, settings: Settings, parents: list[str], name: str
) -> PageSource | None:
    file = reader.read_markdown(path)
    meta = validate(PageMeta, file.meta, reader.report) if file else None
    if file is None or meta is None:
        return None
    slug = "/".join(parents if name == "index.md" else (*parents, name.removesuffix(".md")))
    blocks = find_blocks(path, file.body, file.body_line, settings.zone, reader.report)
    return PageSource(
        path=path,
        slug=slug,
        meta=meta,
        lines=file.meta,
        body=file.body,
        body_line=file.body_line,
        blocks=blocks,
    )


def _explain_folder(folder: str, inside: list[str], settings: Settings) -> str:
    """Returns why no page can be in this folder of `content/`, or "" if it is the folder of a language."""
    if not inside:
        return f"is not in the folder of a language. Move it into one, such as content/{settings.default_language}/."
    if folder in settings.languages:
        return ""
    near, about = (
        did_you_mean(folder, settings.languages),
        f'is in the folder "{folder}", which is not a language of this site.',
    )
    if LANGUAGE.fullmatch(folder):
        return f'{about}{near} Or add "{folder}" to "languages" in {SETTINGS_FILE}.'
    return f"{about} Only pages are published: move this file, or delete it.{near}"


def _explain_name(parents: list[str], name: str) -> str:
    """Returns why a file with this name, in these folders of a language, is no page or notice, or "" if it is one."""
    stem, ending = os.path.splitext(name)
    if parents == ["_notices"]:
        is_notice = ending == ".md" and stem in list(State)
        known = (f"{state}.md" for state in State)
        return "" if is_notice else f"is not the notice of a state.{did_you_mean(name, known)}"
    for parent in parents:
        if not SLUG.fullmatch(parent):
            return f'is in the folder "{parent}". {advise_name(parent, "", "my-folder")}'
    if ending not in (".md", ""):
        return 'is not a page. Only files that end with ".md" are published: move this file, or delete it.'
    if ending != ".md" or not SLUG.fullmatch(stem):
        return f"is not the name of a page. {advise_name(stem, '.md', 'my-page')}"
    return ""
