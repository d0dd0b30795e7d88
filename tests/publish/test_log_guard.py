"""The log guard with a doubt that has two causes: the log and the release, or the log before the first release."""

from __future__ import annotations

from datetime import timedelta

import pytest

from site_src.problems import InputRefused
from site_src.publish.log_guard import LogGuard
from site_src.publish.manifest import Manifest
from site_src.quota.log import Event
from site_src.quota.separate_logs import LogReading
from site_src.states import State
from tests.support.project import at
from tests.support.published import Target

NOW = at("2026-04-20 12:00")
CLOSED = Event(State.QUOTA_REACHED, at("2026-04-01 00:00"))
OPEN = Event(State.PLACES_AVAILABLE, at("2026-04-10 00:00"))
OLD_COPY = {"japan": LogReading((CLOSED,))}


@pytest.fixture
def live(target: Target) -> Manifest:
    """The manifest of a release that shows Japan's link, since places came free."""
    target.project.set_log("japan", "quota_reached 2026-04-01 00:00", "places_available 2026-04-10 00:00")
    target.published()
    return target.manifest


def test_a_doubtful_log_is_refused_before_the_first_release() -> None:
    """Before the first release there is no state to fall back to, so a log with a doubtful date is refused."""
    far = Event(State.QUOTA_REACHED, NOW + timedelta(days=800))

    with pytest.raises(InputRefused, match="days ahead"):
        LogGuard(None, NOW).judge({"japan": LogReading((OPEN, far))})


def test_an_old_copy_keeps_the_link(live: Manifest) -> None:
    """If only an old copy of the log contradicts the live release, the release's link stays shown."""
    judged = LogGuard(live, NOW).judge(OLD_COPY)

    assert judged.is_old_copy
    assert [event.state for event in judged.logs["japan"]] == [State.QUOTA_REACHED, State.PLACES_AVAILABLE]
    assert not judged.unconfirmed


@pytest.mark.parametrize("state", [State.QUOTA_REACHED, State.PLACES_AVAILABLE])
def test_an_old_copy_and_a_doubtful_release_hide_the_link(live: Manifest, state: State) -> None:
    """If the live release is in doubt too, the link is hidden, whichever state the journal has last."""
    judged = LogGuard(live, NOW, {"japan": (state, NOW - timedelta(days=1))}).judge(OLD_COPY)

    assert judged.unconfirmed == {"japan"}
