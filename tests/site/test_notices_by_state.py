"""What a page says about the state: its title, its notice, the reason for a missing link, and the history."""

from __future__ import annotations

import pytest

from tests.gate.test_links_by_state import LOGS, SHOWN
from tests.support.html_pages import HtmlPage, language_of, parsed, text
from tests.support.project import NOON, Project

LABELS = {
    "en": {
        "upcoming": "Not open yet",
        "open": "Open",
        "quota_reached": "Quota reached",
        "places_available": "Places available",
        "suspended": "Suspended",
    },
    "nl": {
        "upcoming": "Nog niet open",
        "open": "Open",
        "quota_reached": "Quotum bereikt",
        "places_available": "Plaatsen beschikbaar",
        "suspended": "Opgeschort",
    },
}
HEADINGS = {
    "upcoming": "Pre-registration has not opened yet",
    "open": "Pre-registration is open",
    "quota_reached": "The quota has been reached",
    "places_available": "Places are available again",
    "suspended": "Pre-registration is suspended",
}


def page(project: Project, path: str, moment: str = NOON) -> HtmlPage:
    """Returns one page of the site at this moment."""
    return parsed(project.built(moment).files)[f"{path}/index.html"]


@pytest.mark.parametrize("state", LOGS)
@pytest.mark.parametrize("language", LABELS)
def test_the_title_carries_the_state(project: Project, language: str, state: str) -> None:
    """The title of a programme's page begins with the name of the state in the reader's language."""
    project.set_log("japan", *LOGS[state])

    site = {"en": "Small site", "nl": "Kleine site"}[language]
    assert page(project, f"{language}/japan").title == f"{LABELS[language][state]} – Japan – {site}"


@pytest.mark.parametrize("state", LOGS)
def test_the_notice_has_the_heading_and_text_of_the_state(project: Project, state: str) -> None:
    """The notice has its state's heading and text, and the page has no heading of any other state."""
    project.set_log("japan", *LOGS[state])

    shown = page(project, "en/japan")

    opens = "Not open yet: opens Thursday, 24 December 2026, 09:30 (Dutch time)"
    heading = opens if state == "upcoming" else HEADINGS[state]
    assert text(shown.one("quota-notice").findall("h2")[0]) == heading
    assert text(shown.one("label")) == LABELS["en"][state]
    others = [words for other, words in HEADINGS.items() if other != state]
    assert not [words for words in others if words in text(shown.root)]


@pytest.mark.parametrize("state", LOGS)
def test_where_no_link_is_shown_the_text_says_why(project: Project, state: str) -> None:
    """In place of `[[conversation-starter]]`, the page has the link or a sentence that says why there is none."""
    project.set_log("japan", *LOGS[state])

    shown = page(project, "en/japan")

    instead = [text(paragraph) for paragraph in shown.with_class("no-link")]
    assert instead == ([] if state in SHOWN else [f"There is no link to a request now: {HEADINGS[state]}."])
    assert len(shown.with_class("conversation-starter")) == (2 if state in SHOWN else 0)


def test_the_status_page_has_all_past_changes_newest_first(project: Project) -> None:
    """The history lists every past event, newest first, and no future event."""
    project.set_log("japan", *LOGS["places_available"], "suspended 2026-12-24 09:30")

    (japan, _) = page(project, "en/status").with_class("history")

    rows = [[text(cell) for cell in row.iter("td")] for row in japan.iter("tr") if row.findall("td")]
    assert [(row[0].split(" (")[0], row[1]) for row in rows] == [
        ("Monday, 5 October 2026, 09:00", "Places available"),
        ("Wednesday, 1 April 2026, 11:42", "Quota reached"),
        ("Thursday, 1 January 2026, 00:00", "Open"),
    ]


@pytest.mark.parametrize("state", LOGS)
def test_on_a_page_shown_from_another_language_the_site_speaks_the_readers(
    project: Project, state: str
) -> None:
    """On an untranslated page, the notice, the link and the reason for a missing link are in the reader's language."""
    project.set_log("south-korea", *LOGS[state])

    shown = page(project, "nl/south-korea")

    assert [language_of(article) for article in shown.elements("article")] == ["en"]
    own = [
        element
        for name in ("quota-notice", "conversation-starter", "no-link")
        for element in shown.with_class(name)
    ]
    assert len(own) == (3 if state in SHOWN else 2)
    assert {language_of(element) for element in own} == {"nl"}


def test_a_figure_has_the_form_of_the_text_it_is_in(project: Project) -> None:
    """A number has the format of the text's language: an English text prints 1,200, even on a Dutch page."""
    pages = parsed(project.built().files)

    for language in ("en", "nl"):
        assert "There are 1,200 places." in text(pages[f"{language}/south-korea/index.html"].root)
