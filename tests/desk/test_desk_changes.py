"""Changes on the desk: each one runs a command, is shown before it happens, and reports its result."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.operators_page import ADA, BEN, LOG, OperatorsPage, result
from tests.support.quota_desk import days_ahead
from tests.support.web_server import NGINX

pytestmark = [
    pytest.mark.nginx,
    pytest.mark.skipif(not NGINX, reason="nginx is not installed: apt-get install nginx-light"),
]


def test_the_overview_says_what_visitors_see_and_what_the_log_says(desk: OperatorsPage) -> None:
    """The overview shows both programmes as open, with their times in both zones.

    It says how long ago the desk read the public site.
    """
    time.sleep(5.1)  # The desk caches for five seconds what it read.
    page = desk.get("/en/").body.decode()

    assert page.count('data-shown="yes"') == 2
    assert re.search(r"The public site was read \d s ago. Its notice: open", page)
    assert "Wednesday 1 April 2020, 00:00:00 (Dutch time)" in page
    assert "Wednesday 1 April 2020, 07:00:00 (Tokyo)" in page
    assert "The log and the public site differ" not in page


def test_a_closing_is_published_and_named(desk: OperatorsPage) -> None:
    """After a confirmed closing, the log has the login and the note, and visitors do not see the link."""
    answer = desk.do("close", note="by telephone")

    assert (answer.status, result(answer)) == (200, "result_done")
    assert desk.states() == ["open", "quota_reached"]
    assert not desk.target.shows_link()
    assert desk.target.shows_link("south-korea")
    assert 'data-shown="no"' in answer.body.decode()
    history = desk.get("/nl/japan/history").body.decode()
    assert "Door: ada" in history
    assert "Toelichting: by telephone" in history


def test_a_second_closing_says_that_it_was_so_already(desk: OperatorsPage) -> None:
    """If two operators have opened the form and both close, the second closing adds nothing.

    Its answer names the first operator.
    """
    first, second = (desk.fields("/en/japan/close", user) for user in (ADA, BEN))

    assert result(desk.post("/en/japan/close", {**first, "programme": "japan"}, ADA)) == "result_done"
    answer = desk.post("/en/japan/close", {**second, "programme": "japan"}, BEN)

    assert result(answer) == "result_same"
    assert "by ada" in answer.body.decode()
    assert desk.states() == ["open", "quota_reached"]


def test_two_who_close_at_once_close_once(desk: OperatorsPage) -> None:
    """If two operators close in the same instant, the log gets one event, and both operators get an answer."""
    fields = {user: desk.fields("/en/japan/close", user) for user in (ADA, BEN)}
    with ThreadPoolExecutor(2) as threads:
        answers = [
            threads.submit(desk.post, "/en/japan/close", {**fields[user], "programme": "japan"}, user)
            for user in (ADA, BEN)
        ]
    found = sorted(result(answer.result()) for answer in answers)

    assert found == ["result_done", "result_same"]
    assert desk.states() == ["open", "quota_reached"]


def test_a_closing_from_a_stale_page_is_refused_with_words(desk: OperatorsPage) -> None:
    """If somebody suspended the programme after the form was made, a closing changes nothing, and the desk names that person."""
    old = desk.fields("/nl/japan/close", BEN)
    assert result(desk.do("suspend")) == "result_done"

    answer = desk.post("/nl/japan/close", {**old, "programme": "japan"}, BEN)

    assert (answer.status, result(answer)) == (409, "result_other")
    assert "de stand is nu opgeschort, door ada" in answer.body.decode()
    assert desk.states() == ["open", "suspended"]


def test_the_wrong_country_changes_nothing(desk: OperatorsPage) -> None:
    """If the confirmation names the wrong country or none, the desk shows the form again with a message."""
    fields = desk.fields("/en/japan/close")
    for more in ({"programme": "south-korea"}, {}):
        answer = desk.post("/en/japan/close", {**fields, **more})
        assert answer.status == 422
        assert "Nothing was changed. Tap Japan below" in answer.body.decode()
    assert desk.states() == ["open"]


def test_places_come_back(desk: OperatorsPage) -> None:
    """Before a reopening is published, the desk shows that the link will appear.

    It also shows the time in both zones, and the number of places.
    """
    desk.do("close")
    asked = desk.get("/en/japan/reopen").body.decode()
    effect = desk.get("/nl/japan/reopen?step=effect&places=12").body.decode()

    assert 'name="places"' in asked
    assert "VERSCHIJNT" in effect
    assert "(Nederlandse tijd)" in effect
    assert "(Tokio)" in effect
    assert "plaatsen: 12" in effect
    assert result(desk.do("reopen", "?step=effect&places=12")) == "result_done"
    assert desk.states()[-1] == "places_available"
    assert desk.target.shows_link()


def test_a_schedule_is_made_and_cancelled(desk: OperatorsPage) -> None:
    """The desk announces a scheduled opening.

    Before the opening is cancelled, the desk shows the event that is taken back.
    """
    desk.do("close")
    moment = days_ahead(9).replace(" ", "T")
    query = f"?step=effect&state=open&moment={moment}&offset=&places="

    effect = desk.get(f"/en/japan/schedule{query}").body.decode()
    assert "APPEARS" in effect
    assert "12:00:00 (Dutch time)" in effect
    assert result(desk.do("schedule", query)) == "result_scheduled"
    assert desk.states() == ["open", "quota_reached", "open"]
    assert not desk.target.shows_link()

    cancelled = desk.get("/en/japan/cancel").body.decode()
    assert "Taken back" in cancelled
    assert result(desk.do("cancel")) == "result_done"
    assert desk.states() == ["open", "quota_reached"]


def test_an_hour_that_the_clock_shows_twice_needs_an_offset(desk: OperatorsPage) -> None:
    """For a local time that occurs twice, the desk says that the change cannot be made.

    With an offset, the change can be made.
    """
    twice = "?step=effect&state=suspended&moment=2027-10-31T02:30&places="

    refused = desk.get(f"/en/japan/schedule{twice}&offset=").body.decode()
    accepted = desk.get(f"/en/japan/schedule{twice}&offset=%2B01:00").body.decode()

    assert "This change cannot be made. Nothing was changed." in refused
    assert "Schedule it" in accepted
    assert "02:30:00 (Dutch time)" in accepted


def test_an_undo_restores_what_was(desk: OperatorsPage) -> None:
    """Before an undo, the desk shows the closing that it takes back. After the undo, visitors see the link again."""
    desk.do("close")

    effect = desk.get("/en/japan/undo").body.decode()
    assert "Taken back" in effect
    assert "APPEARS" in effect
    assert result(desk.do("undo")) == "result_done"
    assert desk.states() == ["open", "quota_reached", "open"]
    assert desk.target.shows_link()


def test_another_change_meanwhile_is_not_overrun(desk: OperatorsPage) -> None:
    """If somebody else has changed the log since a form was made, the desk refuses the change and names that person."""
    desk.do("close")
    queries = {"reopen": "?step=effect&places=3", "open": "", "undo": ""}
    forms = {word: desk.fields(f"/en/japan/{word}{query}") for word, query in queries.items()}
    desk.do("suspend", user=BEN)

    for word, fields in forms.items():
        answer = desk.post(f"/en/japan/{word}", {**fields, "programme": "japan"})
        assert answer.status == 409, word
        assert "last by ben" in answer.body.decode()
    assert desk.states()[-1] == "suspended"


def test_roles_are_those_of_the_file(desk: OperatorsPage) -> None:
    """A login that may only close gets no button that shows a link.

    A refusal names the people who may. A login without a role may do nothing.
    """
    desk.do("close", user=BEN)
    offered = re.findall(r'class="button (\w+)" href="/en/japan/', desk.get("/en/", BEN).body.decode())

    assert not {"reopen", "open"} & set(offered)
    assert {"suspend", "undo"} <= set(offered)
    for word, query in (("reopen", "?step=effect&places=3"), ("open", ""), ("undo", "")):
        answer = desk.get(f"/en/japan/{word}{query}", BEN)
        assert answer.status == 403
        assert "Ask one of these people: ada" in answer.body.decode()
        token = desk.fields("/en/japan/suspend", BEN)["token"]
        version = desk.fields("/en/japan/open", ADA)["version"]
        form = {"token": token, "version": version, "expect": "quota_reached", "programme": "japan"}
        assert desk.post(f"/en/japan/{word}", form, BEN).status == 403
    assert "suspend" not in desk.get("/en/", "eve").body.decode()
    assert desk.get("/en/japan/suspend", "eve").status == 403
    assert desk.states() == ["open", "quota_reached"]


def test_a_made_up_form_gives_no_role(desk: OperatorsPage) -> None:
    """A login that may only close cannot open a programme with a forged form that names a closing or a similar state."""
    desk.do("close")
    token = desk.fields("/en/japan/suspend", BEN)["token"]
    form = {"token": token, "version": desk.fields("/en/japan/open", ADA)["version"], "programme": "japan"}
    attempts = [("undo", "suspended", 403), ("schedule", "open", 403)]
    attempts += [("schedule", state, 400) for state in ("Open", "places")]

    for word, state, status in attempts:
        answer = desk.post(f"/en/japan/{word}", {**form, "state": state, "moment": days_ahead(2)}, BEN)
        assert answer.status == status, (word, state)
    assert desk.states() == ["open", "quota_reached"]
    assert not desk.target.shows_link()


def test_a_cancellation_takes_back_only_what_it_showed(desk: OperatorsPage) -> None:
    """If the scheduled event has begun since the form was made, a cancellation takes back nothing else."""
    opens = datetime.now(UTC) + timedelta(seconds=8)
    closes = opens + timedelta(hours=3)
    desk.target.project.write(
        "quota_state.yaml",
        LOG.replace("state: open", "state: suspended", 1).replace(
            "south-korea:",
            f"  - state: open\n    from: {opens:%Y-%m-%d %H:%M:%S}+00:00\n"
            f"  - state: quota_reached\n    from: {closes:%Y-%m-%d %H:%M:%S}+00:00\nsouth-korea:",
        ),
    )
    shown = desk.fields("/en/japan/cancel")
    time.sleep(max(0.0, (opens - datetime.now(UTC)).total_seconds()))

    answer = desk.post("/en/japan/cancel", {**shown, "programme": "japan"})

    assert answer.status == 409
    assert "This page is out of date: this change of Japan is no longer possible" in answer.body.decode()
    assert desk.states() == ["suspended", "open", "quota_reached"]


def test_a_broken_log_stops_no_closing(desk: OperatorsPage) -> None:
    """The overview reports the problem of a broken log and its cure.

    For that programme it offers only changes that hide the link, and a closing hides the link.
    """
    desk.target.project.replace("quota_state.yaml", "2020-04-01 00:00", "2020-04-31 00:00")

    page = desk.get("/nl/").body.decode()
    assert "Het logboek is niet te lezen" in page
    assert "quota_state.yaml:3" in page
    offered = re.findall(r'href="/nl/(?:japan)/(\w+)"', page)
    assert offered == ["close", "suspend", "history"]
    assert "VERDWIJNT, als die te zien is" in desk.get("/nl/japan/close").body.decode()
    answer = desk.do("close")

    assert (answer.status, result(answer)) == (409, "result_refused")
    assert "quota_state.yaml:3" in answer.body.decode()


def test_a_site_that_does_not_answer_is_said(desk: OperatorsPage) -> None:
    """If the public site shows no notice, the overview says that it does not know what visitors see, and whom to call."""
    page = desk.target.folder / "current/site/en/japan/index.html"
    real = page.read_bytes()
    page.rename(page.with_name("away"))
    try:
        time.sleep(5.1)
        shown = desk.get("/en/").body.decode()
    finally:
        page.with_name("away").rename(page)
    assert real == page.read_bytes()
    assert 'data-shown="unknown"' in shown
    assert "the response for /en/japan/ has the status 404" in shown
