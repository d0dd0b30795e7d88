"""Changes that `quota set` refuses: it says what to do instead, and changes nothing."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from site_src.problems import Report
from site_src.quota.change import ChangeRefused, StateFile
from site_src.quota.event_keys import parse_quota_logs
from site_src.quota.log import Event
from site_src.quota.planning import plan_event
from site_src.states import ALLOWED_STEPS, State
from tests.support.commands import command
from tests.support.project import AMSTERDAM, Project, at
from tests.support.quota_desk import PAST, both, days_ahead, desk, logs, now, refused, state_text

WRITABLE = sorted(ALLOWED_STEPS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("jappan", "open"), '"jappan" is not a programme. Did you mean "japan"?'),
        (("south korea", "open"), '"south korea" is not a programme. Did you mean "south-korea"?'),
        (("korea", "open"), '"korea" is not a programme. Did you mean "south-korea"?'),
        (("france", "open"), '"france" is not a programme. Known here: japan, south-korea.'),
        (("japan", "opne"), '"opne" is not a state that can be set. Did you mean "open"?'),
        (("japan", "upcoming"), '"upcoming" is not a state that can be set.'),
        (("japan", "open", "--expect", "reached"), 'Did you mean "quota_reached"?'),
        (("japan", "open", "--expect", ""), '"" is not a state that can be set.'),
        (("japan", "open", "--from", "tomorrow"), '--from: "tomorrow" is not a moment.'),
        (("japan", "open", "--from", ""), '--from: "" is not a moment.'),
        (
            ("japan", "open", "--places", "3"),
            "--places can be used only with places_available, not with open.",
        ),
        (("japan", "places_available", "--places", "0"), '--places: "0" is not a whole number above 0.'),
        (("japan", "places_available", "--places", "-3"), '--places: "-3" is not a whole number above 0.'),
        (
            ("japan", "places_available", "--places", "many"),
            'argument --places: "many" is not a whole number above 0.',
        ),
        (("japan",), "the following arguments are required: STATE"),
    ],
    ids=lambda value: " ".join(value) or "none" if isinstance(value, tuple) else "",
)
def test_a_wrong_word_is_reported_before_anything_else(
    project: Project, words: tuple[str, ...], message: str
) -> None:
    """An unknown word is wrong use, even if the state file is broken. The command does not guess."""
    desk(project, "japan: [\n")

    done = refused(project, "set", *words, "--yes")

    assert done.returncode == 2
    assert message in done.stderr
    assert "quota_state.yaml" not in done.stderr
    assert not (project.root / ".quota_state.yaml.lock").exists()


@pytest.mark.parametrize(
    ("moment", "reason"), [("2021-03-28 02:30", "does not exist"), ("2021-10-31 02:30", "exists twice")]
)
def test_a_local_time_that_names_no_single_moment(project: Project, moment: str, reason: str) -> None:
    """A local time that a change of the clock skips or repeats is wrong use. The message offers both offsets."""
    done = command(desk(project), "quota", "set", "japan", "open", "--from", moment, "--yes")

    assert (done.returncode, done.stdout, state_text(project)) == (2, "", PAST)
    day = moment[:10]
    assert done.stderr == (
        f'build.py: --from: "{moment}" {reason} in Europe/Amsterdam: the clock changes then. '
        f"Add the offset: {day} 02:30+01:00 or {day} 02:30+02:00.\n"
    )


@pytest.mark.parametrize("after", WRITABLE)
@pytest.mark.parametrize("before", WRITABLE)
def test_only_allowed_steps_are_made(project: Project, before: State, after: State) -> None:
    """From each state, exactly the allowed steps are made.

    A refusal names the allowed states. If the state is already the same, it says since when.
    """
    project.set_log("japan", f"{before} 2020-04-01 00:00")
    words = ("japan", after, "--yes", "--by", "Ada")

    if after in ALLOWED_STEPS[before]:
        assert command(project, "quota", "set", *words).returncode == 0
        assert [event.state for event in logs(project)["japan"]] == [before, after]
        return
    done = refused(project, "set", *words)
    assert done.returncode == 1
    if after is before:
        assert (
            f"japan is already {before} since 2020-04-01 00:00 Europe/Amsterdam = 2020-04-01 07:00 Asia/Tokyo. There is nothing to add to the log."
            in done.stderr
        )
    else:
        allowed = " or ".join(sorted(ALLOWED_STEPS[before]))
        assert f"The next state can be {allowed}, but not {after}." in done.stderr


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (
            "2020-04-01 11:42",
            "2020-04-01 11:42 Europe/Amsterdam = 2020-04-01 18:42 Asia/Tokyo is not after the last event of japan (quota_reached at 2020-04-01 11:42 ",
        ),
        ("2020-04-01 18:41:59+09:00", "2020-04-01 18:41:59 Asia/Tokyo is not after the last event of japan"),
        ("2019-01-01 00:00", "To begin now: python build.py quota set japan open\n"),
        ("2100-01-01 00:00", "2100-01-01 08:00 Asia/Tokyo is more than 400 days ahead. Check the year."),
    ],
)
def test_a_moment_must_fit_the_log(project: Project, moment: str, message: str) -> None:
    """A moment that is not after the last event, or is in an implausible year, is refused."""
    done = refused(desk(project), "set", "japan", "open", "--from", moment, "--yes")

    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.endswith("Nothing was written.\n")


def test_a_quota_is_not_reached_by_plan(project: Project) -> None:
    """`quota_reached` may be set for now, but not for a future day."""
    words = ("set", "south-korea", "quota_reached", "--yes")

    assert "at most one day ahead" in refused(desk(project), *words, "--from", days_ahead(3)).stderr
    assert command(project, "quota", *words).returncode == 0


def test_a_file_that_changes_while_it_is_read() -> None:
    """If the file changes while it is read, the change is refused and may be tried again."""
    found = parse_quota_logs(PAST, frozenset({"japan", "south-korea"}), AMSTERDAM, Report())
    assert found
    now = at("2026-04-01 12:00")

    with pytest.raises(ChangeRefused, match="changed at the same moment"):
        plan_event(
            StateFile(PAST.replace("11:42", "11:43"), found, (AMSTERDAM,)),
            "japan",
            Event(State.OPEN, now),
            now,
        )


def test_the_first_second_after_the_last_event(project: Project) -> None:
    """A moment one second after the last event is accepted."""
    words = ("quota", "set", "japan", "open", "--from", "2020-04-01 11:42:01", "--yes")

    assert command(desk(project), *words).returncode == 0
    assert logs(project)["japan"][-1].starts == at("2020-04-01 11:42:01")


@pytest.mark.parametrize("words", [(), ("--expect", "open")], ids=["plain", "expect"])
@pytest.mark.parametrize("state", ["quota_reached", "suspended"])
@pytest.mark.parametrize("ahead", ["open", "places_available", "suspended"])
def test_a_closing_goes_before_a_scheduled_change(
    project: Project, ahead: str, state: str, words: tuple[str, ...]
) -> None:
    """A closing is noted whatever is scheduled.

    If the next scheduled change is to the same state, it is taken back and named.
    """
    earlier = (
        ("open 2020-04-01 00:00",)
        if ahead == "suspended"
        else ("suspended 2020-03-01 00:00", "open 2020-04-01 00:00")
    )
    between = () if ahead == "suspended" else (f"suspended {days_ahead(10)}",)
    project.set_log("japan", *earlier, *between, f"{ahead} {days_ahead(20)}")
    future = [event.state for event in logs(project)["japan"][len(earlier) :]]
    done = command(project, "quota", "set", "japan", state, "--yes", *words)

    assert done.returncode == 0, done.stderr
    log = logs(project)["japan"]
    assert log[len(earlier)].state == state
    assert log[len(earlier)].starts <= now()
    assert [event.state for event in log[len(earlier) + 1 :]] == future[1 if future[0] == state else 0 :]
    assert ("takes back" in done.stdout) is (future[0] == state)
    assert not log[len(earlier) + 1 :] or "then " in done.stdout


def test_an_opening_that_makes_a_scheduled_one_senseless_names_it(project: Project) -> None:
    """If an opening is scheduled, an opening now is refused.

    The message names the scheduled opening and the command that cancels it.
    """
    project.set_log("japan", "suspended 2020-04-01 00:00", f"open {days_ahead(20)}")

    done = refused(project, "set", "japan", "open", "--yes")

    assert done.returncode == 1
    assert (
        f"japan has a scheduled change to open at {both(days_ahead(20))}, which cannot follow open."
        in done.stderr
    )
    assert "python build.py quota cancel japan\n" in done.stderr
    assert command(project, "quota", "cancel", "japan", "--yes").returncode == 0
    assert command(project, "quota", "set", "japan", "open", "--yes").returncode == 0


def test_a_comment_above_a_scheduled_change_stays_with_it(project: Project) -> None:
    """The lines of a new event come after the last past event, above the comment of the next scheduled event."""
    text = f"japan:\n  - state: open\n    from: 2020-04-01 00:00\n  # next year\n  - state: suspended\n    from: {days_ahead(20)}\nsouth-korea:\n"
    text += "  - state: open\n    from: 2020-01-01 00:00\n"
    done = command(desk(project, text), "quota", "set", "japan", "quota_reached", "--by", "Ada", "--yes")

    assert done.returncode == 0, done.stderr
    before, after = text.split("  # next year\n")
    assert state_text(project).startswith(before + "  - state: quota_reached\n")
    assert state_text(project).endswith("  # next year\n" + after)


def test_expect_that_does_not_hold(project: Project) -> None:
    """If the programme is not in the state that --expect names, the change is refused.

    The message names the author, the moment and the note of the last change.
    """
    done = command(desk(project), "quota", "set", "japan", "suspended", "--expect", "open", "--yes")

    assert (done.returncode, done.stdout, state_text(project)) == (1, "", PAST)
    assert done.stderr == (
        "Refused: you expected japan to be open, but it is quota_reached since 2020-04-01 11:42 Europe/Amsterdam = 2020-04-01 18:42 Asia/Tokyo, by the quota desk "
        "(confirmed by telephone). To see the present state: python build.py quota show\nNothing was written.\n"
    )


def test_expect_sees_a_change_of_the_same_second() -> None:
    """If several commands within one second put a change one second ahead, --expect counts that change."""
    found = parse_quota_logs(PAST, frozenset({"japan", "south-korea"}), AMSTERDAM, Report())
    assert found
    standing, now = StateFile(PAST, found, (AMSTERDAM,)), at("2026-04-01 12:00")
    texts = []
    for state in (State.QUOTA_REACHED, State.SUSPENDED):
        change = plan_event(standing, "south-korea", Event(state, now), now)
        standing = StateFile(change.text, {**found, "south-korea": change.after}, (AMSTERDAM,))
        texts.append(change.after[-1].starts - now)
    assert texts == [timedelta(0), timedelta(seconds=1)]

    with pytest.raises(ChangeRefused, match=r"expected south-korea to be quota_reached.*suspended from"):
        plan_event(standing, "south-korea", Event(State.OPEN, now), now, State.QUOTA_REACHED)


@pytest.mark.parametrize("words", [("set", "japan", "open"), ("cancel", "japan")], ids=" ".join)
@pytest.mark.parametrize("closed", [False, True], ids=["no-terminal", "closed"])
def test_without_a_terminal_yes_is_needed(project: Project, words: tuple[str, ...], closed: bool) -> None:
    """If there is no terminal, a change without --yes is wrong use and writes nothing."""
    desk(project)
    project.set_log("japan", "quota_reached 2020-04-01 11:42", f"suspended {days_ahead(20)}")
    if words[0] == "set":
        desk(project)
    before = state_text(project)

    channels = "<&- >&-" if closed else "</dev/null"
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {channels}', "sh", sys.executable, "build.py", "quota", *words],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "build.py: there is no terminal for a question. Add --yes to make the change, or --dry-run to see it first.\n"
    )
    assert state_text(project) == before
