"""A third programme or a new language needs only new files, and no change of code."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.gate.test_links_by_state import LOGS, SHOWN, starters
from tests.support.commands import command
from tests.support.html_pages import HtmlPage, dead_links, language_of, parsed, text
from tests.support.project import SITES, Project, make_project
from tests.support.real_site import copy_of_repository

NEW_ZEALAND = {"nl": "Nieuw-Zeeland", "ja": "ニュージーランド", "ko": "뉴질랜드"}
GERMAN = {"japan": "Japan", "south-korea": "Südkorea"}


def grow(project: Project) -> Project:
    """Adds New Zealand and German to the project, as an editor and an operator would."""
    languages = sorted(
        folder.name for folder in (project.root / "content").iterdir() if len(folder.name) == 2
    )
    shutil.copytree(SITES / "growth", project.root, dirs_exist_ok=True)
    project.replace(
        "content/site.yaml",
        "languages: [" + ", ".join(in_order(project)),
        "languages: [" + ", ".join([*in_order(project), "de"]),
    )
    project.replace("content/site.yaml", "title:\n", "title:\n  de: Website auf Deutsch\n")
    for programme, name in GERMAN.items():
        project.replace(f"content/programmes/{programme}.yaml", "names:\n", f"names:\n  de: {name}\n")
    names = "".join(f"  {code}: {name}\n" for code, name in NEW_ZEALAND.items() if code in languages)
    project.replace("content/programmes/new-zealand.yaml", "names:\n", f"names:\n{names}")
    project.set_log("new-zealand", *LOGS["open"])
    return project


def in_order(project: Project) -> list[str]:
    """Returns the codes of the site's languages, in the order of its settings."""
    settings = (project.root / "content/site.yaml").read_text(encoding="utf-8")
    return settings.split("languages: [")[1].split("]")[0].split(", ")


MAKERS: dict[str, Callable[[Path], Project]] = {"small": make_project, "real": copy_of_repository}


@dataclass(frozen=True)
class Grown:
    """A site to which a programme and a language were added, with its files and its pages."""

    project: Project
    files: Mapping[str, bytes]
    pages: Mapping[str, HtmlPage]


@pytest.fixture(scope="module", params=MAKERS)
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """The small site and the repository's own content, each with one more programme and language."""
    project = grow(MAKERS[request.param](tmp_path_factory.mktemp("growth") / "grown"))
    files = project.built().files
    return Grown(project, files, parsed(files))


def test_a_new_language_has_every_page(grown: Grown) -> None:
    """Every page of the default language has a German page: a translation, or the original with a German line that says why."""
    english = {path.removeprefix("en/") for path in grown.pages if path.startswith("en/")}
    assert len(english) >= 6
    assert {path.removeprefix("de/") for path in grown.pages if path.startswith("de/")} == english
    translated = {"index.html", "new-zealand/index.html"}
    for path in english - {"404.html"}:
        page = grown.pages[f"de/{path}"]
        (article,) = page.elements("article")
        assert page.language == "de"
        assert language_of(article) == ("de" if path in translated else "en")
        notes = [text(note) for note in page.with_class("fallback")]
        assert notes == ([] if path in translated else [NOT_IN_GERMAN])


NOT_IN_GERMAN = "Diese Seite gibt es noch nicht auf Deutsch. Sie sehen den Text in dieser Sprache: Englisch."


def test_the_new_language_can_be_chosen_everywhere(grown: Grown) -> None:
    """The choice of language and every page's language menu link to German, last in the list."""
    codes = in_order(grown.project)
    assert codes[-1] == "de"
    assert [line.get("lang") for line in grown.pages["index.html"].elements("li")] == codes
    for page in grown.pages.values():
        for menu in page.with_class("languages"):
            assert [link.get("hreflang") for link in menu.iter("a")] == codes
            assert text(menu).endswith("Deutsch")


def test_the_new_programme_has_its_pages_and_cards(grown: Grown) -> None:
    """New Zealand has a page, a card and a section on the status page in every language, in the same order everywhere."""
    for code in in_order(grown.project):
        cards = grown.pages[f"{code}/index.html"].with_class("card")
        programmes = [card.get("data-programme") for card in cards]
        assert sorted(map(str, programmes)) == ["japan", "new-zealand", "south-korea"]
        found_parts = grown.pages[f"{code}/status/index.html"].with_class("programme-status")
        assert [part.get("data-programme") for part in found_parts] == programmes
        name = {"de": "Neuseeland", "en": "New Zealand", **NEW_ZEALAND}[code]
        assert text(cards[programmes.index("new-zealand")]).startswith(name)
        assert grown.pages[f"{code}/new-zealand/index.html"].one("quota-notice").get("data-state") == "open"


@pytest.mark.parametrize(
    ("make", "state"), [*((make_project, state) for state in LOGS), (copy_of_repository, "places_available")]
)
def test_the_new_programme_has_its_link_by_its_state(
    make: Callable[[Path], Project], tmp_path: Path, state: str
) -> None:
    """New Zealand's page in each language has the link, with that language's address, only while the state shows it."""
    project = grow(make(tmp_path / "grown"))
    project.set_log("new-zealand", *LOGS[state])

    files = project.built().files

    found = {
        path: set(links) for path, links in starters(files).items() if path.endswith("new-zealand/index.html")
    }
    assert found == {
        f"{code}/new-zealand/index.html": {
            ("new-zealand", f"https://begin.request.test/nz/{'de' if code == 'de' else 'en'}")
        }
        for code in in_order(project)
        if state in SHOWN
    }
    found_parts = {path for path, data in files.items() if b"begin.request.test" in data}
    assert found_parts == set(found) | (
        {"api/v1/programmes.json", "api/v1/programmes/new-zealand.json"} if state in SHOWN else set()
    )


def test_the_new_programme_has_its_own_time_and_numbers(grown: Grown) -> None:
    """German pages print numbers in German form, and times in Dutch time and in the time in Auckland."""
    page = grown.pages["de/new-zealand/index.html"]
    assert "Es gibt 2.500 Plätze." in text(page.root)
    assert [text(time) for time in page.one("quota-notice").iter("time")] == [
        "Sonntag, 1. Februar 2026, 00:00 Uhr (niederländische Zeit)",
        "Sonntag, 1. Februar 2026, 12:00 Uhr (Zeit in Auckland)",
    ]
    assert page.title == "Offen – Neuseeland – Website auf Deutsch"
    assert "2,500 places" in text(grown.pages["en/new-zealand/index.html"].root)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_others_stay_as_they_were(make: Callable[[Path], Project], tmp_path: Path) -> None:
    """If a programme and a language are added, the other programmes keep their notices and links, and no link is broken."""
    project = make(tmp_path / "grown")
    before = project.built().files
    after = grow(project).built().files

    pages = parsed(after)
    assert dead_links(after) == []
    kept = {path: links for path, links in starters(after).items() if path in before}
    assert kept == starters(before)
    notices = 0
    for path, page in parsed(before).items():
        for notice in page.with_class("quota-notice"):
            notices += 1
            assert text(pages[path].one("quota-notice")) == text(notice)
    assert notices >= 4


def test_the_command_builds_the_grown_site(grown: Grown) -> None:
    """`python build.py` builds the larger site, and prints that New Zealand's link is shown."""
    done = command(grown.project, "build", "--at", "2026-11-22 12:00")

    assert done.returncode == 0, done.stderr
    assert "new-zealand: open, link shown" in done.stdout
