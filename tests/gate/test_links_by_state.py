"""For each state: which pages have the conversation starter, and which files change when the state changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise, product

import pytest

from site_src.states import State
from tests.support.html_pages import parsed
from tests.support.project import Project, make_project

PROGRAMMES = ("japan", "south-korea")
SHOWN = ("open", "places_available")
# Maps each state to a log by which a programme is in that state at NOON.
LOGS: Mapping[str, tuple[str, ...]] = {
    "upcoming": ("open 2026-12-24 09:30",),
    "open": ("suspended 2026-01-01 00:00", "open 2026-02-01 00:00"),
    "quota_reached": ("open 2026-01-01 00:00", "quota_reached 2026-04-01 11:42"),
    "places_available": (
        "open 2026-01-01 00:00",
        "quota_reached 2026-04-01 11:42",
        "places_available 2026-10-05 09:00",
    ),
    "suspended": ("open 2026-01-01 00:00", "suspended 2026-02-03 04:05", "open 2026-12-24 09:30"),
}
PAIRS = [pytest.param(pair, id="-".join(pair)) for pair in product(LOGS, LOGS)]
EXTRA_PAGE = "---\ntitle: Fishing\ndescription: For fishers.\nprogramme: japan\nupdated: 2026-11-22\n---\nNo token here.\n"


@dataclass(frozen=True)
class Case:
    """A build: the state of each programme, and the files."""

    states: Mapping[str, str]
    files: Mapping[str, bytes]


def enrich(project: Project) -> Project:
    """Adds a second page about Japan to the small site, and removes Japan's address for Dutch pages."""
    project.write("content/en/guides/fishing.md", EXTRA_PAGE)
    project.replace("content/programmes/japan.yaml", "  nl: https://start.request.test/japan/nl\n", "")
    return project


@pytest.fixture(scope="module", params=PAIRS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The files of the small site, changed by `enrich`, for each pair of states."""
    project = enrich(make_project(tmp_path_factory.mktemp("states") / "project"))
    for programme, state in zip(PROGRAMMES, request.param, strict=True):
        project.set_log(programme, *LOGS[state])
    return Case(dict(zip(PROGRAMMES, request.param, strict=True)), project.built().files)


def starters(files: Mapping[str, bytes]) -> dict[str, list[tuple[str, str]]]:
    """Maps each page with conversation starters to the programme and address of each one."""
    found = {
        page.path: [
            (link.get("data-programme", ""), link.get("href", ""))
            for link in page.with_class("conversation-starter")
        ]
        for page in parsed(files).values()
    }
    return {path: links for path, links in found.items() if links}


def test_there_is_a_log_for_each_state() -> None:
    """LOGS has a log for every state except `unconfirmed`, which no log can have."""
    assert set(LOGS) == set(State) - {State.UNCONFIRMED}, (
        "that one is in no log: tests/publish/test_hidden_tree.py"
    )


def test_the_link_is_on_exactly_the_pages_that_should_have_it(case: Case) -> None:
    """Every page of an open programme links to the address for its language or, if there is none, to the default address."""
    host = "https://start.request.test"
    expected = {
        "japan": {
            # One link in the notice, and one in place of `[[conversation-starter]]`.
            "en/japan/index.html": [f"{host}/japan/en"] * 2,
            "nl/japan/index.html": [f"{host}/japan/en"] * 2,
            "en/guides/fishing/index.html": [f"{host}/japan/en"],
            "nl/guides/fishing/index.html": [f"{host}/japan/en"],
        },
        "south-korea": {
            "en/south-korea/index.html": [f"{host}/south-korea/en"] * 2,
            "nl/south-korea/index.html": [f"{host}/south-korea/nl"] * 2,
        },
    }
    assert starters(case.files) == {
        path: [(programme, address) for address in addresses]
        for programme, state in case.states.items()
        if state in SHOWN
        for path, addresses in expected[programme].items()
    }


def for_machines(programmes: Iterable[str]) -> set[str]:
    """Returns the JSON files that contain an address while these programmes are open."""
    one_each = {f"api/v1/programmes/{programme}.json" for programme in programmes}
    return one_each | ({"api/v1/programmes.json"} if one_each else set())


def test_the_address_is_in_no_other_file(case: Case) -> None:
    """Only pages with a conversation starter and the JSON files contain an address."""
    with_link = starters(case.files)
    shown = [programme for programme, state in case.states.items() if state in SHOWN]
    assert len(case.files) > len(with_link)
    found = {path for path, data in case.files.items() if b"request.test" in data}
    assert found == set(with_link) | for_machines(shown)
    for path, links in with_link.items():
        (programme,) = {programme for programme, _ in links}
        (other,) = set(PROGRAMMES) - {programme}
        assert f"request.test/{programme}".encode() in case.files[path]
        assert f"request.test/{other}".encode() not in case.files[path]


def test_each_page_of_a_programme_has_one_notice(case: Case) -> None:
    """A programme's page has exactly one quota notice, with the programme and its state. Other pages have none."""
    pages = parsed(case.files)

    notices = {
        page.path: [(notice.tag, notice.get("data-programme"), notice.get("data-state")) for notice in found]
        for page in pages.values()
        if (found := page.with_class("quota-notice"))
    }
    assert notices == {
        place.format(language=language): [("section", programme, case.states[programme])]
        for language in ("en", "nl")
        for place, programme in (
            ("{language}/japan/index.html", "japan"),
            ("{language}/guides/fishing/index.html", "japan"),
            ("{language}/south-korea/index.html", "south-korea"),
            ("embed/{language}/japan.html", "japan"),
            ("embed/{language}/south-korea.html", "south-korea"),
        )
    }


def test_home_and_status_tell_the_state_of_every_programme(case: Case) -> None:
    """The home page has a card for each programme, and the status page a section. Each shows the programme's state."""
    pages = parsed(case.files)

    for language in ("en", "nl"):
        for path, name in (("index.html", "card"), ("status/index.html", "programme-status")):
            found = pages[f"{language}/{path}"].with_class(name)
            shown = [(part.get("data-programme"), part.get("data-state")) for part in found]
            assert shown == list(case.states.items())
            tags = pages[f"{language}/{path}"].with_class("state")
            assert [tag.get("data-state") for tag in tags] == list(case.states.values())


def shown_elsewhere(languages: Iterable[str], programme: str) -> set[str]:
    """Returns the files that change with a programme's state, apart from the pages that show it."""
    everywhere = {
        "api/v1/programmes.json",
        "index.html",
        "release.json",
        f"api/v1/programmes/{programme}.json",
    }
    return everywhere.union(
        *({f"{code}/{programme}/feed.xml", f"embed/{code}/{programme}.html"} for code in languages)
    )


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """Returns the files that differ, except calendars, which depend on future openings."""
    return sorted(
        path for path in before if before[path] != after[path] and not path.endswith("/calendar.ics")
    )


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_change_of_state_changes_only_what_tells_it(project: Project, programme: str) -> None:
    """A change of state changes only the programme's pages and files, the overviews of all programmes, and release.json."""
    slugs = {"japan": ("japan/", "guides/fishing/"), "south-korea": ("south-korea/",)}[programme]
    pages = {f"{language}/{slug}index.html" for language in ("en", "nl") for slug in ("", "status/", *slugs)}
    expected = sorted(pages | shown_elsewhere(("en", "nl"), programme))
    rich = enrich(project)
    builds = []
    for state in ("open", "quota_reached", "places_available"):
        rich.set_log(programme, *LOGS[state])
        builds.append(rich.built().files)

    for before, after in pairwise(builds):
        assert set(before) == set(after)
        assert changed(before, after) == expected
