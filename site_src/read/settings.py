"""What holds for the whole site: `content/site.yaml`, and a file for each programme.

The operator's commands need no more of `content/` than this, so that they start quickly and work while a page is broken.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from unicodedata import normalize

from site_src.problems import Problem, did_you_mean
from site_src.read.comments import find_lost_text
from site_src.read.records import RecordType, validate
from site_src.read.schema import FACT_NAME, SLUG, Programme, Settings
from site_src.read.tree import files_below, read_source
from site_src.read.yaml import Document, parse_yaml

SETTINGS_FILE = "content/site.yaml"
PROGRAMMES = "content/programmes"
PAGES_OF_EVERY_SITE = ("index", "status")


def read_settings(root: Path, problems: list[Problem], documents: dict[str, Document]) -> Settings | None:
    """`content/site.yaml`, with each language named once and a title in each of them."""
    settings = read_record(root, SETTINGS_FILE, Settings, problems, documents)
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
    found += _language_keys(document, ("organisation",), settings.organisation, settings)
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
        id = programme_id(path)
        if id is None:
            problems.append(
                Problem(
                    path,
                    1,
                    'is not the name of a programme\'s file. Use small letters, digits and hyphens, then ".yaml".',
                    "file-name",
                )
            )
            continue
        if id in PAGES_OF_EVERY_SITE:
            message = f'cannot be called "{id}": every site has a page of that name. Choose another name.'
            problems.append(Problem(path, 1, message, "file-name"))
            continue
        programme = read_record(root, path, Programme, problems, documents)
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


def programme_id(path: str) -> str | None:
    """The id that the path of a programme's file gives; None for another path."""
    id = path.removeprefix(f"{PROGRAMMES}/").removesuffix(".yaml")
    return id if path == f"{PROGRAMMES}/{id}.yaml" and SLUG.fullmatch(id) else None


def programme_ids(root: Path) -> frozenset[str]:
    """The ids that the names of the programmes' files give, also of files that cannot be read; none where the folder cannot."""
    names: list[str] = []
    # Whoever needs what is in there tells of it; a closing does not.
    with suppress(OSError):
        names = os.listdir(root / PROGRAMMES)
    return frozenset(id for name in names if (id := programme_id(f"{PROGRAMMES}/{name}")))


def read_record(
    root: Path, path: str, model: type[RecordType], problems: list[Problem], documents: dict[str, Document]
) -> RecordType | None:
    """The file as a `model`, or None and its problems; `documents` gets what was read, by path."""
    text = read_source(root, path, problems)
    text = text and normalize("NFC", text)
    document = None if text is None else parse_yaml(text, path, problems)
    if text is None or document is None:
        return None
    if lost := find_lost_text(text.split("\n"), path):
        problems.extend(lost)
        return None
    documents[path] = document
    return validate(model, document, problems)


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
    # One code that is misspelt is one mistake.
    return unknown if len(unknown) == len(missing) == 1 else unknown + missing


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
