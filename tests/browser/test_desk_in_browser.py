"""The operators' page in Chromium, behind a real nginx with a login, on phones and without JavaScript."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.tools import needs_axe, needs_browser
from tests.browser.visitor import DESK, LOOKS, TELEPHONE, Visitor, visitor
from tests.support.operators_page import ADA, BEN, PASSWORD, OperatorsPage, operators_page
from tests.support.project import make_project
from tests.support.residents import resident, wait_until
from tests.support.web_server import NGINX, NJS, WebServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.nginx,
    needs_browser,
    pytest.mark.skipif(not NGINX, reason="nginx is not installed: apt-get install nginx-light"),
]


@pytest.fixture(scope="module")
def ada(browser: Browser) -> Iterator[Visitor]:
    """An operator on a phone without JavaScript, with a browser and a login of her own. All tests share her browser."""
    with _operator(browser, ADA) as one:
        yield one


def _operator(
    browser: Browser, user: str, language: str = "nl", script: bool = False
) -> AbstractContextManager[Visitor]:
    return visitor(
        browser,
        http_credentials={"username": user, "password": PASSWORD},
        locale=language,
        java_script_enabled=script,
        has_touch=True,
        viewport={"width": TELEPHONE[0], "height": TELEPHONE[1]},
    )


def test_nobody_gets_in_without_a_login(desk: OperatorsPage) -> None:
    """Without the right name and password, nginx refuses a browser, even if it sends an operator's name in X-Remote-User."""
    server = WebServer(int(desk.address.rpartition(":")[2]))

    assert server.get("/nl/").status == 401
    assert server.get("/nl/", {"X-Remote-User": ADA}).status == 401
    wrong = server.get("/nl/", {"Authorization": "Basic YWRhOndyb25n", "X-Remote-User": ADA})
    assert wrong.status == 401


def test_three_taps_close(desk: OperatorsPage, ada: Visitor) -> None:
    """Three taps on the overview hide the link, without JavaScript. The confirmation gives the times in both zones."""
    ada.go(f"{desk.address}/")
    page = ada.page
    assert page.url == f"{desk.address}/nl/"
    assert page.locator("#japan .seen").inner_text() == "Bezoekers zien de link"

    page.locator("#japan a.close").tap()
    effect = page.locator(".effect").inner_text()
    page.get_by_label("Japan", exact=True).tap()
    page.get_by_role("button", name="Nu sluiten").tap()

    assert "VERDWIJNT" in effect
    assert "(Nederlandse tijd)" in effect
    assert "(Tokio)" in effect
    assert page.get_by_role("alert").inner_text() == "De wijziging is opgeslagen en gepubliceerd."
    assert page.locator("#japan .seen").inner_text() == "Bezoekers zien de link niet"
    assert not desk.target.shows_link()
    assert ada.messages == []


def test_two_browsers_race(desk: OperatorsPage, ada: Visitor, browser: Browser) -> None:
    """If two operators confirm the same closing, it is written once. The second one sees who was first."""
    with _operator(browser, BEN) as ben:
        for operator in (ada, ben):
            operator.go(f"{desk.address}/en/japan/close")
            operator.page.get_by_label("Japan", exact=True).check()
        for operator in (ada, ben):
            operator.page.get_by_role("button", name="Close now").tap()
        alerts = [operator.page.get_by_role("alert") for operator in (ada, ben)]

        assert sorted(alert.get_attribute("data-result") or "" for alert in alerts) == [
            "result_done",
            "result_same",
        ]
        assert any("This change was already made, by " in alert.inner_text() for alert in alerts)
    assert desk.states() == ["open", "quota_reached"]


@needs_axe
def test_axe_finds_nothing_and_everything_fits(desk: OperatorsPage, browser: Browser) -> None:
    """axe finds nothing on the desk's overview, forms, history and error page, and each fits a narrow screen."""
    paths = ["/nl/", "/nl/japan/close", "/nl/japan/schedule", "/nl/japan/history", "/nl/japan/nothing"]
    faults = []
    with _operator(browser, ADA, script=True) as ada:
        for path in paths:
            ada.go(desk.address + path)
            faults += [f"{path}: {fault}" for fault in (*ada.axe_in_looks(LOOKS), *ada.narrow())]
            assert ada.foreign_requests(desk.address) == []
    assert faults == []


def test_the_keyboard_alone_closes(desk: OperatorsPage, browser: Browser) -> None:
    """An operator can close a programme with Tab, Space and Enter. Tab goes through the overview in order."""
    with _operator(browser, ADA, language="en", script=True) as ada:
        ada.look(DESK)
        ada.go(f"{desk.address}/en/")
        assert ada.tab_through() == []
        ada.go(f"{desk.address}/en/japan/close")
        keys = ada.page.keyboard
        for _ in range(9):
            keys.press("Tab")
            if ada.page.evaluate("document.activeElement.type") == "radio":
                break
        keys.press("Space")
        keys.press("Enter")
        ada.page.get_by_role("alert").wait_for()

    assert desk.states() == ["open", "quota_reached"]


def test_a_broken_log_is_explained(desk: OperatorsPage, ada: Visitor) -> None:
    """If the log is broken, the page names the line and says in Dutch what to do. It still offers the closing."""
    desk.target.project.replace("quota_state.yaml", "state: open", "state: opne")
    ada.go(f"{desk.address}/nl/")

    words = ada.page.locator(".warning").first.inner_text()
    assert "Bel de beheerders" in words
    assert "quota_state.yaml:2" in words
    assert ada.page.locator("#japan a.close").is_visible()


@pytest.mark.skipif(NJS is None, reason="njs is not installed: apt-get install libnginx-mod-http-js")
def test_a_dead_publisher_is_explained_and_delays_no_closing(ada: Visitor, tmp_path: Path) -> None:
    """If no publisher renews the lease, the page says so. A closing still works, and the link does not appear again."""
    with operators_page(make_project(tmp_path / "project"), tmp_path, leased=True) as desk:
        with resident(desk.target, "--lease", "3"):
            ada.go(f"{desk.address}/nl/")
            assert ada.page.locator("#japan .seen").inner_text() == "Bezoekers zien de link"
        wait_until(lambda: (desk.target.folder / "lease").stat().st_mtime < time.time() - 6)
        ada.go(f"{desk.address}/nl/")
        assert ada.page.locator("#japan .seen").inner_text() == "Bezoekers zien de link niet"
        assert "De publicatiedienst draait niet" in ada.page.locator("#japan .warning").inner_text()

        ada.page.locator("#japan a.close").tap()
        ada.page.get_by_label("Japan", exact=True).tap()
        ada.page.get_by_role("button", name="Nu sluiten").tap()
        ada.page.get_by_role("alert").wait_for()
        assert desk.states() == ["open", "quota_reached"]
        assert ada.page.locator("#japan .seen").inner_text() == "Bezoekers zien de link niet"
        assert not desk.target.shows_link()
        assert "Bel direct de beheerders" in ada.page.get_by_role("alert").inner_text()
