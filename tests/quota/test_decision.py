"""The decision to show a link. No value that is made from it contains the address of a closed programme."""

from __future__ import annotations

import dataclasses
import io
import pickle
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.builder import Builder
from site_src.instants import Moment
from site_src.quota.decision import LinkHidden, LinkShown, decide
from site_src.quota.log import Event, Log, state_at
from site_src.quota.status import programme_status
from site_src.read.input_keys import Programme
from site_src.read.tree import load_tree
from site_src.site.model import Site
from site_src.states import STATES_WITH_LINK, State
from tests.support.building import read_inputs
from tests.support.project import AMSTERDAM, NOON, REPOSITORY, Project, at
from tests.support.quota_logs import instants_beside, logs

INSTANT = datetime(2026, 11, 22, 11, tzinfo=UTC)
SHOWN = ("open", "places_available")
PROGRAMMES = ("japan", "south-korea")
LANGUAGES = ("en", "nl", "ja")
HOST = "start.request.test"
SECRETS = ("the-quota-desk", "told-by-telephone")


def log_in(state: State) -> Log:
    """Returns a log whose state at INSTANT is this state."""
    if state is State.UPCOMING:
        return (Event(State.OPEN, INSTANT + timedelta(days=30), None, *SECRETS),)
    before = State.SUSPENDED if state is not State.SUSPENDED else State.OPEN
    return (
        Event(before, INSTANT - timedelta(days=2), None, *SECRETS),
        Event(state, INSTANT - timedelta(days=1), None, *SECRETS),
    )


def programme(id: str) -> Programme:
    """Returns a programme with an address in two of three languages."""
    return Programme(
        scheme="WHP",
        names=dict.fromkeys(LANGUAGES, id),
        time_zone="Asia/Tokyo",
        time_zone_names=dict.fromkeys(LANGUAGES, "time in Tokyo"),
        conversation_starter={code: f"https://{HOST}/{id}/{code}" for code in ("en", "nl")},
    )


def parts(value: Any, seen: set[int]) -> Iterator[Any]:
    """Yields the value and everything that can be reached from it: its fields, attributes, keys and items."""
    if id(value) in seen:
        return
    seen.add(id(value))
    yield value
    if isinstance(value, str | bytes):
        return
    if isinstance(value, Mapping):
        inside = [*value.keys(), *value.values()]
    elif isinstance(value, tuple | list | set | frozenset):
        inside = list(value)
    else:
        slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        inside = [getattr(value, name) for name in slots if hasattr(value, name)]
        inside += list(vars(value).values()) if hasattr(value, "__dict__") else []
    for item in inside:
        yield from parts(item, seen)


def texts(value: Any) -> list[str]:
    """Returns every text that can be reached from the value."""
    return [part for part in parts(value, set()) if isinstance(part, str)]


class Pickler(pickle.Pickler):
    """Pickles read-only mappings too."""

    def reducer_override(self, obj: Any) -> Any:
        """Pickles a read-only mapping as the mapping that it wraps."""
        return (dict, (dict(obj),)) if isinstance(obj, MappingProxyType) else NotImplemented


def pickled(value: Any) -> bytes:
    """Returns everything in the value as bytes, whatever its class."""
    file = io.BytesIO()
    Pickler(file).dump(value)
    return file.getvalue()


def write_log(project: Project, states: Mapping[str, State]) -> None:
    """Writes a quota log with these states at NOON, and with the operator's words in each event."""
    lines = []
    for id, state in states.items():
        lines.append(f"{id}:")
        for event in log_in(state):
            lines += [f"  - state: {event.state}", f"    from: {event.starts:%Y-%m-%d %H:%M}+00:00"]
            lines += [f"    by: {event.by}", f"    note: {event.note}"]
    project.write("quota_state.yaml", "\n".join(lines) + "\n")


IN_A_LOG = [state for state in State if state is not State.UNCONFIRMED]


@pytest.fixture(params=list(product(IN_A_LOG, IN_A_LOG)), ids="-".join)
def case(request: pytest.FixtureRequest, project: Project) -> tuple[Mapping[str, State], Site]:
    """The small site's value for each pair of states."""
    states = dict(zip(PROGRAMMES, request.param, strict=True))
    write_log(project, states)
    builder = Builder()  # of this site alone, because a site can reach its builder's memo
    inputs = replace(builder.read(load_tree(project.root)).inputs(), content_judged=True)
    return states, builder.build(inputs, Moment(at(NOON))).site


@pytest.mark.parametrize("id", PROGRAMMES)
@pytest.mark.parametrize("state", State)
def test_the_link_is_shown_exactly_for_the_allow_list(state: State, id: str) -> None:
    """In the states `open` and `places_available` the link is shown, in each language of the site.

    In every other state it is hidden.
    """
    decision = decide(programme(id), LANGUAGES, log_in(state), INSTANT)

    if state in SHOWN:
        address = f"https://{HOST}/{id}/"
        assert decision == LinkShown(
            {"en": f"{address}en", "nl": f"{address}nl", "ja": f"{address}en"},
            {"en": "en", "nl": "nl", "ja": "en"},
        )
    else:
        assert decision == LinkHidden()


def test_the_allow_list_has_two_states() -> None:
    """Two of the six states show the link."""
    assert {str(state) for state in STATES_WITH_LINK} == set(SHOWN)
    assert len(State) == 6


def test_a_hidden_link_has_no_place_for_an_address() -> None:
    """LinkHidden has no fields and accepts no attributes."""
    assert dataclasses.fields(LinkHidden) == ()
    with pytest.raises((AttributeError, TypeError)):
        LinkHidden().addresses = {}  # type: ignore[attr-defined]


@settings(deadline=None, max_examples=200, derandomize=True)
@given(data=st.data(), log=logs())
def test_whatever_the_log_the_link_follows_from_the_state(data: st.DataObject, log: Log) -> None:
    """At any instant of any log, the link is shown if and only if the state at that instant shows it."""
    instant = data.draw(instants_beside(log))
    status = programme_status("japan", programme("japan"), LANGUAGES, log, instant, AMSTERDAM)

    assert isinstance(status.link, LinkShown) == (str(state_at(log, instant)) in SHOWN)
    assert status.state == state_at(log, instant)


def test_a_status_has_past_changes_and_coming_openings() -> None:
    """A change counts from its exact instant.

    A scheduled opening is listed only if it changes the link from hidden to shown, and only while the link
    is hidden.
    """
    day = timedelta(days=1)
    steps = ((-9, "suspended"), (-5, "places_available"), (-3, "open"), (0, "quota_reached"), (30, "open"))
    log = tuple(Event(State(state), INSTANT + days * day) for days, state in steps)

    closed = programme_status("japan", programme("japan"), LANGUAGES, log, INSTANT, AMSTERDAM)
    opened = programme_status("japan", programme("japan"), LANGUAGES, log, INSTANT - day, AMSTERDAM)

    assert [change.since for change in closed.changes] == [INSTANT + days * day for days in (0, -3, -5, -9)]
    assert [change.since for change in closed.openings] == [INSTANT + days * day for days in (-5, 30)]
    assert (closed.opens, opened.opens) == (INSTANT + 30 * day, None)


@pytest.mark.parametrize("state", State)
def test_a_status_knows_no_more_than_may_be_published(state: State) -> None:
    """A programme's status contains its address only while the link is shown.

    It never contains the author or the note of an event.
    """
    status = programme_status("japan", programme("japan"), LANGUAGES, log_in(state), INSTANT, AMSTERDAM)

    for found in ("\n".join(texts(status)), repr(status), str(status), pickled(status).decode("latin-1")):
        assert "Asia/Tokyo" in found
        assert (HOST in found) == (state in SHOWN)
        assert not [secret for secret in SECRETS if secret in found]


def test_the_site_knows_no_more_than_may_be_published(case: tuple[Mapping[str, State], Site]) -> None:
    """The assembled site contains neither the address of a closed programme nor the operator's words."""
    states, site = case
    assert {id: status.state for id, status in site.programmes.items()} == states

    for found in ("\n".join(texts(site)), repr(site), pickled(site).decode("latin-1")):
        assert "Japan" in found
        for id, state in states.items():
            for code in ("en", "nl"):
                assert (f"https://{HOST}/{id}/{code}" in found) == (state in SHOWN)
        assert (HOST in found) == any(state in SHOWN for state in states.values())
        assert not [secret for secret in SECRETS if secret in found]


def test_the_walk_through_the_value_finds_what_is_there(project: Project) -> None:
    """The search that the tests above use finds an address and the operator's words if a value contains them."""
    write_log(project, dict.fromkeys(PROGRAMMES, State.SUSPENDED))
    inputs = read_inputs(project.root)

    for found in ("\n".join(texts(inputs)), pickled(inputs.logs).decode("latin-1")):
        assert all(secret in found for secret in SECRETS)
    assert f"https://{HOST}/japan/en" in texts(inputs)


@pytest.mark.parametrize("state", ["under_review", "open_soon", "OPEN", "open "])
def test_a_state_that_is_added_hides_the_link(project: Project, state: str) -> None:
    """A new state hides the link on every page until it is on the allow-list, even if its name resembles an open state."""
    shutil.copytree(REPOSITORY / "site_src", project.root / "site_src")
    project.replace(
        "site_src/states.py",
        '    UNCONFIRMED = "unconfirmed"\n',
        f'    UNCONFIRMED = "unconfirmed"\n    ADDED = "{state}"\n',
    )
    project.replace(
        "site_src/quota/event_keys.py",
        '"places_available", "suspended"]',
        f'"places_available", "suspended", "{state}"]',
    )
    project.replace(
        "site_src/states.py",
        "State.OPEN: frozenset({",
        "State.ADDED: frozenset(),\n    State.OPEN: frozenset({State.ADDED, ",
    )
    for code in ("en", "nl"):
        notice = (project.root / f"content/{code}/_notices/suspended.md").read_text(encoding="utf-8")
        project.write(f"content/{code}/_notices/{state}.md", notice.replace(": ", ": Added ") + "Added.\n")
    project.write(
        "quota_state.yaml",
        f'japan:\n  - state: open\n    from: 2026-01-01 00:00\n  - state: "{state}"\n    from: 2026-02-01 00:00\n'
        "south-korea:\n  - state: open\n    from: 2026-01-01 00:00\n",
    )
    done = project.run("build", "--at", NOON)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"japan: {state}, link hidden" in done.stdout
    published = project.published()
    assert f'data-state="{state}"'.encode() in published["en/japan/index.html"]
    assert b"conversation-starter" in published["en/south-korea/index.html"]
    assert not [path for path, page in published.items() if f"{HOST}/japan".encode() in page]
    assert b'class="conversation-starter"' not in published["en/japan/index.html"]
