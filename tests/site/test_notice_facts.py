"""The facts below a notice: since when its state holds, how many places there are, and what comes next."""

from __future__ import annotations

import pytest

from site_src.site import cldr
from tests.gate.test_links_by_state import LOGS
from tests.site.test_notices_by_state import page
from tests.support.html_pages import HtmlPage, parsed, text
from tests.support.project import NOON, Project

LATER = "  - state: quota_reached\n    from: 2026-10-06 10:00\n"


def facts(of: HtmlPage) -> list[tuple[str, list[str]]]:
    """Returns each term below the notice with its times, or with its words if it has no times."""
    notice = of.one("quota-notice")
    return [
        (text(term), [text(time) for time in value.iter("time")] or [text(value)])
        for term, value in zip(notice.iter("dt"), notice.iter("dd"), strict=True)
    ]


def machine_times(of: HtmlPage) -> list[str]:
    """Returns the `datetime` of each time in the notice."""
    return [str(time.get("datetime")) for time in of.one("quota-notice").iter("time")]


def test_moments_are_given_in_dutch_time_and_in_the_time_of_the_programme(project: Project) -> None:
    """The notice says when the state began in Dutch time and in the programme's time, with date and zone."""
    tokyo, seoul = page(project, "en/japan"), page(project, "nl/south-korea")

    assert facts(tokyo)[0] == (
        "Since",
        ["Wednesday, 1 April 2026, 11:42 (Dutch time)", "Wednesday, 1 April 2026, 18:42 (time in Tokyo)"],
    )
    assert machine_times(tokyo)[:2] == ["2026-04-01T11:42:00+02:00", "2026-04-01T18:42:00+09:00"]
    assert facts(seoul) == [
        (
            "Sinds",
            [
                "donderdag 1 januari 2026 om 00.00 uur (Nederlandse tijd)",
                "donderdag 1 januari 2026 om 08.00 uur (tijd in Seoul)",
            ],
        )
    ]
    assert machine_times(seoul) == ["2026-01-01T00:00:00+01:00", "2026-01-01T08:00:00+09:00"]


def test_a_moment_in_the_evening_is_the_next_day_in_tokyo(project: Project) -> None:
    """Each zone's time has that zone's date, even if the dates differ. Seconds are not printed."""
    project.set_log("japan", "open 2026-01-31 23:30:05")

    assert facts(page(project, "en/japan")) == [
        (
            "Since",
            [
                "Saturday, 31 January 2026, 23:30 (Dutch time)",
                "Sunday, 1 February 2026, 07:30 (time in Tokyo)",
            ],
        )
    ]


@pytest.mark.parametrize(
    ("moment", "period"),
    [
        pytest.param(NOON, "Friday, 1 January 2027", id="known"),
        pytest.param("2026-12-31 23:59", "Friday, 1 January 2027", id="a-minute-before-it"),
        pytest.param("2027-01-01 00:00", "The date is not known yet", id="begun"),
        pytest.param("2028-01-01 00:00", "The date is not known yet", id="past"),
    ],
)
def test_the_next_registration_period_is_named(project: Project, moment: str, period: str) -> None:
    """While the quota is reached, the notice names the next registration period or says that it is not known yet."""
    assert facts(page(project, "en/japan", moment))[1] == ("Next registration period begins", [period])


def test_of_many_registration_periods_the_next_one_is_named(project: Project) -> None:
    """The notice names the earliest future period, whatever the order of the periods in the file."""
    project.replace(
        "content/programmes/japan.yaml",
        "registration_periods:\n",
        "registration_periods:\n"
        + "".join(
            f"  - begins: {day}\n    certainty: confirmed\n    source: bulletin\n"
            for day in ("2028-04-01", "2026-04-01", "2026-12-01")
        ),
    )

    assert facts(page(project, "en/japan"))[1][1] == ["Tuesday, 1 December 2026"]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_known_registration_period_is_said_so(project: Project, language: str) -> None:
    """If a programme has no registration period, its page says that the date is not known yet."""
    project.replace(
        "content/programmes/japan.yaml",
        "registration_periods:\n  - begins: 2027-01-01\n    certainty: confirmed\n    source: information bulletin\n",
        "",
    )

    said = {"en": "The date is not known yet", "nl": "De datum is nog niet bekend"}[language]
    assert facts(page(project, f"{language}/japan"))[1][1] == [said]


@pytest.mark.parametrize("state", sorted(set(LOGS) - {"quota_reached", "upcoming"}))
def test_other_states_name_no_registration_period(project: Project, state: str) -> None:
    """An open or suspended programme's notice says since when, and names a scheduled opening, but no registration period."""
    scheduled = ["Opens"] if state == "suspended" else []
    project.set_log("japan", *LOGS[state])

    assert [term for term, _ in facts(page(project, "en/japan"))] == ["Since", *scheduled]


@pytest.mark.parametrize("state", ["quota_reached", "suspended"])
def test_a_scheduled_opening_is_announced_while_the_link_is_hidden(project: Project, state: str) -> None:
    """While the link is hidden, the notice gives the time of a scheduled opening in both zones."""
    project.set_log("japan", "open 2026-01-01 00:00", f"{state} 2026-02-03 04:05", "open 2026-12-24 09:30")

    assert facts(page(project, "en/japan"))[1] == (
        "Opens",
        [
            "Thursday, 24 December 2026, 09:30 (Dutch time)",
            "Thursday, 24 December 2026, 17:30 (time in Tokyo)",
        ],
    )


@pytest.mark.parametrize(
    ("log", "opens"),
    [
        pytest.param(
            "open 2026-12-24 09:30",
            [
                "Thursday, 24 December 2026, 09:30 (Dutch time)",
                "Thursday, 24 December 2026, 17:30 (time in Tokyo)",
            ],
            id="the-first-event-opens",
        ),
        pytest.param("suspended 2026-12-24 09:30", ["Friday, 1 January 2027"], id="by-the-period"),
        pytest.param("suspended 2027-06-01 09:30", ["The date is not known yet"], id="not-known"),
    ],
)
def test_before_the_first_event_the_notice_says_when_it_opens(
    project: Project, log: str, opens: list[str]
) -> None:
    """An upcoming programme names its scheduled opening, or else the next period, or else says that the date is not known."""
    project.set_log("japan", log)
    moment = "2027-02-01 12:00" if "2027" in log else NOON

    shown = page(project, "en/japan", moment)

    assert shown.one("quota-notice").get("data-state") == "upcoming"
    term = "Next registration period begins" if "1 January" in opens[0] else "Opens"
    assert facts(shown) == [(term, opens)]


def test_the_number_of_places_is_shown(project: Project) -> None:
    """The programme's page, the home page and the history give the number of places only while that state lasts."""
    project.set_log("japan", "quota_reached 2026-04-01 11:42", "places_available 2026-10-05 09:00")
    project.replace(
        "quota_state.yaml", "from: 2026-10-05 09:00\n", "from: 2026-10-05 09:00\n    places: 1234\n"
    )

    pages = parsed(project.built().files)

    assert text(pages["en/japan/index.html"].one("places")) == "1,234 places came free on 5 October 2026"
    assert text(pages["nl/japan/index.html"].one("places")) == "Op 5 oktober 2026 kwamen 1.234 plaatsen vrij"
    with_number = {path for path, shown in pages.items() if "1,234" in text(shown.root)}
    assert with_number == {
        "embed/en/japan.html",
        "en/index.html",
        "en/japan/index.html",
        "en/status/index.html",
    }
    project.write("quota_state.yaml", (project.root / "quota_state.yaml").read_text() + LATER)
    assert page(project, "en/japan").with_class("places") == []


def test_one_place_that_came_free_is_one(project: Project) -> None:
    """A single place is printed in the singular."""
    project.set_log("japan", "quota_reached 2026-04-01 11:42", "places_available 2026-10-05 09:00")
    project.replace("quota_state.yaml", "from: 2026-10-05 09:00\n", "from: 2026-10-05 09:00\n    places: 1\n")

    assert text(page(project, "nl/japan").one("places")) == "Op 5 oktober 2026 kwam 1 plaats vrij"


EXPECTED = """registration_periods:
  - begins: 2027-01-01
    certainty: expected
    source: the year before
    reason:
      en: It opened on that day before.
  - begins: 2027-04-01
    certainty: expected
    source: bulletin
    reason:
      en: It opened on that day before.
  - begins: 2028-04-01
    certainty: expected
    source: bulletin
"""


def expect(project: Project, periods: str = EXPECTED) -> None:
    """Gives Japan these registration periods."""
    before = (project.root / "content/programmes/japan.yaml").read_text()
    start, end = before.index("registration_periods:"), before.index("time_zone_names:")
    project.write("content/programmes/japan.yaml", before[:start] + periods + before[end:])


def test_expected_days_are_said_to_be_expected(project: Project) -> None:
    """The notice names both expected dates of the next period, gives the reason once, and says that the hour is not known."""
    expect(project)

    shown = page(project, "en/japan")

    assert facts(shown)[1] == (
        "Next registration period expected to begin",
        ["Friday, 1 January 2027", "Thursday, 1 April 2027"],
    )
    said = text(shown.one("quota-notice"))
    assert "Friday, 1 January 2027 or Thursday, 1 April 2027 (Dutch time)" in said
    assert "The hour is not known yet." in said
    assert said.count("It opened on that day before.") == 1
    assert "This day comes from an earlier announcement." not in said
    dutch = text(page(project, "nl/japan").one("quota-notice"))
    assert "Volgende registratieperiode begint naar verwachting" in dutch
    assert "Deze dag komt uit een eerdere aankondiging. De IND kan die nog veranderen." in dutch


def test_a_confirmed_day_needs_no_reason(project: Project) -> None:
    """A confirmed date is named alone, without a reason or a warning that it may change."""
    expect(project, EXPECTED.replace("certainty: expected", "certainty: confirmed", 1))

    shown = page(project, "en/japan")

    assert facts(shown)[1] == ("Next registration period begins", ["Friday, 1 January 2027"])
    assert "It opened on that day before." not in text(shown.one("quota-notice"))


def test_the_heading_before_the_first_opening_says_how_sure_its_day_is(project: Project) -> None:
    """The heading of an upcoming programme names the expected dates, or the date and time of a scheduled opening."""
    expect(project)
    project.set_log("japan", "suspended 2027-08-01 00:00")
    heading = page(project, "en/japan").one("quota-notice").findall("h2")[0]
    assert text(heading) == "Not open yet: expected to open 1 January 2027 or 1 April 2027"

    project.set_log("japan", "open 2027-01-01 09:00")
    shown = page(project, "nl/japan")
    heading = shown.one("quota-notice").findall("h2")[0]
    assert (
        text(heading) == "Nog niet open: gaat open op vrijdag 1 januari 2027 om 09.00 uur (Nederlandse tijd)"
    )


def test_a_scheduled_opening_replaces_the_period_that_it_is(project: Project) -> None:
    """If an opening is scheduled on the expected date of a period, the notice names only the opening."""
    expect(project)
    project.set_log("japan", "quota_reached 2026-04-01 11:42", "open 2027-04-01 09:00")

    assert [term for term, _ in facts(page(project, "en/japan"))] == ["Since", "Opens"]


def test_readers_of_a_language_can_get_the_time_of_the_programme_first(project: Project) -> None:
    """If the label `first_time` is `programme`, the notice gives the programme's time before Dutch time."""
    project.replace("content/en/_labels.yaml", "first_time: site", "first_time: programme")

    assert facts(page(project, "en/japan"))[0][1] == [
        "Wednesday, 1 April 2026, 18:42 (time in Tokyo)",
        "Wednesday, 1 April 2026, 11:42 (Dutch time)",
    ]


@pytest.mark.parametrize(
    ("locale", "forms"),
    [
        ("en", "one other other"),
        ("nl", "one other other"),
        ("ja", "other other other"),
        ("ko", "other other other"),
        ("uk", "one few one"),
    ],
)
def test_a_language_has_its_own_singular(locale: str, forms: str) -> None:
    """CLDR decides which numbers are singular: in Ukrainian 21 is, and in Japanese no number is."""
    assert [cldr.plural(locale, count) for count in ("1", "2", "21")] == forms.split()
