"""`check` finds today the faults that would prevent a later opening or closing."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from site_src.rehearsal import find_last_change, list_situations
from site_src.render.renderer import Renderer
from site_src.site.model import Site
from site_src.states import State
from tests.support.building import read_inputs
from tests.support.commands import command
from tests.support.project import NOON, SITES, Project, at

JAPAN = "content/programmes/japan.yaml"
KOREA = "content/programmes/south-korea.yaml"
JAPAN_EN = "https://start.request.test/japan/en"
KOREA_NL = "https://start.request.test/south-korea/nl"


@pytest.fixture
def opened(project: Project) -> Project:
    """The small site while both programmes are open."""
    project.set_log("japan", "open 2026-01-01 00:00")
    return project


def close_japan(project: Project) -> None:
    """Adds a closing of Japan that begins today."""
    project.set_log("japan", "open 2026-01-01 00:00", "quota_reached 2026-04-01 11:42")


def test_a_host_at_the_end_of_a_sentence_is_that_host(opened: Project) -> None:
    """A full stop or comma after a listed host in the notice of a closed programme does not stop the closing."""
    notice = opened.root / "content/en/_notices/quota_reached.md"
    notice.write_text(notice.read_text() + "\nRead more on https://ind.nl, or https://ind.nl.\n")
    close_japan(opened)

    assert command(opened, "build", "--at", NOON).returncode == 0


@pytest.mark.parametrize(
    "state", ["upcoming", "open", "quota_reached", "places_available", "suspended", "unconfirmed"]
)
def test_a_notice_of_any_state_is_checked(opened: Project, state: str) -> None:
    """A host that is not listed is reported in the notice of every state, even if the state is not the present one."""
    notice = opened.root / f"content/en/_notices/{state}.md"
    notice.write_text(notice.read_text() + "\nRead more on https://elsewhere.test/page\n")

    done = command(opened, "check", "--at", NOON)

    assert done.returncode == 1
    assert f"content/en/_notices/{state}.md:7: " in done.stderr
    assert "elsewhere.test" in done.stderr


def test_a_state_that_has_not_come_is_built(opened: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` runs the gate on pages of future states too. A refusal names the page and the state."""
    rendered = Renderer.render

    def render(self: Renderer, site: Site) -> dict[str, bytes]:
        files = rendered(self, site)
        if site.programmes["japan"].state is State.SUSPENDED:
            files["en/japan/index.html"] += b'<a href="https://elsewhere.test/">x</a>'
        return files

    monkeypatch.setattr(Renderer, "render", render)
    done = command(opened, "check", "--at", NOON)

    assert done.returncode == 3
    assert "en/japan/index.html: in the state suspended: leads to elsewhere.test" in done.stderr
    assert command(opened, "check", "--at", NOON) == done, "the memo has pages and texts, and no verdict"


@pytest.mark.parametrize(
    ("closed", "now", "begins"),
    [
        ("2026-11-21 18:00", NOON, "2026-11-22 00:00:01"),
        ("2026-11-22 11:59:30", NOON, "2026-11-22 11:59:31"),
        ("2026-11-22 12:00", NOON, NOON),
        ("2026-11-22 12:30", NOON, "2026-11-22 00:00:01"),
    ],
)
def test_states_begin_after_the_last_change(opened: Project, closed: str, now: str, begins: str) -> None:
    """`check` builds future states for the same moment each time, until an event or a new day, so that pages can be cached."""
    opened.set_log("japan", "open 2026-01-01 00:00", f"quota_reached {closed}")
    assert find_last_change(read_inputs(opened.root), at(now)) == at(begins)


def test_a_label_that_shows_only_when_closed_is_checked(opened: Project) -> None:
    """While all programmes are open, `check` reports an unlisted host in a label that only closed pages show."""
    opened.replace("content/en/_labels.yaml", "{notice}", "{notice} https://elsewhere.test/")

    done = command(opened, "check", "--at", NOON)

    assert done.returncode == 1
    assert "content/en/_labels.yaml:" in done.stderr


@pytest.mark.parametrize("query", ["land=jp&regeling=whp", "a=1&copy=2", "a=1&region=3&section=4"])
def test_a_parameter_may_begin_as_an_entity_does(project: Project, query: str) -> None:
    """An open programme's address may have a parameter that begins like an HTML entity, such as `&regeling=` or `&copy=`."""
    project.replace(JAPAN, JAPAN_EN, f"https://start.request.test/form?{query}")
    project.set_log("japan", "open 2026-01-01 00:00")

    done = command(project, "build", "--at", NOON)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", ["working%20holiday/japan", "a%2Fb", "%E6%97%A5%E6%9C%AC", "x%2By"])
def test_a_path_with_percent_codes_on_a_listed_host_can_be_closed(opened: Project, path: str) -> None:
    """A programme whose address has percent codes, on a host that pages may link to, can be closed."""
    opened.replace("content/site.yaml", "outbound_hosts:", "shared_hosts: [ind.nl]\noutbound_hosts:")
    opened.replace(JAPAN, JAPAN_EN, f"https://ind.nl/{path}")
    close_japan(opened)

    done = command(opened, "build", "--at", NOON)

    assert (done.returncode, done.stderr) == (0, "")


def test_an_open_address_may_be_the_tail_of_a_closed_one(opened: Project) -> None:
    """A closing succeeds even if an open programme's address is the end of the closed programme's address."""
    opened.replace(KOREA, "https://start.request.test/south-korea/en", "https://r.test/jp")
    opened.replace(KOREA, KOREA_NL, "https://r.test/jp")
    opened.replace(JAPAN, JAPAN_EN, "https://kr.r.test/jp")
    opened.replace(JAPAN, "https://start.request.test/japan/nl", "https://kr.r.test/jp")
    close_japan(opened)

    done = command(opened, "build", "--at", NOON)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "address",
    [
        "https://start.request.test/japan/nl?ref=kr",
        "https://other.request.test/kr?next=https://start.request.test/japan/en",
        "https://other.request.test/kr?next=https%3A%2F%2Fstart.request.test%2Fjapan%2Fen",
    ],
)
def test_no_address_holds_another_programmes(project: Project, address: str) -> None:
    """A conversation starter that is below another programme's address, or contains that address, is reported with its line."""
    project.replace(KOREA, KOREA_NL, address)

    done = command(project, "check", "--at", NOON)

    assert done.returncode == 1
    assert f"{KOREA}:8: conversation_starter.nl: " in done.stderr


def test_two_addresses_may_differ_in_their_parameters(project: Project) -> None:
    """Two programmes may use the same form if a parameter of each address names the programme."""
    for path, old, new in (
        (JAPAN, JAPAN_EN, "https://start.request.test/form?p=jp&l=en"),
        (JAPAN, "https://start.request.test/japan/nl", "https://start.request.test/form?p=jp&l=nl"),
        (KOREA, "https://start.request.test/south-korea/en", "https://start.request.test/form?p=kr&l=en"),
        (KOREA, KOREA_NL, "https://start.request.test/form?p=kr&l=nl"),
    ):
        project.replace(path, old, new)

    done = command(project, "check", "--at", NOON)

    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "0 errors, 1 warning")


def test_texts_that_make_an_address_only_together_are_rehearsed(opened: Project) -> None:
    """While a programme is open, `check` refuses a page on which a text and a fact together form the programme's address."""
    opened.replace(
        "content/site.yaml",
        "facts:\n",
        "facts:\n  tail:\n    value: test/japan/en\n    valid_from: 2025-01-01\n    source: somebody\n",
    )
    opened.replace("content/en/status.md", "What the state is.", "start.request.[[tail]]")

    done = command(opened, "check", "--at", NOON)

    assert done.returncode == 3
    assert "shows the conversation starter" in done.stderr


def test_a_schedule_never_becomes_doubtful_by_waiting(project: Project) -> None:
    """A schedule that a build would refuse after the opening is already refused before it."""
    project.set_log(
        "south-korea", "suspended 2026-01-01 00:00", "open 2026-12-01 00:00", "suspended 2028-12-31 00:00"
    )

    done = command(project, "build", "--at", NOON)

    assert done.returncode == 1
    assert "south-korea[3].from: is more than 400 days" in done.stderr


@pytest.mark.parametrize("count", [1, 2, 3, 5, 40])
def test_each_programme_is_closed_while_each_other_one_is_open(count: int) -> None:
    """For any two programmes, `check` builds a situation in which the first is closed and the second is open.

    The number of situations grows only with the logarithm of the number of programmes.
    """
    inputs = read_inputs(SITES / "small")
    logs = {f"programme-{number:02}": inputs.logs["japan"] for number in range(count)}
    inputs = replace(inputs, logs=logs)

    situations = [states for _, states, _ in list_situations(inputs, at(NOON))]

    for closed, opened in permutations(logs, 2):
        assert any(
            states[closed] is State.QUOTA_REACHED and states[opened] is State.OPEN for states in situations
        )
    assert len(situations) <= 8 + 2 * (count - 1).bit_length()
