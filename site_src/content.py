"""The communications team's folder, read whole: settings, programmes, words, notices and pages.

Every file is read even when another one is broken, so that a person sees all mistakes at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from site_src.front_matter import FrontMatterFile, split_front_matter
from site_src.labels import Labels
from site_src.problems import Problem, did_you_mean
from site_src.quota import State
from site_src.schema import FACT_NAME, SLUG, NoticeMeta, PageMeta, Programme, Settings
from site_src.source_files import files_below, is_ignored, read_source
from site_src.validation import RecordType, validate
from site_src.yaml_source import Document, parse_yaml

SETTINGS_FILE = "content/site.yaml"
PROGRAMMES = "content/programmes"
HOME, STATUS = "", "status"


@dataclass(frozen=True, slots=True)
class NoticeSource:
    """What a state is called and explained in one language; `body` is Markdown."""

    path: str
    meta: NoticeMeta
    body: str
    body_line: int


@dataclass(frozen=True, slots=True)
class PageSource:
    """One page in one language; `slug` is "" for the first page, else a path such as `guides/money`."""

    path: str
    language: str
    slug: str
    meta: PageMeta
    lines: Document
    body: str
    body_line: int


TextSource = PageSource | NoticeSource


@dataclass(frozen=True, slots=True)
class Content:
    """All that was read. `unreadable` names the files that have problems, so that nothing else blames them."""

    settings: Settings
    programmes: Mapping[str, Programme]
    labels: Mapping[str, Labels]
    notices: Mapping[tuple[str, State], NoticeSource]
    pages: tuple[PageSource, ...]
    documents: Mapping[str, Document]
    unreadable: frozenset[str]

    @property
    def texts(self) -> tuple[TextSource, ...]:
        """All pages and notices."""
        return (*self.pages, *self.notices.values())


def read_settings(root: Path, problems: list[Problem], documents: dict[str, Document]) -> Settings | None:
    """`content/site.yaml`, with each language named once and a title in each of them."""
    settings = _read_record(root, SETTINGS_FILE, Settings, problems, documents)
    if settings is None:
        return None
    document = documents[SETTINGS_FILE]
    found: list[Problem] = []
    for number, code in enumerate(settings.languages):
        if code in settings.languages[:number]:
            found.append(
                Problem(
                    SETTINGS_FILE,
                    document.line_of(("languages", number)),
                    f"languages: {code} stands here twice. Keep one.",
                    "language",
                )
            )
    found += _language_keys(document, ("title",), settings.title, settings, every=True)
    for name in settings.contacts:
        found += _language_keys(document, ("contacts", name), settings.contacts[name], settings)
    found += _fact_names(document, settings.facts)
    problems.extend(found)
    return None if found else settings


def read_programmes(
    root: Path, settings: Settings, problems: list[Problem], documents: dict[str, Document]
) -> dict[str, Programme]:
    """The programmes by id, as far as their files are right; a problem for each other file there."""
    programmes: dict[str, Programme] = {}
    for path in files_below(root, PROGRAMMES, problems):
        id, ending = os.path.splitext(path.removeprefix(f"{PROGRAMMES}/"))
        if ending != ".yaml" or not SLUG.fullmatch(id):
            problems.append(
                Problem(
                    path,
                    1,
                    'is not the name of a programme\'s file. Use small letters, digits and hyphens, then ".yaml".',
                    "file-name",
                )
            )
            continue
        programme = _read_record(root, path, Programme, problems, documents)
        if programme is None:
            continue
        document = documents[path]
        found = _language_keys(document, ("names",), programme.names, settings, every=True)
        found += _language_keys(document, ("conversation_starter",), programme.conversation_starter, settings)
        found += _fact_names(document, programme.facts)
        problems.extend(found)
        if not found:
            programmes[id] = programme
    return programmes


def programme_ids(root: Path) -> frozenset[str]:
    """The ids that the names of the programmes' files give, also of files that cannot be read."""
    folder = root / PROGRAMMES
    names = os.listdir(folder) if folder.is_dir() else []
    return frozenset(
        name.removesuffix(".yaml") for name in names if name.endswith(".yaml") and not is_ignored(name)
    )


def read_content(root: Path, problems: list[Problem]) -> Content | None:
    """All of `content/`, as far as it could be read; None when not even the settings could be."""
    documents: dict[str, Document] = {}
    before = len(problems)
    settings = read_settings(root, problems, documents)
    if settings is None:
        return None
    programmes = read_programmes(root, settings, problems, documents)
    labels: dict[str, Labels] = {}
    notices: dict[tuple[str, State], NoticeSource] = {}
    for language in settings.languages:
        path = f"content/{language}/_labels.yaml"
        if words := _read_record(root, path, Labels, problems, documents):
            labels[language] = words
        for state in State:
            if notice := _read_notice(root, f"content/{language}/_notices/{state}.md", problems):
                notices[language, state] = notice
    paths = files_below(root, "content", problems)
    pages = tuple(page for path in paths if (page := _read_page(root, path, settings, problems)))
    unreadable = frozenset(problem.path for problem in problems[before:] if problem.severity == "error")
    return Content(settings, programmes, labels, notices, pages, documents, unreadable)


def _read_record(
    root: Path, path: str, model: type[RecordType], problems: list[Problem], documents: dict[str, Document]
) -> RecordType | None:
    text = read_source(root, path, problems)
    document = None if text is None else parse_yaml(text, path, problems)
    if document is None:
        return None
    documents[path] = document
    return validate(model, document, problems)


def _read_markdown(root: Path, path: str, problems: list[Problem]) -> FrontMatterFile | None:
    text = read_source(root, path, problems)
    return None if text is None else split_front_matter(text, path, problems)


def _read_notice(root: Path, path: str, problems: list[Problem]) -> NoticeSource | None:
    file = _read_markdown(root, path, problems)
    meta = validate(NoticeMeta, file.meta, problems) if file else None
    if file is None or meta is None:
        return None
    if not file.body.strip():
        problems.append(
            Problem(
                path, file.body_line, "has no text. Write what this state means for the reader.", "empty-file"
            )
        )
        return None
    return NoticeSource(path, meta, file.body, file.body_line)


def _read_page(root: Path, path: str, settings: Settings, problems: list[Problem]) -> PageSource | None:
    folder, *inside = path.removeprefix("content/").split("/")
    if path == SETTINGS_FILE or folder == "programmes":
        return None
    if folder not in settings.languages:
        problems.append(
            Problem(
                path,
                1,
                f'does not belong to a language of this site.{did_you_mean(folder, settings.languages)} Or add the language to "languages" in {SETTINGS_FILE}.',
                "language",
            )
        )
        return None
    if inside == ["_labels.yaml"]:
        return None
    *parents, name = inside
    if parents == ["_notices"]:
        if name.removesuffix(".md") not in list(State):
            problems.append(
                Problem(
                    path,
                    1,
                    f"is not the notice of a state.{did_you_mean(name.removesuffix('.md'), State)}",
                    "file-name",
                )
            )
        return None
    stem, ending = os.path.splitext(name)
    if ending != ".md" or not all(SLUG.fullmatch(part) for part in (*parents, stem)):
        problems.append(
            Problem(
                path,
                1,
                'is not the name of a page. Use small letters, digits and hyphens, then ".md": "my-page.md".',
                "file-name",
            )
        )
        return None
    file = _read_markdown(root, path, problems)
    meta = validate(PageMeta, file.meta, problems) if file else None
    if file is None or meta is None:
        return None
    slug = "/".join(parents if stem == "index" else (*parents, stem))
    return PageSource(path, folder, slug, meta, file.meta, file.body, file.body_line)


def _language_keys(
    document: Document, at: tuple[str, ...], texts: Mapping[str, str], settings: Settings, every: bool = False
) -> list[Problem]:
    """Problems with a mapping by language: unknown languages, and missing ones (`every`, else the default)."""
    name = ".".join(at)
    wanted = settings.languages if every else settings.languages[:1]
    unknown = [
        Problem(
            document.path,
            document.line_of((*at, code)),
            f"{name}.{code}: is not a language of this site.{did_you_mean(code, settings.languages)}",
            "language",
        )
        for code in texts
        if code not in settings.languages
    ]
    missing = [
        Problem(
            document.path,
            document.line_of(at),
            f'{name}.{code}: is missing. Add a line such as "{code}: …".',
            "missing-key",
        )
        for code in wanted
        if code not in texts
    ]
    return unknown + missing


def _fact_names(document: Document, facts: Mapping[str, object]) -> list[Problem]:
    return [
        Problem(
            document.path,
            document.line_of(("facts", name)),
            f"facts.{name}: is not the name of a fact. Use small letters, digits and underscores: places_per_year.",
            "fact-name",
        )
        for name in facts
        if not FACT_NAME.fullmatch(name)
    ]
