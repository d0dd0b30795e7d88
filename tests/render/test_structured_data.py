"""Search engines and link previews get the right times and our own page, and never the address of the form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gate.test_links_by_state import LOGS
from tests.support.html_pages import HtmlPage, parsed
from tests.support.project import Project


def service(page: HtmlPage) -> dict[str, Any]:
    """Returns the page's block of structured data."""
    (block,) = page.elements("script")
    assert block.get("type") == "application/ld+json"
    data: dict[str, Any] = json.loads(str(block.text_content()))
    return data


@pytest.mark.parametrize(
    ("state", "offers"),
    [
        ("upcoming", [{"availabilityStarts": "2026-12-24T08:30:00+00:00"}]),
        (
            "open",
            [
                {
                    "availability": "https://schema.org/InStock",
                    "availabilityStarts": "2026-01-31T23:00:00+00:00",
                }
            ],
        ),
        (
            "quota_reached",
            [
                {
                    "availability": "https://schema.org/SoldOut",
                    "availabilityEnds": "2026-04-01T09:42:00+00:00",
                },
                {"availabilityStarts": "2027-01-01"},
            ],
        ),
        (
            "places_available",
            [
                {
                    "availability": "https://schema.org/InStock",
                    "availabilityStarts": "2026-10-05T07:00:00+00:00",
                }
            ],
        ),
        (
            "suspended",
            [
                {
                    "availability": "https://schema.org/OutOfStock",
                    "availabilityEnds": "2026-02-03T03:05:00+00:00",
                },
                {"availabilityStarts": "2026-12-24T08:30:00+00:00"},
            ],
        ),
    ],
)
def test_the_service_has_the_dates_of_the_log(
    project: Project, state: str, offers: list[dict[str, str]]
) -> None:
    """The structured data say from when and until when requests are accepted, as in the log."""
    project.set_log("japan", *LOGS[state])

    found = service(parsed(project.built().files)["en/japan/index.html"])

    assert found["@context"] == "https://schema.org"
    assert found["@type"] == "GovernmentService"
    assert found["offers"] == [{"@type": "Offer", **offer} for offer in offers]
    assert found["provider"] == {"@type": "GovernmentOrganization", "name": "Small Office"}
    assert found["availableChannel"]["serviceUrl"] == found["url"] == "https://small.test/en/japan/"


def test_a_link_that_was_never_shown_has_no_end(project: Project) -> None:
    """The structured data of a programme that has only been suspended have no times."""
    project.set_log("japan", "suspended 2026-01-01 00:00")

    assert service(parsed(project.built().files)["en/japan/index.html"])["offers"] == []


def test_the_end_is_when_the_link_went_away(project: Project) -> None:
    """`availabilityEnds` is the moment at which the link was hidden.

    A later step from suspended to quota_reached does not change it.
    """
    project.set_log(
        "japan", "open 2026-01-01 00:00", "suspended 2026-02-01 00:00", "quota_reached 2026-03-01 00:00"
    )

    (offer, _) = service(parsed(project.built().files)["en/japan/index.html"])["offers"]
    assert offer["availabilityEnds"] == "2026-01-31T23:00:00+00:00"


def test_only_a_programmes_own_page_in_its_own_language_has_data(project: Project) -> None:
    """Only a translated page of a programme has structured data. An untranslated page has none."""
    (project.root / "content/nl/japan.md").unlink()

    pages = parsed(project.built().files)

    with_data = {path for path, page in pages.items() if list(page.elements("script"))}
    assert with_data == {"en/japan/index.html", "en/south-korea/index.html"}


@pytest.mark.parametrize("title", ["</script><b>Japan", 'Japan "&amp;" <!--', "Japan ]]> \\u003c"])
def test_words_cannot_leave_the_block(project: Project, title: str) -> None:
    """A title that could end the script element stays data, and is read back as typed."""
    quoted = json.dumps(title)
    project.replace("content/en/japan.md", "title: Japan", f"title: {quoted}")

    assert service(parsed(project.built().files)["en/japan/index.html"])["name"] == title


def test_a_link_preview_says_no_state(project: Project) -> None:
    """A link preview has the page's title and description but no state, because messages keep old previews."""
    page = parsed(project.built().files)["en/japan/index.html"]

    found = {
        meta.get("property"): meta.get("content") for meta in page.elements("meta") if meta.get("property")
    }
    assert found["og:title"] == "Japan"
    assert found["og:url"] == "https://small.test/en/japan/"
    assert found["og:site_name"] == "Small site"
    assert found["og:locale"] == "en_GB"
    assert found["og:description"]
    assert not any("quota" in str(value).lower() for value in found.values())
