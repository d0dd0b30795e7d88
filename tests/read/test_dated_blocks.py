"""Dated blocks: the lines that make one, the mistakes in a line, and the text that is hidden."""

from __future__ import annotations

import pytest

from site_src.problems import Report
from site_src.read.dated_blocks import find_blocks, hide_blocks
from tests.support.project import AMSTERDAM, at

FROM, UNTIL = ":::from 2027-01-01 00:00", ":::until 2027-01-01 00:00"


def problems(*lines: str) -> list[tuple[int, str]]:
    """Returns the line and message of each problem in the body, whose first line is line 1."""
    report = Report()
    find_blocks("page.md", "\n".join(lines), 1, AMSTERDAM, report)
    return [(problem.line, problem.message) for problem in report.problems]


def shown(instant: str, *lines: str) -> list[str]:
    """Returns the lines of the body at the instant (Dutch time)."""
    body, report = "\n".join(lines), Report()
    blocks = find_blocks("page.md", body, 1, AMSTERDAM, report)
    assert not report.problems
    return hide_blocks(body, blocks, at(instant)).split("\n")


def test_blocks_switch_in_the_second_that_they_name() -> None:
    """A `from` block is shown from its moment on, and an `until` block before it. All other lines keep their numbers."""
    body = ("Before", UNTIL, "Old", ":::", FROM, "New", "", "More", ":::", "After")

    assert shown("2026-12-31 23:59:59", *body) == ["Before", "", "Old", *[""] * 6, "After"]
    assert shown("2027-01-01 00:00:00", *body) == ["Before", *[""] * 4, "New", "", "More", "", "After"]


@pytest.mark.parametrize("moment", ["2027-01-01 00:00", "2026-12-31 23:00Z", "2027-01-01 08:00:00+09:00"])
def test_a_moment_is_dutch_time_or_has_an_offset(moment: str) -> None:
    """A moment may be typed in Dutch time, in UTC or with an offset. All three forms switch in the same second."""
    body = (f":::from {moment}  ", "New", ":::")

    assert "New" not in shown("2026-12-31 23:59:59", *body)
    assert "New" in shown("2027-01-01 00:00", *body)


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ((FROM, "a", UNTIL, "b", ":::", ":::"), 3, "is in the block that begins on line 1"),
        (("a", FROM, "b"), 2, "is not closed"),
        (("a", ":::"), 2, "closes no block"),
        ((FROM, "", ":::"), 1, "opens a block without text"),
        ((":::from", "a", ":::"), 1, 'Write ":::from 2027-01-01 00:00"'),
        ((":::form 2027-01-01 00:00", "a", ":::"), 1, 'Write ":::from 2027-01-01 00:00"'),
        ((":::after 2027-01-01 00:00", "a", ":::"), 1, "(or :::until)"),
        (("::: from 2027-01-01 00:00", "a", ":::"), 1, 'Write ":::from 2027-01-01 00:00"'),
        ((":::Until: 2027-01-01 00:00", "a", ":::"), 1, 'Write ":::until 2027-01-01 00:00"'),
        (("::from 2027-01-01 00:00", "a", ":::"), 1, 'Write ":::from 2027-01-01 00:00"'),
        ((f"- {FROM}", "a", ":::"), 1, "at the beginning of the line"),
        (("：：：from 2027-01-01 00:00", "a", ":::"), 1, "fullwidth colon"),
        ((FROM, "a", "：：："), 3, "fullwidth colon"),
        ((FROM, "a", "> :::"), 3, "alone on the line"),
        ((":::from 2027-01-01", "a", ":::"), 1, 'Write ":::from 2027-01-01 00:00"'),
        ((":::from 2027-02-30 00:00", "a", ":::"), 1, "is not in the calendar"),
        ((":::from 2027-01-01 24:00", "a", ":::"), 1, "00:00 of the next day"),
        ((":::from 1 January", "a", ":::"), 1, "is not a moment"),
        ((":::until 2027-03-28 02:30", "a", ":::"), 1, "does not exist in Europe/Amsterdam"),
        ((":::until 2027-10-31 02:30", "a", ":::"), 1, "exists twice in Europe/Amsterdam"),
    ],
)
def test_each_mistake_is_one_problem_on_its_line(lines: tuple[str, ...], line: int, words: str) -> None:
    """A wrong line gives one problem, on that line, which says what to type. The lines that depend on it give none."""
    [(found, message)] = problems(*lines)

    assert found == line
    assert words in message


def test_colons_in_prose_are_no_blocks() -> None:
    """A line with colons in another place, or with fewer than three, does not open or close a block."""
    assert problems("A time such as 12:30.", "Term", ": its definition", "std::vector", "a ::: b") == []
