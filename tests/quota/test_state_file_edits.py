"""A state file with one mistyped character is refused, or shows no link again. These tests list the exceptions.

Each exception changes one moment into another valid moment. An event that hides the link is then ahead (by
400 days at most), or an event that shows it is in the past. Operators type both on purpose: to schedule a
change, or to note a change afterwards. So no rule can tell them from a slip.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from site_src.problems import InputRefused, Report
from site_src.quota.decision import FARTHEST_END, LinkShown, doubtful_end
from site_src.quota.event_keys import parse_quota_logs
from site_src.quota.log import Log, state_at
from site_src.read.text import decode_text
from site_src.read.tree import STATE_FILE
from site_src.states import STATES_WITH_LINK
from tests.support.project import AMSTERDAM, NOON, Project, at
from tests.support.state_files import LAYOUTS

ALPHABET = "0123456789 :-+ZTt#'\"[]{},&*!|>%@`?~._/\\=aeiopqsux\n\t\r\u00a0\u00e9\u0661\u2028\ufeff\u200b\u202e\x00\x85"
PROGRAMMES = frozenset({"japan", "south-korea"})
SAMPLE = 1000


@dataclass(frozen=True)
class Edit:
    """An edit of one character: inserted (`old` is ""), deleted (`new` is ""), or replaced."""

    position: int
    old: str
    new: str

    def of(self, text: str) -> str:
        """Returns the text after the edit."""
        return text[: self.position] + self.new + text[self.position + len(self.old) :]


def single_edits(text: str, seed: int) -> Iterator[Edit]:
    """Returns a sample of all single-character edits of the text. The sample is the same in each run."""
    choose = random.Random(seed)  # noqa: S311 - the same sample each time is the point
    for _ in range(SAMPLE):
        position = choose.randrange(len(text))
        old = choose.choice(["", text[position]])
        new = choose.choice(["", *ALPHABET])
        if old != new:
            yield Edit(position, old, new)


def digit_edits(text: str) -> list[Edit]:
    """Returns the edits that change a digit of the text into a different digit.

    These slips can make another valid moment.
    """
    return [
        Edit(found.start(), found[0], digit)
        for found in re.finditer(r"\d", text)
        for digit in "0123456789"
        if digit != found[0]
    ]


def edits(text: str) -> list[Edit]:
    """Returns the sample, and the edits of every digit."""
    return [*single_edits(text, seed=2026), *digit_edits(text)]


def logs_of(text: str, instant: datetime) -> dict[str, Log] | None:
    """Returns the logs that a build at this instant would use, or None if the build would refuse the state file."""
    report = Report()
    source = decode_text(STATE_FILE, text.encode(), report)
    logs = None if source is None else parse_quota_logs(source, PROGRAMMES, AMSTERDAM, report)
    if logs is None or any(doubtful_end(log, instant) for log in logs.values()):
        return None
    return logs


def shown(logs: dict[str, Log], instant: datetime) -> set[str]:
    """Returns the programmes whose link is shown."""
    return {id for id, log in logs.items() if state_at(log, instant) in STATES_WITH_LINK}


def new_links(text: str, instant: datetime, tried: list[Edit]) -> dict[Edit, dict[str, Log]]:
    """Maps each accepted edit in `tried` that shows a link, which the text hides, to the resulting logs."""
    before = logs_of(text, instant)
    assert before is not None
    assert tried
    found = {}
    for edit in tried:
        after = logs_of(edit.of(text), instant)
        if after is not None and shown(after, instant) - shown(before, instant):
            found[edit] = after
    return found


def line_after(text: str, edit: Edit) -> str:
    """Returns the line that the edit changed, after the edit."""
    number = text.count("\n", 0, edit.position)
    return edit.of(text).split("\n")[number].strip()


EXCEPTIONS = {
    "closed in spring": {"from: 2027-04-01 11:42"},
    "both have a history": {"from: 2027-04-01 11:42"},
    "opening scheduled far ahead": set(),
    "opening scheduled next month": {"from: 2026-10-01 00:00", "from: 2026-11-01 00:00"},
    "first opening scheduled": {
        f"from: {year}-01-01 00:00" for year in (2007, 2017, 2020, 2021, 2022, 2023, 2024, 2025, 2026)
    },
    "comments and quotes everywhere": {"- from: '2027-04-01 11:42'"},
    "blocks of text": set(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_edit_shows_a_new_link_but_by_another_good_moment(layout: str) -> None:
    """Each edit is refused, shows no new link, or is a listed exception that moves exactly one event."""
    instant, text = at(NOON), LAYOUTS[layout]
    before = logs_of(text, instant)
    assert before is not None
    assert shown(before, instant) < PROGRAMMES

    found = new_links(text, instant, edits(text))

    assert {line_after(text, edit) for edit in found} == EXCEPTIONS[layout]
    for after in found.values():
        changed = [
            (one, other)
            for id in PROGRAMMES
            for one, other in zip(before[id], after[id], strict=True)
            if replace(one, line=other.line) != other
        ]
        ((one, other),) = changed
        assert replace(one, starts=other.starts, line=other.line) == other
        if one.state in STATES_WITH_LINK:
            assert other.starts <= instant < one.starts
        else:
            assert one.starts <= instant < other.starts <= instant + FARTHEST_END


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_quote_cannot_swallow_an_event(quote: str) -> None:
    """If a stray quote is closed only by a comment far below, the file is refused, so no event is lost."""
    text = LAYOUTS["closed in spring"].replace("00:00\n", "00:00\n    note: hello\n", 1)
    text = text.replace("south-korea", f"# the desk said so{quote}\nsouth-korea")
    instant = at(NOON)
    assert logs_of(text, instant) is not None

    edit = Edit(text.index("hello"), "", quote)

    assert logs_of(edit.of(text), instant) is None


@pytest.mark.parametrize("passed", [timedelta(seconds=1), timedelta(hours=6), timedelta(days=40)], ids=str)
def test_the_sooner_after_the_closing_the_more_slips_are_possible(passed: timedelta) -> None:
    """A slip just after the closing can move it to a later hour or day, which schedules it.

    All such slips give a moment that is ahead.
    """
    text = LAYOUTS["closed in spring"]
    closing = at("2026-04-01 11:42")

    found = new_links(text, closing + passed, digit_edits(text))

    assert found
    for edit in found:
        line = line_after(text, edit)
        moment = at(line.removeprefix("from: "))
        assert closing + passed < moment <= closing + passed + FARTHEST_END


def test_the_quick_way_agrees_with_a_build(project: Project) -> None:
    """A whole build shows exactly the links of the log, and refuses exactly the files that the quick check refuses."""
    text = LAYOUTS["closed in spring"]
    choose = random.Random(7)  # noqa: S311
    sample = choose.sample(edits(text), 30)
    sample += [edit for edit in digit_edits(text) if line_after(text, edit).endswith("-04-01 11:42")]
    outcomes = set()
    for edit in sample:
        logs = logs_of(edit.of(text), at(NOON))
        project.write(STATE_FILE, edit.of(text))
        try:
            status = project.built().site.programmes
        except InputRefused:
            built = None
        else:
            built = {id for id, one in status.items() if isinstance(one.link, LinkShown)}
        assert built == (None if logs is None else shown(logs, at(NOON)))
        outcomes.add(built is None)
    assert outcomes == {True, False}


def test_the_sample_reaches_each_kind_of_edit() -> None:
    """The sample has thousands of edits, has some of each kind, and covers every line of each file."""
    assert sum(len(edits(text)) for text in LAYOUTS.values()) > 6 * SAMPLE
    for text in LAYOUTS.values():
        all_edits = edits(text)
        assert {(bool(edit.old), bool(edit.new)) for edit in all_edits} == {
            (True, True),
            (True, False),
            (False, True),
        }
        lines = {text.count("\n", 0, edit.position) for edit in all_edits}
        assert lines == set(range(text.count("\n")))
