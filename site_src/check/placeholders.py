"""Warns about data that is not real yet: `example: true`, `placeholder: true`, addresses under .example, shared contacts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from site_src.check.lines import texts_in
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.quota.log import Log
from site_src.read.records import name_location
from site_src.read.settings import SETTINGS_FILE
from site_src.read.tree import STATE_FILE
from site_src.read.yaml_builder import Location

_PLACEHOLDER = re.compile(r"https://([^/]*\.)?example(/|$)")


def example_data(manuscript: Manuscript) -> Iterator[Problem]:
    """Warns about a site with `example: true`, whose quota log and dates are invented."""
    if manuscript.content.settings.example:
        message = (
            "example: the state file and the dates are examples, and every page says so. Write the real "
            "history in quota_state.yaml, then delete this line."
        )
        settings_file = manuscript.content.documents[SETTINGS_FILE]
        yield settings_file.problem(("example",), "example", message, "warning")


def placeholders(manuscript: Manuscript) -> Iterator[Problem]:
    """Warns about unconfirmed data: addresses under .example, and contacts and facts with `placeholder: true`."""
    content = manuscript.content
    contacts = content.settings.contacts.items()
    marked: set[tuple[str, Location]] = {
        (SETTINGS_FILE, ("contacts", name)) for name, contact in contacts if contact.placeholder
    }
    marked |= {(document.path, ("facts", name)) for document, name, fact in content.facts if fact.placeholder}
    for path, location in sorted(marked, key=str):
        message = f'{name_location(location)}is a placeholder. Enter the confirmed data here, then delete "placeholder: true".'
        yield content.documents[path].problem(location, "placeholder", message, "warning")
    for path, document in content.documents.items():
        for location, value in texts_in(document):
            if _PLACEHOLDER.match(value) and (path, location[:2]) not in marked:
                name = ".".join(map(str, location))
                message = f"{name}: {value} is a placeholder. Write the real address here."
                yield document.problem(location, "placeholder", message, "warning")


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
    first: dict[str, str] = {}
    for name, contact in manuscript.content.settings.contacts.items():
        for code, address in contact.addresses.items():
            other = first.setdefault(address, name)
            if other != name:
                at = ("contacts", name, code)
                message = f"{'.'.join(at)}: is also the address of {other}. Give each contact the address of its own page."
                settings_file = manuscript.content.documents[SETTINGS_FILE]
                yield settings_file.problem(at, "shared-contact", message, "warning")
