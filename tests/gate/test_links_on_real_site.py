"""The rules for links, tested on the repository's own content."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from site_src.quota.log import state_at
from tests.gate.test_links_by_state import LOGS, SHOWN, changed, for_machines, shown_elsewhere, starters
from tests.support.building import read_inputs
from tests.support.html_pages import parsed
from tests.support.project import NOON, REPOSITORY, at
from tests.support.real_site import RealSite, copy_of_repository

PROGRAMMES = sorted(file.stem for file in (REPOSITORY / "content/programmes").glob("*.yaml"))


@pytest.fixture
def real(tmp_path: Path) -> RealSite:
    """The repository's own content, with every programme closed."""
    site = copy_of_repository(tmp_path / "real")
    for programme in site.programmes:
        site.set_log(programme, *LOGS["quota_reached"])
    return site


def test_the_real_site_has_the_programmes_and_languages_of_the_service(real: RealSite) -> None:
    """The site is about Japan and South Korea, in English, Dutch, Japanese and Korean."""
    assert {"japan", "south-korea"} <= set(real.programmes)
    assert real.languages[:4] == ["en", "nl", "ja", "ko"]


@pytest.mark.parametrize("turn", range(len(LOGS)))
def test_the_link_is_where_it_belongs(real: RealSite, turn: int) -> None:
    """On the real site, only an open programme's own pages have its link, and only the JSON files also have its address."""
    # In each turn, the programmes have different states. After five turns, each one has had every state.
    states = {id: [*LOGS][(turn + place) % len(LOGS)] for place, id in enumerate(real.programmes)}
    for programme, state in states.items():
        real.set_log(programme, *LOGS[state])

    files = real.built().files

    shown = [programme for programme, state in states.items() if state in SHOWN]
    secret = [address.encode() for id in real.programmes for address in real.addresses(id).values()]
    expected = {
        f"{language}/{programme}/index.html": {(programme, real.addresses(programme)[language])}
        for programme in shown
        for language in real.languages
    }
    assert {path: set(links) for path, links in starters(files).items()} == expected
    with_address = {path for path, data in files.items() if any(address in data for address in secret)}
    assert with_address == set(expected) | for_machines(shown)


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_change_of_state_changes_three_pages_a_language(real: RealSite, programme: str) -> None:
    """A change of state changes three pages in each language (the programme, home, status) and the files with the state."""
    pages = {
        f"{language}/{slug}index.html"
        for language in real.languages
        for slug in ("", f"{programme}/", "status/")
    }
    expected = sorted(pages | shown_elsewhere(real.languages, programme))
    builds = []
    for state in ("open", "quota_reached", "places_available"):
        real.set_log(programme, *LOGS[state])
        builds.append(real.built().files)

    for before, after in pairwise(builds):
        assert set(before) == set(after)
        assert changed(before, after) == expected


def test_what_is_in_the_log_is_what_is_published(tmp_path: Path) -> None:
    """Each programme's pages show the state in the repository's own log, and have the link only if that state shows it."""
    site = copy_of_repository(tmp_path / "real")
    states = {id: state_at(log, at(NOON)) for id, log in read_inputs(site.root).logs.items()}

    files = site.built(NOON).files

    pages = parsed(files)
    assert states
    for programme, state in states.items():
        for language in site.languages:
            path = f"{language}/{programme}/index.html"
            assert pages[path].one("quota-notice").get("data-state") == state
            assert (path in starters(files)) == (state in SHOWN)
