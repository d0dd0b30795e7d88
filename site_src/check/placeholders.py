"""Warns about data that is not real yet: `example: true`, `placeholder: true`, addresses under .example, shared contacts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from site_src.check.lines import texts_in
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.quota.log import Log
from site_src.read.records import name_location
from site_src.read.settings import PROGRAMMES, SETTINGS_FILE
from site_src.read.tree import STATE_FILE
from site_src.read.yaml import Location

_PLACEHOLDER = re.compile(r"https://([^/]*\.)?example(/|$)")


def example_data(manuscript: Manuscript) -> Iterator[Problem]:
    """Warns about a site with `example: true`, whose quota log and dates are invented."""
    if manuscript.content.settings.example:
        message = (
            "example: the state file and the dates are examples, and every page says so. Write the real "
            "history in quota_state.yaml, then delete this line."
        )
        line = manuscript.content.documents[SETTINGS_FILE].line_of(("example",))
        yield Problem(SETTINGS_FILE, line, message, "example", "warning")


def placeholders(manuscript: Manuscript) -> Iterator[Problem]:
    """Warns about unconfirmed data: addresses under .example, and contacts and facts with `placeholder: true`."""
    marked = set(_marked(manuscript))
    for path, location in sorted(marked, key=str):
        message = f'{name_location(location)}is a placeholder. Enter the confirmed data here, then delete "placeholder: true".'
        yield _warn(manuscript, path, location, message)
    for path, document in manuscript.content.documents.items():
        for location, value in texts_in(document):
            if _PLACEHOLDER.match(value) and (path, location[:2]) not in marked:
                message = (
                    f"{'.'.join(map(str, location))}: {value} is a placeholder. Write the real address here."
                )
                yield _warn(manuscript, path, location, message)


def placeholder_events(logs: Mapping[str, Log]) -> Iterator[Problem]:
    """Warns about an event in the quota log that is not confirmed (`placeholder: true`)."""
    for id, log in logs.items():
        for number, event in enumerate(log, start=1):
            if event.placeholder:
                message = (
                    f'{id}[{number}]: is a placeholder. Confirm the event, then delete "placeholder: true".'
                )
                yield Problem(STATE_FILE, event.line, message, "placeholder", "warning")


def shared_contacts(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each contact has its own address. An address that contacts share is a front page or a mistake."""
    contacts = manuscript.content.settings.contacts
    first: dict[str, str] = {}
    for name, contact in contacts.items():
        for code, address in contact.addresses.items():
            other = first.setdefault(address, name)
            if other != name:
                message = f"contacts.{name}.{code}: is also the address of {other}. Give each contact the address of its own page."
                document = manuscript.content.documents[SETTINGS_FILE]
                line = document.line_of(("contacts", name, code))
                yield Problem(SETTINGS_FILE, line, message, "shared-contact", "warning")


def _marked(manuscript: Manuscript) -> Iterator[tuple[str, Location]]:
    """Yields the file and location of each contact and fact that is marked as a placeholder."""
    content = manuscript.content
    for name, contact in content.settings.contacts.items():
        if contact.placeholder:
            yield SETTINGS_FILE, ("contacts", name)
    files = {SETTINGS_FILE: content.settings.facts}
    files |= {f"{PROGRAMMES}/{id}.yaml": programme.facts for id, programme in content.programmes.items()}
    for path, facts in files.items():
        for name, fact in facts.items():
            if fact.placeholder:
                yield path, ("facts", name)


def _warn(manuscript: Manuscript, path: str, location: Location, message: str) -> Problem:
    line = manuscript.content.documents[path].line_of(location)
    return Problem(path, line, message, "placeholder", "warning")
