"""The checks of single texts look only at changed texts, and find the same problems as a check of all texts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from site_src.builder import Builder
from site_src.cache import Memo
from site_src.check import checker
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.tree import load_tree
from tests.support.project import Project

PAGE, TRANSLATION = "content/en/about.md", "content/nl/about.md"
FRONT = "---\ntitle: About {}\ndescription: About this site.\nupdated: 2026-09-01\n---\n\n"
# Edits after which a text may have a problem, each with the path of that text.
EDITS = {
    "the text": (PAGE, "One.", "One &#8238; character.", PAGE),
    "the original, which gives a heading its id": (PAGE, "## First", "## First {: #dots}", TRANSLATION),
    "a host that pages may link to": ("content/site.yaml", "[ind.nl, www.japan.test]", "[ind.nl]", PAGE),
    "a fact": ("content/programmes/japan.yaml", "places_per_year", "places_in_a_year", "content/en/japan.md"),
    "a dated block": (PAGE, "One.", ":::from 2027-03-01 00:00\n# One\n:::\n", PAGE),
}


@pytest.fixture
def site(project: Project) -> Project:
    """The small site with a page in two languages."""
    project.write(PAGE, FRONT.format("us") + "## First\n\nOne. See https://www.japan.test/x now.\n")
    project.write(TRANSLATION, FRONT.format("ons") + "## Eerste\n\nEen.\n")
    project.replace("content/site.yaml", "[ind.nl]", "[ind.nl, www.japan.test]")
    return project


def check(project: Project, memo: Memo | None = None) -> tuple[Problem, ...]:
    """Returns every problem of the site on the disk."""
    return Builder(memo).read(load_tree(project.root)).problems


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_gives_the_problems_of_now(site: Project, edit: tuple[str, str, str, str]) -> None:
    """After an edit, and after the edit is undone, a check with a memo finds the same problems as one without."""
    path, old, new, about = edit
    memo, before = Memo(), check(site)
    assert not [problem for problem in before if problem.severity == "error"]
    assert check(site, memo) == before
    site.replace(path, old, new)
    after = check(site)
    assert any(problem.path == about and problem.severity == "error" for problem in after)
    assert check(site, memo) == after
    site.replace(path, new, old)
    assert check(site, memo) == before


def test_only_changed_texts_are_checked_again(site: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an edit of a page, the rules for one text see only that page, its translation, and pages with a warning."""
    seen: list[str] = []

    def note(manuscript: Manuscript) -> Iterator[Problem]:
        seen.extend(text.path for text in manuscript.content.texts)
        if PAGE in seen:
            yield Problem("content/en/japan.md", 1, "is made up.", "link", "warning")

    monkeypatch.setattr(checker, "CHECKS_OF_ONE_TEXT", (note,))
    memo = Memo()
    check(site, memo)
    assert len(seen) > 5
    seen.clear()
    site.replace(PAGE, "One.", "Two.")
    check(site, memo)
    assert sorted(seen) == [PAGE, "content/en/japan.md", TRANSLATION]
