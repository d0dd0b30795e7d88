"""The cached advice for a text is the advice that the rules give now, whatever else has changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from site_src.builder import Builder
from site_src.cache import Memo
from site_src.check.advice import advise, on_texts
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.tree import load_tree
from tests.support.project import Project

TODAY = date(2026, 11, 22)
PAGE, JAPAN = "content/en/japan.md", "content/programmes/japan.yaml"
TYPED = "Pre-registration is open. There are 200 places. It begins on 1 February 2027."
# Edits of the inputs on which the advice depends.
EDITS = {
    "the text": (PAGE, "200 places", "201 places"),
    "a line above the text": (PAGE, "order: 10", "order: 10\nmenu_title: Japan"),
    "a fact": (JAPAN, "value: 200", "value: 300"),
    "a period": (JAPAN, "begins: 2027-01-01", "begins: 2027-02-01"),
    "a title of a notice": ("content/en/_notices/open.md", "Pre-registration is open", "It is possible now"),
    "a dated block": (PAGE, "200 places.", "200 places.\n\n:::from 2027-03-01 00:00\n**Not closed.\n:::\n"),
}


@pytest.fixture
def typed(project: Project) -> Project:
    """The small site with sentences that get advice."""
    project.replace(PAGE, "There are [[places_per_year]] places.", TYPED)
    return project


def read(project: Project) -> Manuscript:
    """Reads the manuscript from the disk."""
    manuscript = Builder().read(load_tree(project.root)).manuscript
    assert manuscript
    return manuscript


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_gives_the_advice_of_now(typed: Project, edit: tuple[str, str, str]) -> None:
    """After an edit, and after the edit is undone, the cache gives the same advice as the rules."""
    memo, before = Memo(), advise(read(typed), TODAY)
    assert advise(read(typed), TODAY, memo) == before
    typed.replace(*edit)
    after = advise(read(typed), TODAY)
    assert after != before
    assert sorted(advise(read(typed), TODAY, memo)) == sorted(after)
    typed.replace(edit[0], edit[2], edit[1])
    assert sorted(advise(read(typed), TODAY, memo)) == sorted(before)


def test_only_changed_pages_are_read_again(typed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run does not apply the rules to any page. After an edit, they are applied only to the edited page."""
    asked: list[str] = []

    def note(manuscript: Manuscript) -> Iterator[Problem]:
        asked.extend(page.path for page in manuscript.content.pages)
        yield from ()

    monkeypatch.setattr(on_texts, "ADVICE", (note,))
    memo = Memo()
    advise(read(typed), TODAY, memo)
    assert len(asked) > 5
    asked.clear()
    advise(read(typed), TODAY, memo)
    assert asked == []
    typed.replace(*EDITS["the text"])
    advise(read(typed), TODAY, memo)
    assert asked == [PAGE]
