"""Advice on outdated content: facts not checked for a year, past registration periods and dated blocks, days in the future."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.settings import PROGRAMMES

CHECKED_WITHIN = timedelta(days=366)


def facts_not_checked(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that a fact's `checked` date is at most a year ago, because an outdated figure misleads every reader."""
    for document, name, fact in manuscript.content.facts:
        if fact.checked and today - fact.checked > CHECKED_WITHIN:
            at = ("facts", name, "checked")
            message = f"{'.'.join(at)}: {fact.checked} is more than a year ago. Look the fact up ({fact.source}), then write today's date here."
            yield document.problem(at, "fact-checked", message, "warning")


def periods_past(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that the last registration period of a programme has not begun. Otherwise, notices say that no date is known."""
    for id, programme in manuscript.content.programmes.items():
        periods = programme.registration_periods
        if periods and all(period.begins <= today for period in periods):
            document = manuscript.content.documents[f"{PROGRAMMES}/{id}.yaml"]
            message = "registration_periods: all periods are in the past, so notices say that the next date is not known. If you know the next period, add it."
            yield document.problem(("registration_periods",), "periods-past", message, "warning")


def changed_in_future(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that a page's `updated` is not in the future, because it is printed, and translations are compared with it."""
    for page in manuscript.content.pages:
        if page.meta.updated > today:
            message = f"updated: {page.meta.updated} is in the future. Write the day of the last change here."
            yield page.lines.problem(("updated",), "updated-ahead", message, "warning")


def blocks_past(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that no dated block's moment is before today, because such a block only makes the file harder to read."""
    zone = manuscript.content.settings.zone
    for text in manuscript.content.texts:
        for block in text.blocks:
            if block.moment.astimezone(zone).date() < today:
                cure = 'the block is always shown. Delete this line and the ":::" below the block.'
                if block.is_until:
                    cure = 'the block stays hidden. Delete the block, including its closing ":::".'
                yield text.about_block(block, "dated-past", f"has passed, and {cure}", "warning")
