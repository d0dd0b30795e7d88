"""Checks `security` in content/site.yaml: the contacts of security.txt, its expiry day, or its address on another site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from site_src.convert.links import DeadLink, SamePage, resolve
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem, Rule, Severity, did_you_mean
from site_src.read.records import name_location
from site_src.read.settings import SETTINGS_FILE
from site_src.read.yaml_builder import Location

_KEYS = {"file": ("contact", "expires", "policy", "preferred_languages"), "redirect": ("redirect_to",)}
# The required keys, and what to type.
_NEEDED = {
    "file": {"contact": "[mailto:name@host.nl]", "expires": "2027-06-30"},
    "redirect": {"redirect_to": "https://…"},
}
_MAIL_OR_TELEPHONE = re.compile(r"mailto:[!-~]+@[a-z0-9.-]+\.[a-z]{2,}|tel:\+[0-9-]{6,20}", re.ASCII)
_SHORT, _LONG = timedelta(days=30), timedelta(days=366)


def security(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that `security` has the keys of its mode, and links only to pages, contacts and hosts that pages may link to."""
    settings = manuscript.content.settings
    found = settings.security
    if found is None:
        return
    typed = found.model_fields_set
    for mode, keys in _KEYS.items():
        for key in keys:
            if mode != found.mode and key in typed:
                message = f'cannot be used with mode {found.mode}. Delete it, or write "mode: {mode}".'
                yield _about(manuscript, (key,), message)
    for key, example in _NEEDED[found.mode].items():
        if not getattr(found, key):
            message = f'is missing. Add a line such as "{key}: {example}" below security.'
            yield _about(manuscript, (key,), message, "missing-key")
    for number, contact in enumerate(found.contact):
        yield from _destination(manuscript, ("contact", number), contact)
    if found.policy:
        yield from _destination(manuscript, ("policy",), found.policy)
    host = urlsplit(found.redirect_to or "").netloc
    if host and host not in settings.outbound_hosts:
        near = did_you_mean(host, settings.outbound_hosts)
        message = f'leads to {host}, which is not in "outbound_hosts". If pages may link to that host, list it there.{near}'
        yield _about(manuscript, ("redirect_to",), message, "link")


def expiry(manuscript: Manuscript, instant: datetime) -> Iterator[Problem]:
    """Yields an error if security.txt has expired at `instant` (aware), and a warning if it expires within 30 days, or after
    more than 366 days.
    """
    found = manuscript.content.settings.security
    if found is None or found.expires is None:
        return
    left = datetime.combine(found.expires, time(), UTC) - instant
    again = "Check all lines of security, then write a date within the next year."
    if left <= timedelta():
        yield _about(manuscript, ("expires",), f"security.txt expired on {found.expires}. {again}", "expired")
    elif left < _SHORT:
        message = f"{found.expires} is less than {_SHORT.days} days away. {again}"
        yield _about(manuscript, ("expires",), message, "expired", "warning")
    elif left > _LONG:
        message = (
            f"{found.expires} is more than a year away, so readers of the file will not trust it. {again}"
        )
        yield _about(manuscript, ("expires",), message, "expired", "warning")


def _destination(manuscript: Manuscript, at: Location, typed: str) -> Iterator[Problem]:
    if _MAIL_OR_TELEPHONE.fullmatch(typed):
        return
    if re.fullmatch(r"(mailto|tel):.*|[^\s:/]+@\S+", typed):
        message = f'"{typed}" is not an address. Write mailto:name@host.nl or tel:+31-70-1234567.'
        yield _about(manuscript, at, message, "link")
        return
    default = manuscript.content.settings.default_language
    try:
        target = resolve(manuscript, f"content/{default}/index.md", typed, default)
    except DeadLink as error:
        yield _about(manuscript, at, str(error), "link")
        return
    if isinstance(target, SamePage) or not re.fullmatch(r"[!-~]+", typed):
        message = f'"{typed}" is not an address. Write a page\'s file, contact:name, or https://…'
        yield _about(manuscript, at, message, "link")


def _about(
    manuscript: Manuscript, at: Location, message: str, rule: Rule = "security", severity: Severity = "error"
) -> Problem:
    place = ("security", *at)
    document = manuscript.content.documents[SETTINGS_FILE]
    return document.problem(place, rule, f"{name_location(place)}{message}", severity)
