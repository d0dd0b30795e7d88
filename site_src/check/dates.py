"""Checks dates against the instant of the build: events too far ahead, facts that are not valid yet, and an expired security.txt.

The rules are not in `CHECKS`, because those rules do not know the instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time

from site_src.check.inputs import Inputs
from site_src.check.security import expiry
from site_src.convert.manuscript import Manuscript
from site_src.instants import Moment
from site_src.problems import InputRefused, Problem, has_errors
from site_src.quota.decision import FARTHEST_END, FARTHEST_FACT, doubtful_end, next_change
from site_src.quota.log import Log
from site_src.read.tree import STATE_FILE
from site_src.states import State


def judge(inputs: Inputs, moment: Moment) -> Inputs:
    """Returns the inputs, with the warnings that their dates give at the moment, and with `content_judged` set.

    Raises InputRefused if a date does not allow a build for that moment.
    """
    found = [*find_doubtful_dates(inputs.logs, moment)]
    if not inputs.content_judged:
        found += expiry(inputs.manuscript, moment.instant)
        if moment.is_present:
            found += _early_facts(inputs.manuscript, moment.instant)
    problems = tuple(sorted({*inputs.warnings, *found}))
    if has_errors(found):
        raise InputRefused(problems)
    return replace(inputs, warnings=problems, content_judged=True)


def find_doubtful_dates(logs: Mapping[str, Log], moment: Moment) -> Iterator[Problem]:
    """Yields a problem for each event in a log whose date is so far ahead that it is probably a mistake."""
    yield from _doubtful_ends(logs, moment.instant)
    if moment.is_present:
        yield from _foretold_quotas(logs, moment.instant)


def _doubtful_ends(logs: Mapping[str, Log], instant: datetime) -> Iterator[Problem]:
    """Yields a problem for each event that hides a link so late that its year is probably a typing mistake."""
    for id, log in logs.items():
        if end := doubtful_end(log, instant):
            message = f"is more than {FARTHEST_END.days} days ahead, and the link would be shown until that day. Check the year."
            yield Problem(STATE_FILE, end.line, f"{id}[{log.index(end) + 1}].from: {message}", "quota-end")


def _foretold_quotas(logs: Mapping[str, Log], now: datetime) -> Iterator[Problem]:
    """Yields a problem for each `quota_reached` that begins more than a day after `now`.

    A reached quota is a fact and cannot be planned. A typing mistake in the date would show the link until that date.
    """
    for id, log in logs.items():
        for number, event in enumerate(log, start=1):
            if event.state is State.QUOTA_REACHED and event.starts - now > FARTHEST_FACT:
                message = "is more than a day in the future, but nobody can know that early that the quota is reached. Check the day."
                yield Problem(STATE_FILE, event.line, f"{id}[{number}].from: {message}", "quota-foretold")


def _early_facts(manuscript: Manuscript, now: datetime) -> Iterator[Problem]:
    """Yields a problem for each fact whose `valid_from` is after the day of `now`, because pages would print it today."""
    today = now.astimezone(manuscript.content.settings.zone).date()
    for document, name, fact in manuscript.content.facts:
        if fact.valid_from and fact.valid_from > today:
            message = f'{fact.valid_from} is in the future, but pages would print {fact.value} today. To change a figure on that day, write "values:" with the old and the new figure.'
            at = ("facts", name, "valid_from")
            yield document.problem(at, "fact-ahead", f"{'.'.join(at)}: {message}")


def find_next_change(inputs: Inputs, after: datetime) -> datetime:
    """Returns the first moment after `after` (aware) at which the output changes by itself: an event, a dated text, a new day.

    The expiry of security.txt also counts, because builds are refused from then on. It is at 00:00 UTC (RFC 9116, 2.5.5).
    """
    settings = inputs.manuscript.content.settings
    event_or_day = next_change(inputs.logs, settings.zone, after)
    expires = settings.security.expires if settings.security else None
    ends = [datetime.combine(expires, time(), UTC)] if expires else []
    return min([event_or_day, *inputs.manuscript.moments_after(after), *(end for end in ends if end > after)])
