"""The feed of a programme's changes is valid Atom, works in a feed reader, and never has the address of the form."""

from __future__ import annotations

import time
from calendar import timegm
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from site_src.states import State
from tests.gate.test_links_by_state import LOGS
from tests.support.html_pages import parsed
from tests.support.project import NOON, REPOSITORY, Project, at
from tests.support.real_site import copy_of_repository

GRAMMAR = etree.RelaxNG(etree.parse(REPOSITORY / "tests" / "grammars" / "atom.rng"))
ATOM = "{http://www.w3.org/2005/Atom}"
OPENED = "open 2026-04-01 00:00"
CLOSED = "quota_reached 2026-04-01 11:42"
AGAIN = "places_available 2026-10-05 09:00"


def faults(data: bytes) -> list[str]:
    """Returns the errors of the feed according to the Atom grammar."""
    GRAMMAR.validate(etree.fromstring(data))
    return [error.message for error in GRAMMAR.error_log]


def read(data: bytes) -> feedparser.FeedParserDict:
    """Parses the feed as a feed reader does. Fails if there is a warning."""
    feed = feedparser.parse(data, response_headers={"content-type": "application/atom+xml"})
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


@pytest.mark.parametrize("state", LOGS)
def test_every_feed_of_the_real_site_is_valid(tmp_path: Path, state: str) -> None:
    """Each programme has a feed in each language, which is valid Atom in each state."""
    site = copy_of_repository(tmp_path / "real")
    for programme in site.programmes:
        site.set_log(programme, *LOGS[state])

    files = site.built().files

    feeds = {path for path in files if path.endswith("/feed.xml")}
    assert feeds == {f"{code}/{id}/feed.xml" for code in site.languages for id in site.programmes}
    for path in feeds:
        assert faults(files[path]) == [], path
        (own,) = (link.href for link in read(files[path]).feed.links if link.rel == "self")
        assert own == f"https://working-holiday.example/{path}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"<updated>", b"<updated>on ", id="moment-in-words"),
        pytest.param(b"<id>urn:uuid:", b"<id>", id="identifier-without-scheme"),
        pytest.param(b'rel="self"', b'rel="selves"', id="no-own-address"),
        pytest.param(b"<author>", b"<editor/><author>", id="unknown-element"),
        pytest.param(b'type="text">', b'type="html">', id="content-of-another-type"),
    ],
)
def test_the_grammar_refuses_what_is_no_feed(project: Project, old: bytes, new: bytes) -> None:
    """The Atom grammar finds each mistake that is put into a feed."""
    data = project.built().files["en/japan/feed.xml"]
    assert old in data

    assert faults(data.replace(old, new, 1))


def test_a_reader_sees_one_new_entry_for_each_change(project: Project) -> None:
    """Each change of state adds one entry at the top of the feed, and changes no other entry."""
    seen: list[feedparser.FeedParserDict] = []
    for events in ([OPENED], [OPENED, CLOSED], [OPENED, CLOSED, AGAIN]):
        project.set_log("japan", *events)
        entries = read(project.built().files["en/japan/feed.xml"]).entries
        assert entries[1:] == seen
        assert entries[0].id not in {entry.id for entry in seen}
        seen = entries

    assert [entry.title for entry in seen] == [
        "Nationals of Japan: Places available",
        "Nationals of Japan: Quota reached",
        "Nationals of Japan: Open",
    ]
    moments = [datetime.fromtimestamp(timegm(entry.updated_parsed), UTC) for entry in seen]
    assert moments == [at(event.split(" ", 1)[1]) for event in (AGAIN, CLOSED, OPENED)]


def test_a_scheduled_change_is_no_entry_until_it_comes(project: Project) -> None:
    """A scheduled change is in the feed from its moment on, and not a second earlier."""
    project.set_log("japan", OPENED, CLOSED, AGAIN)

    before, after = (
        read(project.built(f"2026-10-05 {clock}").files["en/japan/feed.xml"]).entries
        for clock in ("08:59:59", "09:00:00")
    )

    assert [len(before), len(after)] == [2, 3]


def test_identifiers_outlive_address_texts_and_time(project: Project) -> None:
    """The identifiers and times of feed entries stay the same if the site's address or texts change, and in a later build."""

    def read_entries(data: bytes) -> list[tuple[str, str]]:
        feed = read(data)
        return [(feed.feed.id, feed.feed.updated), *((entry.id, entry.updated) for entry in feed.entries)]

    first = read_entries(project.built().files["en/japan/feed.xml"])
    project.replace("content/site.yaml", "https://small.test", "https://elsewhere.test/whp")
    project.replace("content/en/_notices/quota_reached.md", "title: ", "title: Now ")
    project.replace("content/programmes/japan.yaml", "  en: Japan", "  en: Nippon")

    assert read_entries(project.built("2026-12-01 12:00").files["en/japan/feed.xml"]) == first


def test_identifiers_differ_between_languages_and_programmes(project: Project) -> None:
    """All entries of all feeds have different identifiers."""
    project.set_log("south-korea", OPENED, CLOSED)
    files = project.built().files

    ids = [
        element.text
        for path in files
        if path.endswith("/feed.xml")
        for element in etree.fromstring(files[path]).iter(f"{ATOM}id")
    ]

    assert len(ids) >= 4 * 3
    assert len(ids) == len(set(ids))


def test_a_feed_without_changes_is_valid(project: Project) -> None:
    """Before a programme's first event, its feed is valid, has no entries, and has the date of the programme's page."""
    project.set_log("japan", "open 2026-12-24 09:30")

    data = project.built().files["en/japan/feed.xml"]

    assert faults(data) == []
    assert read(data).entries == []
    assert time.strftime("%Y-%m-%d", read(data).feed.updated_parsed) == "2026-11-22"


def test_who_noted_a_change_and_why_is_not_published(project: Project) -> None:
    """The feed contains neither `by` nor `note` of an event."""
    assert "by: the quota desk" in (project.root / "quota_state.yaml").read_text()

    data = project.built().files["en/japan/feed.xml"]

    assert b"desk" not in data
    assert b"telephone" not in data


@pytest.mark.parametrize("state", LOGS)
def test_programme_pages_lead_to_their_feed_and_calendar(project: Project, state: State) -> None:
    """In each state, a programme's page links to its feed and calendar, in its text and in its head.

    Both files exist.
    """
    project.set_log("japan", *LOGS[state])

    files = project.built(NOON).files

    page = parsed(files)["nl/japan/index.html"]
    visible = [link.get("href") for link in page.one("subscribe").iter("a")]
    assert visible == ["/nl/japan/feed.xml", "/nl/japan/calendar.ics"]
    assert {address.strip("/") for address in visible if address} <= set(files)
    in_head = {
        link.get("type"): link.get("href") for link in page.head_links("alternate") if link.get("type")
    }
    assert in_head == {
        "application/atom+xml": "/nl/japan/feed.xml",
        "text/calendar": "/nl/japan/calendar.ics",
        "application/json": "/api/v1/programmes/japan.json",
    }
