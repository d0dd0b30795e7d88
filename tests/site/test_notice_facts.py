"""What stands below a notice: since when, in two times, how many places, and what comes next."""

from __future__ import annotations

import pytest

from tests.gate.test_links_by_state import LOGS
from tests.site.test_notices_by_state import page
from tests.support.html_pages import HtmlPage, parsed, text
from tests.support.project import NOON, Project

LATER = "  - state: quota_reached\n    from: 2026-10-06 10:00\n"


def facts(of: HtmlPage) -> list[tuple[str, list[str]]]:
    """The terms below the notice, each with its moments, or with its words where it has none."""
    notice = of.one("quota-notice")
    return [
        (text(term), [text(time) for time in value.iter("time")] or [text(value)])
        for term, value in zip(notice.iter("dt"), notice.iter("dd"), strict=True)
    ]


def machine_times(of: HtmlPage) -> list[str]:
    """The moments below the notice as machines read them."""
    return [str(time.get("datetime")) for time in of.one("quota-notice").iter("time")]


def test_moments_are_given_in_dutch_time_and_in_the_time_of_the_programme(project: Project) -> None:
    """Since when the state holds stands there twice, with day and zone named: Dutch time, then the city's."""
    tokyo, seoul = page(project, "en/japan"), page(project, "nl/south-korea")

    assert facts(tokyo)[0] == (
        "Since",
        ["Wednesday, 1 April 2026, 11:42 (Dutch time)", "Wednesday, 1 April 2026, 18:42 (Tokyo time)"],
    )
    assert machine_times(tokyo)[:2] == ["2026-04-01T11:42:00+02:00", "2026-04-01T18:42:00+09:00"]
    assert facts(seoul) == [
        (
            "Sinds",
            [
                "donderdag 1 januari 2026 om 00:00 uur (Nederlandse tijd)",
                "donderdag 1 januari 2026 om 08:00 uur (tijd in Seoul)",
            ],
        )
    ]
    assert machine_times(seoul) == ["2026-01-01T00:00:00+01:00", "2026-01-01T08:00:00+09:00"]


def test_a_moment_in_the_evening_is_the_next_day_in_tokyo(project: Project) -> None:
    """The day of a moment is the one of its own zone, also where the two zones have different days."""
    project.set_log("japan", "open 2026-01-31 23:30:05")

    assert facts(page(project, "en/japan")) == [
        (
            "Since",
            [
                "Saturday, 31 January 2026, 23:30:05 (Dutch time)",
                "Sunday, 1 February 2026, 07:30:05 (Tokyo time)",
            ],
        )
    ]


@pytest.mark.parametrize(
    ("moment", "period"),
    [
        pytest.param(NOON, "Friday, 1 January 2027 (Dutch time)", id="known"),
        pytest.param("2026-12-31 23:59", "Friday, 1 January 2027 (Dutch time)", id="a-minute-before-it"),
        pytest.param("2027-01-01 00:00", "The date is not known yet", id="begun"),
        pytest.param("2028-01-01 00:00", "The date is not known yet", id="past"),
    ],
)
def test_the_next_registration_period_is_named(project: Project, moment: str, period: str) -> None:
    """While the quota is reached, the notice names the next registration period, or says that it is not known."""
    assert facts(page(project, "en/japan", moment))[1] == ("Next registration period begins", [period])


def test_of_many_registration_periods_the_next_one_is_named(project: Project) -> None:
    """Of several known periods, in whatever order they stand in the file, the first one to come is named."""
    project.replace(
        "content/programmes/japan.yaml",
        "registration_periods:\n",
        "registration_periods:\n"
        + "".join(
            f"  - begins: {day}\n    source: bulletin\n" for day in ("2028-04-01", "2026-04-01", "2026-12-01")
        ),
    )

    assert facts(page(project, "en/japan"))[1][1] == ["Tuesday, 1 December 2026 (Dutch time)"]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_known_registration_period_is_said_so(project: Project, language: str) -> None:
    """A programme without any registration period says that the date is not known yet, and invents none."""
    project.replace(
        "content/programmes/japan.yaml",
        "registration_periods:\n  - begins: 2027-01-01\n    source: information bulletin\n",
        "",
    )

    said = {"en": "The date is not known yet", "nl": "De datum is nog niet bekend"}[language]
    assert facts(page(project, f"{language}/japan"))[1][1] == [said]


@pytest.mark.parametrize("state", sorted(set(LOGS) - {"quota_reached", "upcoming"}))
def test_other_states_name_no_registration_period(project: Project, state: str) -> None:
    """While places can be asked for, or nothing is known, the notice says since when, and when it opens if that is set."""
    scheduled = ["Opens"] if state == "suspended" else []
    project.set_log("japan", *LOGS[state])

    assert [term for term, _ in facts(page(project, "en/japan"))] == ["Since", *scheduled]


@pytest.mark.parametrize("state", ["quota_reached", "suspended"])
def test_a_scheduled_opening_is_told_while_the_link_is_hidden(project: Project, state: str) -> None:
    """Where places will be available from a moment on, the notice of the state before tells that moment, in both times."""
    project.set_log("japan", "open 2026-01-01 00:00", f"{state} 2026-02-03 04:05", "open 2026-12-24 09:30")

    assert facts(page(project, "en/japan"))[1] == (
        "Opens",
        ["Thursday, 24 December 2026, 09:30 (Dutch time)", "Thursday, 24 December 2026, 17:30 (Tokyo time)"],
    )


@pytest.mark.parametrize(
    ("log", "opens"),
    [
        pytest.param(
            "open 2026-12-24 09:30",
            [
                "Thursday, 24 December 2026, 09:30 (Dutch time)",
                "Thursday, 24 December 2026, 17:30 (Tokyo time)",
            ],
            id="the-first-event-opens",
        ),
        pytest.param(
            "suspended 2026-12-24 09:30", ["Friday, 1 January 2027 (Dutch time)"], id="by-the-period"
        ),
        pytest.param("suspended 2027-06-01 09:30", ["The date is not known yet"], id="not-known"),
    ],
)
def test_before_the_first_event_the_notice_says_when_it_opens(
    project: Project, log: str, opens: list[str]
) -> None:
    """An upcoming programme names the moment at which its log opens, else the next period, else that it is not known."""
    project.set_log("japan", log)
    moment = "2027-02-01 12:00" if "2027" in log else NOON

    shown = page(project, "en/japan", moment)

    assert shown.one("quota-notice").get("data-state") == "upcoming"
    assert facts(shown) == [("Opens", opens)]


def test_the_number_of_places_is_told(project: Project) -> None:
    """Places that are available again are counted on the page, on home and in the history, and gone with the state."""
    project.set_log("japan", "quota_reached 2026-04-01 11:42", "places_available 2026-10-05 09:00")
    project.replace(
        "quota_state.yaml", "from: 2026-10-05 09:00\n", "from: 2026-10-05 09:00\n    places: 1234\n"
    )

    pages = parsed(project.built().files)

    assert facts(pages["en/japan/index.html"])[1] == ("Number of places", ["1,234"])
    assert facts(pages["nl/japan/index.html"])[1] == ("Aantal plaatsen", ["1.234"])
    told = {path for path, shown in pages.items() if "1,234" in text(shown.root)}
    assert told == {
        "embed/en/japan.html",
        "en/index.html",
        "en/japan/index.html",
        "en/status/index.html",
    }
    project.write("quota_state.yaml", (project.root / "quota_state.yaml").read_text() + LATER)
    assert ("Number of places", ["1,234"]) not in facts(page(project, "en/japan"))
