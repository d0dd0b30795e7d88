"""The arguments that `quota set` accepts, and the file that it writes."""

from __future__ import annotations

import getpass
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from site_src.quota.log import state_at
from site_src.states import State
from tests.gate.test_links_by_state import shown_elsewhere
from tests.support.commands import command
from tests.support.project import Project, at, tree
from tests.support.quota_desk import PAST, days_ahead, desk, logs, now, refused, state_text

TEXTS = {
    "colon": "by: telephone",
    "hash": "room #12 # not a comment",
    "quotes": "\"it's\" 'so'",
    "backslash": r"C:\new\table \" \\",
    "list": "- state: open",
    "braces": "{a: [b]} & *c !d | > % @ `",
    "null": "null",
    "number": "0012",
    "yes": "true",
    "tab": "a\tb",
    "blanks": "  a  ",
    "languages": "Zoë 東京 서울 🗾",
    "end": "...",
}


@pytest.mark.parametrize(
    ("programme", "state"),
    [("japan", "suspended"), ("JAPAN", "Places-Available"), ("South_Korea", "quota-reached")],
)
def test_names_in_any_form(project: Project, programme: str, state: str) -> None:
    """The names of a programme and a state may be typed in upper or lower case, with hyphens or underscores."""
    before = logs(desk(project))

    done = command(project, "quota", "set", programme, state, "--yes", "--by", "Ada")

    assert (done.returncode, done.stderr) == (0, "")
    id = programme.lower().replace("_", "-")
    after = logs(project)
    event = after[id][-1]
    assert (event.state, event.by) == (State(state.lower().replace("-", "_")), "Ada")
    assert after == {**before, id: (*before[id], event)}
    assert state_at(after[id], now()) is event.state


def test_only_the_lines_of_the_event_are_new(project: Project) -> None:
    """A command adds the event's lines after the programme's last event.

    All other bytes of the file stay the same.
    """
    moment = days_ahead(10)
    words = ("quota", "set", "japan", "places_available", "--places", "12", "--from", moment, "--yes")

    done = command(desk(project), *words, "--by", "Ada", "--note", "said #1: yes")

    assert done.returncode == 0
    lines = (
        f"  - state: places_available\n    from: {moment}\n"
        '    places: 12\n    by: "Ada"\n    note: "said #1: yes"\n'
    )
    old = "    note: confirmed by telephone\n"
    assert state_text(project) == PAST.replace(old, old + lines)


def test_tells_before_and_after(project: Project) -> None:
    """A command that asks no question prints the country, both states, the effect on the link, and the time in both zones."""
    done = command(desk(project), "quota", "set", "south-korea", "quota_reached", "--yes")

    assert re.fullmatch(
        r"South Korea \(south-korea\)\n"
        r"  before      open, link shown\n"
        r"  after       quota_reached, link hidden\n"
        r"  from        (\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?(\+0[12]:00)? Europe/Amsterdam = [-0-9: ]+ Asia/Seoul)\n"
        r"  the link    DISAPPEARS\n"
        r"Written to quota_state.yaml, for \1\.\n"
        r"Put it on the site: python build.py\n",
        done.stdout,
    )


def test_a_moment_in_the_future_is_a_schedule(project: Project) -> None:
    """With --from in the future, the state does not change until then. The command prints when to build."""
    done = command(desk(project), "quota", "set", "japan", "open", "--from", days_ahead(5), "--yes")

    assert done.returncode == 0
    assert "Put it on the site now, so that pages announce it, and again at that moment: " in done.stdout
    log = logs(project)["japan"]
    assert log[-1].starts == at(days_ahead(5))
    assert state_at(log, now()) is State.QUOTA_REACHED


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("2021-10-31 02:30+01:00", "2021-10-31 02:30+01:00"),
        ("2021-10-31 02:30+02:00", "2021-10-31 02:30+02:00"),
        ("2021-10-31T00:30:07Z", "2021-10-31 02:30:07+02:00"),
        ("2021-03-28 02:30+01:00", "2021-03-28 03:30"),
        ("2021-04-01 00:00+09:00", "2021-03-31 17:00"),
    ],
)
def test_an_offset_names_the_moment(project: Project, typed: str, written: str) -> None:
    """A moment that is typed with an offset is written in Dutch time.

    The offset is written only in the hour that occurs twice.
    """
    done = command(desk(project), "quota", "set", "japan", "open", "--from", typed, "--yes")

    assert done.returncode == 0
    assert f"    from: {written}\n" in state_text(project)
    assert logs(project)["japan"][-1].starts == at(typed)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_kept_as_it_was_typed(project: Project, name: str) -> None:
    """Whatever characters --by and --note contain, they are read back from the file as they were typed."""
    text = TEXTS[name]

    done = command(
        desk(project), "quota", "set", "japan", "open", "--yes", f"--by={text}", f"--note={text} {text}"
    )

    assert (done.returncode, done.stderr) == (0, "")
    event = logs(project)["japan"][-1]
    assert (event.by, event.note) == (text, f"{text} {text}")
    assert state_text(project).count("\n") == PAST.count("\n") + 4


@pytest.mark.parametrize("option", ["--by", "--note"])
@pytest.mark.parametrize(
    "text",
    ["a\nb", "a\rb", "a\x07b", "a\x1b[31m", "a\u2028b", "a\u202eb", "a\uffffb", "a\ud800b"],
    ids=ascii,
)
def test_a_text_that_is_no_plain_line_is_wrong_use(project: Project, option: str, text: str) -> None:
    """A line break, a control character or invalid text in --by or --note is wrong use, and changes nothing."""
    done = refused(desk(project), "set", "japan", "open", "--yes", f"{option}={text}")

    assert (done.returncode, done.stderr) == (2, f"build.py: {option} must be one line of plain text.\n")


def test_bytes_that_are_no_text_are_wrong_use(project: Project) -> None:
    """If a note has bytes that are not UTF-8, a real process reports wrong use and changes nothing."""
    done = subprocess.run(
        [sys.executable, "build.py", "quota", "set", "japan", "open", "--yes", "--note", b"a\xffb"],
        cwd=desk(project).root,
        env=project.environment(),
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--note must be one line of plain text" in done.stderr
    assert state_text(project) == PAST


@pytest.mark.parametrize(
    ("names", "by"),
    [
        ({}, "the system's user"),
        ({"git": "Zoë de Vries"}, "Zoë de Vries"),
        ({"git": '"a\\bc"'}, "the system's user"),
        ({"local": "the host", "git": "Zoë"}, "Zoë"),
        ({"local": "the host"}, "the host"),
        ({"git": "Zoë", "QUOTABORD_USER": "Grace"}, "Grace"),
        ({"git": "Zoë", "QUOTABORD_USER": "Grace", "SUDO_USER": "ada"}, "ada"),
        ({"SUDO_USER": "ada", "--by": "Ada L."}, "Ada L."),
        ({"SUDO_USER": "ada", "--by": ""}, "ada"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_the_history_always_names_somebody(
    project: Project, tmp_path: Path, names: dict[str, str], by: str
) -> None:
    """The author of an event is the first name that is known.

    The order is --by, sudo's user, the desk's login, git's user name, the name in local.yaml, the system's
    user.
    """
    name = f"[user]\n  name = {names['git']}\n" if "git" in names else ""
    (tmp_path / "gitconfig").write_text(name, encoding="utf-8")
    env = {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
    env |= {key: text for key, text in names.items() if key.isupper()}
    project.write(
        "local.yaml", f"target: {tmp_path}/www\nwho: {names.get('local', '')}\n".replace("target: \n", "")
    )
    words = ("--by", names["--by"]) if "--by" in names else ()
    desk(project).run("quota", "open", "japan", "--yes", *words, env=env)

    assert logs(project)["japan"][-1].by == by.replace("the system's user", getpass.getuser())


@pytest.mark.parametrize("kind", ["no-git", "latin-1"])
def test_a_git_that_fails_is_no_hindrance(project: Project, tmp_path: Path, kind: str) -> None:
    """If git is missing, or git's user name is not UTF-8, a change is still made."""
    (tmp_path / "gitconfig").write_bytes("[user]\n  name = Zoë\n".encode("latin-1"))
    env = {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
    if kind == "no-git":
        env["PATH"] = str(tmp_path)

    assert desk(project).run("quota", "set", "japan", "open", "--yes", env=env).returncode == 0
    assert state_at(logs(project)["japan"], now()) is State.OPEN


def test_expect_that_holds(project: Project) -> None:
    """If the programme is in the state that --expect names, in any form, the change is made."""
    done = command(desk(project), "quota", "set", "japan", "open", "--expect", "Quota-Reached", "--yes")

    assert done.returncode == 0
    assert logs(project)["japan"][-1].state is State.OPEN


def test_a_dry_run_writes_nothing(project: Project) -> None:
    """--dry-run prints the change and each file that would differ, with the languages together.

    It writes nothing, not even a lock.
    """
    before = tree(desk(project).root)

    done = command(project, "quota", "set", "south-korea", "quota_reached", "--dry-run", "--yes")

    assert (done.returncode, done.stderr) == (0, "Dry run: nothing was written.\n")
    assert tree(project.root) == before
    head, _, files = done.stdout.partition("  files       15 will change\n")
    assert head.endswith("  the link    DISAPPEARS\n")
    pages = {f"{{en,nl}}/{page}index.html" for page in ("", "south-korea/", "status/")}
    others = shown_elsewhere(("{en,nl}",), "south-korea") | {"sitemap.xml"}
    assert {line.strip() for line in files.splitlines()} == pages | others


def test_json(project: Project) -> None:
    """For a dry run and for a change, --json prints one object with these keys. All times are in UTC."""
    arguments = ("quota", "set", "japan", "open", "--from", "2021-04-01 00:00", "--by", "Ada", "--json")
    expected = {
        "programme": "japan",
        "from": "2021-03-31T22:00:00Z",
        "before": {"state": "quota_reached", "linkShown": False},
        "after": {"state": "open", "linkShown": True},
        "takenBack": None,
        "added": {
            "state": "open",
            "from": "2021-03-31T22:00:00Z",
            "places": None,
            "by": "Ada",
            "note": None,
            "mistake": False,
        },
    }

    dry = command(desk(project), *arguments, "--dry-run")
    assert json.loads(dry.stdout) == {**expected, "written": False}
    done = command(project, *arguments, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {**expected, "written": True}
    assert state_at(logs(project)["japan"], at("2021-04-01 00:00")) is State.OPEN


def test_a_build_after_the_command_shows_it(project: Project) -> None:
    """If several commands within one second put an event ahead of the clock, the command waits until the event is in force."""
    begin, states = now(), [State.SUSPENDED, State.OPEN, State.SUSPENDED]
    events = (
        f"  - state: {state}\n    from: {begin + timedelta(seconds=number):%Y-%m-%d %H:%M:%SZ}\n"
        for number, state in enumerate(states)
    )
    desk(project, PAST + "".join(events))

    assert command(project, "quota", "set", "south-korea", "quota_reached", "--yes").returncode == 0

    log = logs(project)["south-korea"]
    assert [event.state for event in log] == [State.OPEN, *states, State.QUOTA_REACHED]
    assert (log[4].starts - log[3].starts).total_seconds() == 1
    assert state_at(log, now()) is State.QUOTA_REACHED
