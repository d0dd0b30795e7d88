"""`quota cancel` takes back the next scheduled change, and no past event."""

from __future__ import annotations

import json

import pytest

from site_src.quota.log import state_at
from site_src.states import State
from tests.support.commands import command
from tests.support.project import Project, at
from tests.support.quota_desk import PAST, both, days_ahead, desk, logs, now, refused, state_text

OPENS, CLOSES, NOTE = days_ahead(10), days_ahead(20), "    note: confirmed by telephone\n"
OPENING = f"  - state: open          # as agreed\n    from: {OPENS}\n    # by the desk\n    by: 'Ada'\n"
CLOSING = f"  - state: suspended\n    from: {CLOSES}\n"


def scheduled(*events: str) -> str:
    """Returns a state file with these events after Japan's events, and a comment after each one."""
    return PAST.replace(NOTE, NOTE + "".join(f"{event}  # behind it\n" for event in events))


def test_only_the_lines_of_the_event_are_gone(project: Project) -> None:
    """The file loses only the lines of the next scheduled event, including the comments among them."""
    desk(project, scheduled(OPENING))

    done = command(project, "quota", "cancel", "JAPAN", "--yes")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        f"Japan (japan)\n  takes back  {both(OPENS)} open by Ada\n  before      open, link shown\n"
        f"  after       quota_reached, link hidden\n  from        {OPENS} Europe/Amsterdam = "
    )
    assert "  the link    will not APPEAR then\n" in done.stdout
    assert f"Taken back: open from {both(OPENS)}. It is no longer in quota_state.yaml.\n" in done.stdout
    assert "Written" not in done.stdout
    assert state_text(project) == scheduled("")


def test_what_was_set_can_be_taken_back(project: Project) -> None:
    """After a change is scheduled and then cancelled, the file is byte for byte as it was before."""
    words = ("quota", "set", "japan", "open", "--from", OPENS, "--note", "x", "--yes")
    assert command(desk(project), *words).returncode == 0
    assert state_text(project) != PAST

    assert command(project, "quota", "cancel", "japan", "--yes").returncode == 0
    assert state_text(project) == PAST


def test_only_the_next_one_is_taken_back(project: Project) -> None:
    """If two changes are scheduled and the log is valid without the earlier one, `cancel` takes back the earlier one.

    The next call takes back the later one.
    """
    project.set_log("japan", "quota_reached 2020-04-01 11:42", f"open {OPENS}", f"suspended {CLOSES}")

    done = command(project, "quota", "cancel", "japan", "--yes")
    assert done.returncode == 0
    assert [event.starts for event in logs(project)["japan"][1:]] == [at(CLOSES)]

    assert command(project, "quota", "cancel", "japan", "--yes").returncode == 0
    assert len(logs(project)["japan"]) == 1
    assert refused(project, "cancel", "japan", "--yes").returncode == 1


def test_a_later_change_may_need_it(project: Project) -> None:
    """If a later scheduled change needs the next one, the next one is not taken back.

    The refusal names the two states that would follow each other.
    """
    project.set_log("japan", "quota_reached 2020-04-01 11:42", f"open {OPENS}", f"quota_reached {CLOSES}")

    done = refused(project, "cancel", "japan", "--yes")

    assert done.returncode == 1
    assert f"without open at {both(OPENS)}, quota_reached would be followed by quota_reached" in done.stderr
    assert "by hand: delete the events that must not take effect, the last one first" in done.stderr


def test_the_only_event_becomes_suspended(project: Project) -> None:
    """A log may not be empty.

    So if its only event is scheduled, `cancel` replaces the event with `suspended` from now on.
    """
    comment = "# South Korea begins in January.\n"
    head = PAST[: PAST.index("  - state: open\n    from: 2020-01-01")]
    desk(project, f"{head}  - state: open\n    from: {OPENS}\n{comment}")

    done = command(project, "quota", "cancel", "south-korea", "--yes")

    assert done.returncode == 0
    assert (
        f"  takes back  {both(OPENS, 'Asia/Seoul')} open\n  before      upcoming, link hidden\n"
        in done.stdout
    )
    (event,) = logs(project)["south-korea"]
    assert (event.state, event.by, state_at((event,), now())) == (State.SUSPENDED, None, State.SUSPENDED)
    text = state_text(project)
    assert text.startswith(f"{head}  - state: suspended\n    from: ")
    assert text.endswith(comment)
    assert text.count("\n") == head.count("\n") + 3


def test_the_first_of_several_scheduled_events(project: Project) -> None:
    """If every event of a log is scheduled, `cancel` removes the first one, and the second event becomes the first."""
    project.set_log("japan", f"open {OPENS}", f"suspended {CLOSES}")

    assert command(project, "quota", "cancel", "japan", "--yes").returncode == 0
    assert [event.state for event in logs(project)["japan"]] == [State.SUSPENDED]


def test_the_past_stays(project: Project) -> None:
    """If nothing is scheduled, `quota cancel` takes back nothing, and names the command to use instead."""
    done = refused(desk(project), "cancel", "japan", "--yes")

    assert (done.returncode, state_text(project)) == (1, PAST)
    assert "japan has no scheduled change. To undo the last change: " in done.stderr
    assert "python build.py quota undo japan\n" in done.stderr


def test_json_names_what_is_taken_back(project: Project) -> None:
    """The JSON has the event that is taken back, and the state at its moment with the event and without it."""
    project.set_log("japan", "open 2020-04-01 00:00", "suspended 2020-04-02 00:00", f"open {OPENS}")
    expected = f"{at(OPENS):%Y-%m-%dT%H:%M:%SZ}"

    done = command(project, "quota", "cancel", "japan", "--json", "--dry-run")

    assert json.loads(done.stdout) == {
        "programme": "japan",
        "from": expected,
        "before": {"state": "open", "linkShown": True},
        "after": {"state": "suspended", "linkShown": False},
        "takenBack": {"state": "open", "from": expected},
        "added": None,
        "written": False,
    }


@pytest.mark.parametrize("word", ["jappan", "", "japan,south-korea"])
def test_a_wrong_programme_is_wrong_use(project: Project, word: str) -> None:
    """An unknown programme is wrong use, even while the state file is broken."""
    done = refused(desk(project, "japan: [\n"), "cancel", word, "--yes")

    assert done.returncode == 2
    assert f'"{word}" is not a programme.' in done.stderr
