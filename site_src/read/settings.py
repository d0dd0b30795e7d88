"""Reads the settings and the programmes: `content/site.yaml`, and `content/programmes/<id>.yaml` for each programme.

The operator's commands read only these files of `content/`, so they start quickly and work while a page has mistakes.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from site_src.problems import Problem, did_you_mean, has_errors
from site_src.read.input_keys import Fact, Programme, RegistrationPeriod, Settings
from site_src.read.reader import Reader
from site_src.read.records import name_location
from site_src.read.tree import Tree
from site_src.read.values import FACT_NAME, SLUG
from site_src.read.yaml import Document
from site_src.read.yaml_builder import Location

SETTINGS_FILE = "content/site.yaml"
PROGRAMMES = "content/programmes"
PAGES_OF_EVERY_SITE = ("index", "status")


_ZONE = re.compile(rb"""^(["']?)time_zone\1\s*:\s*(["']?)(?P<zone>[\w/+-]+)\2\s*(?:#.*)?$""", re.MULTILINE)


def read_settings(reader: Reader) -> Settings | None:
    """Reads and checks the settings. If they have errors, adds these to the report and returns None."""
    settings = reader.read_record(SETTINGS_FILE, Settings)
    if settings is None:
        return None
    found = tuple(_find_problems_of_settings(reader.documents[SETTINGS_FILE], settings))
    reader.report.add(*found)
    return None if has_errors(found) else settings


def find_zone(tree: Tree) -> ZoneInfo | None:
    """Finds the time zone on its line in the settings, even if the rest cannot be read. Returns None if there is no such line."""
    text = tree.files.get(SETTINGS_FILE, b"")
    typed = _ZONE.search(text.removeprefix(BOM_UTF8))
    try:
        return ZoneInfo(typed["zone"].decode()) if typed else None
    except (ValueError, OSError, KeyError):
        return None


def _find_problems_of_settings(document: Document, settings: Settings) -> Iterator[Problem]:
    for number, code in enumerate(settings.languages):
        if code in settings.languages[:number]:
            yield document.problem(
                ("languages", number), "language", f"languages: {code} is here twice. Keep one."
            )
    yield from _check_languages(document, ("title",), settings.title, settings, every=True)
    yield from _check_languages(document, ("organisation",), settings.organisation, settings)
    for name, contact in settings.contacts.items():
        yield from _check_languages(document, ("contacts", name), contact.addresses, settings)
    yield from _check_facts(document, settings.facts)


def read_programmes(reader: Reader, settings: Settings) -> dict[str, Programme]:
    """Returns, by id, the programmes whose files have no mistakes. Adds the problems of the other files to `reader.report`."""
    programmes: dict[str, Programme] = {}
    if PROGRAMMES in reader.tree.paths:
        message = (
            "is a file, but must be a folder with a file for each programme. Rename it, and make the folder."
        )
        reader.report.error(PROGRAMMES, 1, "not-a-file", message)
    for path in reader.tree.paths:
        if not path.startswith(f"{PROGRAMMES}/"):
            continue
        id = programme_id(path)
        if id is None:
            message = 'is not the name of a programme\'s file. Use lower-case letters, digits and hyphens, then ".yaml".'
            reader.report.error(path, 1, "file-name", message)
        elif id in PAGES_OF_EVERY_SITE:
            message = f'cannot be called "{id}": every site has a page with that name. Choose another name.'
            reader.report.error(path, 1, "file-name", message)
        elif programme := _read_programme(reader, path, settings):
            programmes[id] = programme
    return programmes


def _read_programme(reader: Reader, path: str, settings: Settings) -> Programme | None:
    programme = reader.read_record(path, Programme)
    if programme is None:
        return None
    document = reader.documents[path]
    starter = programme.conversation_starter
    found = (
        *_check_languages(document, ("names",), programme.names, settings, every=True),
        *_check_languages(document, ("time_zone_names",), programme.time_zone_names, settings, every=True),
        *_check_languages(document, ("conversation_starter",), starter, settings),
        *(
            problem
            for number, period in enumerate(programme.registration_periods)
            for problem in _check_known_languages(
                document, ("registration_periods", number, "reason"), period.reason, settings
            )
        ),
        *_check_days(document, programme.registration_periods),
        *_check_facts(document, programme.facts),
    )
    reader.report.add(*found)
    return None if has_errors(found) else programme


def _check_days(document: Document, periods: Sequence[RegistrationPeriod]) -> Iterator[Problem]:
    """Yields a problem for each registration period that begins on the day of an earlier one."""
    days = [period.begins for period in periods]
    for number, day in enumerate(days):
        if day in days[:number]:
            message = f"{day} is the day of another registration period too. Keep one of the two."
            at = ("registration_periods", number, "begins")
            yield document.problem(at, "value", f"{name_location(at)}{message}")


def programme_id(path: str) -> str | None:
    """Returns the id in the path of a programme's file, or None for any other path."""
    id = path.removeprefix(f"{PROGRAMMES}/").removesuffix(".yaml")
    return id if path == f"{PROGRAMMES}/{id}.yaml" and SLUG.fullmatch(id) else None


def programme_ids(tree: Tree) -> frozenset[str]:
    """Returns the ids in the names of the programmes' files, including files that cannot be read."""
    return frozenset(id for path in tree.paths if (id := programme_id(path)))


def _check_languages(
    document: Document, at: tuple[str, ...], texts: Mapping[str, str], settings: Settings, every: bool = False
) -> Iterator[Problem]:
    """Yields a problem for each unknown language in a mapping, and one if the default language is missing.

    If `every` is True, yields a problem for each missing language.
    """
    name = ".".join(at)
    unknown = [code for code in texts if code not in settings.languages]
    missing = [
        code for code in (settings.languages if every else settings.languages[:1]) if code not in texts
    ]
    yield from _check_known_languages(document, at, texts, settings)
    # A misspelt code is reported once, and not also as missing.
    for code in missing if len(unknown) != 1 or len(missing) != 1 else ():
        message = f'{name}.{code}: is missing. Add a line such as "{code}: …".'
        yield document.problem(at, "missing-key", message)


def _check_known_languages(
    document: Document, at: Location, texts: Mapping[str, str], settings: Settings
) -> Iterator[Problem]:
    """Yields a problem for each language that the site does not have."""
    for code in texts:
        if code not in settings.languages:
            message = f"{name_location((*at, code))}is not a language of this site.{did_you_mean(code, settings.languages)}"
            yield document.problem((*at, code), "language", message)


def _check_facts(document: Document, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    """Yields a problem for each wrong name, each missing value, and each dated value that is not in order of time."""
    for name, fact in facts.items():
        if not FACT_NAME.fullmatch(name):
            message = f"facts.{name}: is not the name of a fact. Use lower-case letters, digits and underscores: places_per_year."
            yield document.problem(("facts", name), "fact-name", message)
        typed = document.value["facts"][name]
        for key in ("value", "valid_from"):
            at = ("facts", name, key)
            if fact.values and key in typed:
                message = 'cannot be used with "values", which lists each value with its day. Delete one of the two.'
                yield document.problem(at, "value", f"facts.{name}.{key}: {message}")
            elif not fact.values and getattr(fact, key) is None:
                problem = "is empty. Write a value" if key in typed else "is missing. Add a line such as"
                example = f' "{key}: …".' if key not in typed else f': "{key}: …".'
                yield document.problem(at, "missing-key", f"facts.{name}.{key}: {problem}{example}")
        for number, (before, after) in enumerate(pairwise(fact.values), start=2):
            if after.valid_from <= before.valid_from:
                message = f"{after.valid_from} is not after {before.valid_from}, the day above it. Sort the values by date."
                place = ("facts", name, "values", number - 1, "valid_from")
                yield document.problem(place, "value", f"facts.{name}.values[{number}].valid_from: {message}")
