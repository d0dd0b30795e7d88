"""The desk checks hosts, origins, tokens, logins, sizes and rates before it runs any command."""

from __future__ import annotations

import pytest

from site_src.desk.form_tokens import FormTokens
from site_src.desk.rate_limit import RateLimit
from site_src.desk.words import LANGUAGES, WORDS, choose_language
from tests.support.operators_page import ADA, BEN, OperatorsPage
from tests.support.web_server import NGINX

needs_nginx = pytest.mark.skipif(not NGINX, reason="nginx is not installed: apt-get install nginx-light")
on_desk = [pytest.mark.nginx, needs_nginx]


@pytest.mark.nginx
@needs_nginx
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Origin": "https://evil.example"}, 403, id="foreign origin"),
        pytest.param({"Origin": "null"}, 403, id="opaque origin"),
        pytest.param({"Origin": ""}, 403, id="no origin"),
        pytest.param({"Host": "evil.example"}, 421, id="foreign host"),
        pytest.param({"Cookie": ""}, 403, id="no cookie"),
        pytest.param({"Cookie": "quotabord=" + "0" * 64}, 403, id="foreign cookie"),
        pytest.param({"X-Remote-User": BEN}, 403, id="token of another login"),
        pytest.param({"X-Remote-User": ""}, 403, id="no login"),
        pytest.param({"X-Remote-User": b"ada\xff"}, 403, id="login that is no text"),
        pytest.param({"Content-Type": "text/plain"}, 415, id="no form"),
        pytest.param({"Content-Length": "9000000"}, 413, id="too large"),
    ],
)
def test_a_forged_change_is_refused(desk: OperatorsPage, headers: dict[str, str], status: int) -> None:
    """If any header of a closing is wrong or missing, the desk refuses it with a message and changes nothing."""
    fields = {**desk.fields("/nl/japan/close"), "programme": "japan"}

    answer = desk.post("/nl/japan/close", fields, headers=headers)

    assert answer.status == status
    assert "Geweigerd" in answer.body.decode()
    assert desk.states() == ["open"]


@pytest.mark.nginx
@needs_nginx
@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_wrong_token_is_refused(desk: OperatorsPage, token: str) -> None:
    """The desk refuses a token that is not the form's own."""
    fields = {**desk.fields("/en/japan/close"), "programme": "japan", "token": token}

    answer = desk.post("/en/japan/close", fields)

    assert answer.status == 403
    assert "from before a restart of the desk" in answer.body.decode()
    assert desk.states() == ["open"]


@pytest.mark.nginx
@needs_nginx
def test_two_names_are_no_login(desk: OperatorsPage) -> None:
    """The desk refuses a request with two user headers, because one of them cannot come from the reverse proxy."""
    assert desk.ask("GET", "/en/", {**desk.headers(ADA), "x-remote-user": BEN}).status == 403


@pytest.mark.nginx
@needs_nginx
def test_changes_are_made_by_post_alone(desk: OperatorsPage) -> None:
    """A GET request with all fields of a confirmation changes nothing. Other methods are refused."""
    fields = desk.fields("/en/japan/close")

    desk.get(f"/en/japan/close?programme=japan&token={fields['token']}&expect=open")
    for method in ("PUT", "DELETE", "OPTIONS"):
        assert desk.ask(method, "/en/japan/close", desk.headers(ADA)).status == 405

    assert desk.states() == ["open"]


@pytest.mark.nginx
@needs_nginx
def test_every_answer_has_the_security_headers(desk: OperatorsPage) -> None:
    """Pages, refusals and the style sheet forbid caching, framing and foreign content, and do not name the server."""
    for path, status in (("/en/", 200), ("/desk.css", 200), ("/en/japan/nothing", 404), ("/xx/", 404)):
        answer = desk.get(path)
        assert answer.status == status
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Server"] is None
    refused = desk.ask("GET", "/en/", {"Host": "evil.example"})
    assert refused.headers["X-Frame-Options"] == "DENY"


@pytest.mark.nginx
@needs_nginx
def test_the_cookie_carries_the_token_alone(desk: OperatorsPage) -> None:
    """The cookie contains only the token, and no name.

    The browser sends it only to this site and hides it from scripts.
    """
    cookie = desk.get("/en/", "zoe").headers["Set-Cookie"]

    assert "SameSite=strict" in cookie
    assert "HttpOnly" in cookie
    assert "zoe" not in cookie


@pytest.mark.nginx
@needs_nginx
def test_haste_is_slowed_for_one_login_only(desk: OperatorsPage) -> None:
    """After many changes within a minute, a login has to wait, and the desk says how long.

    Other logins do not wait.
    """
    answers = [desk.post("/en/japan/nothing", {}, "hasty") for _ in range(25)]

    assert [answer.status for answer in answers].count(429) >= 4
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "Too many requests" in answers[-1].body.decode()
    assert desk.get("/en/japan/close", "hasty").status != 429
    assert desk.post("/en/japan/nothing", {}, BEN).status != 429


def test_a_rate_limit_is_bounded() -> None:
    """The rate limit allows a number of changes at once, and after them one per step.

    It stores a limited number of logins.
    """
    now = [0.0]
    limit = RateLimit(3, 30, logins=2, clock=lambda: now[0])

    assert [limit.wait("a") > 0 for _ in range(5)] == [False, False, False, True, True]
    now[0] = 10.5
    assert [limit.wait("a") > 0 for _ in range(2)] == [False, True]
    for login in "bcd":
        assert limit.wait(login) == 0
    assert len(limit._full_at) == 2


def test_tokens_belong_to_a_login_and_a_process() -> None:
    """A token is valid only with its own cookie, for its own login, and until the desk restarts."""
    tokens, others = FormTokens(), FormTokens()
    pair = tokens.cookie("ada"), tokens.token("ada")

    assert tokens.accept("ada", *pair)
    assert not tokens.accept("ben", *pair)
    assert not tokens.accept("ada", pair[1], pair[0])
    assert not others.accept("ada", *pair)


def test_the_words_are_complete_in_both_languages() -> None:
    """Each text exists in both languages, with the same placeholders.

    The two texts differ, except for words that are the same in both languages.
    """
    from string import Formatter

    for key, phrase in WORDS.items():
        assert phrase.keys() == LANGUAGES.keys(), key
        names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in phrase.values()]
        assert names[0] == names[1], key
        assert all(phrase.values()), key
    assert {key for key, phrase in WORDS.items() if phrase["en"] == phrase["nl"]} == {"state_open"}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("nl-NL,nl;q=0.9,en;q=0.8", "nl"), ("en-GB,nl;q=0.9", "en"), ("ja", "en"), ("nl;q=x", "en")],
)
def test_the_language_is_the_preferred_one(accepted: str, language: str) -> None:
    """The desk answers in Dutch if the browser prefers Dutch to English. Otherwise it answers in English."""
    assert choose_language(accepted) == language
