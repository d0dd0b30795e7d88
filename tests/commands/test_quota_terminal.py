"""The questions of `quota set` and `quota cancel`, each at a terminal of its own."""

from __future__ import annotations

import sys
from typing import TypeAlias

import pexpect
import pytest

from site_src.states import State
from tests.support.commands import answer, command
from tests.support.project import Project
from tests.support.quota_desk import PAST, both, days_ahead, desk, files, logs, state_text

CLOSE = ("set", "south-korea", "quota_reached")
OPEN = ("set", "japan", "open")
STAYS = 'The link will not DISAPPEAR then. Type "Japan" to do it: '
YES, NAME = "Type yes to do it: ", 'The link APPEARS. Type "{}" to do it: '
CTRL_C, CTRL_D = "\x03", "\x04"
Terminal: TypeAlias = "pexpect.spawn[str]"


def asked(project: Project, *words: str, question: str = YES) -> tuple[Terminal, str]:
    """A terminal in which the command has asked its question, and its output before the question."""
    terminal: Terminal = pexpect.spawn(
        sys.executable,
        ["build.py", "quota", *words],
        cwd=str(project.root),
        env=project.environment({"TERM": "dumb"}),
        encoding="utf-8",
        dimensions=(50, 200),
        timeout=60,
    )
    terminal.expect_exact(question)
    return terminal, str(terminal.before).replace("\r\n", "\n")


def ended(terminal: Terminal) -> tuple[int, str]:
    """Returns the exit code, and the output after the question."""
    terminal.expect_exact([pexpect.EOF])
    terminal.close()
    assert terminal.exitstatus is not None
    return terminal.exitstatus, str(terminal.before).replace("\r\n", "\n")


def answered(terminal: Terminal, text: str) -> tuple[int, str]:
    """Types the answer. Returns the exit code, and the output after the answer."""
    terminal.sendline(text)
    return ended(terminal)


def test_shows_everything_before_it_asks(project: Project) -> None:
    """Before it asks, the command shows the country, both states, the moment in both zones, and the effect on the link.

    It builds no file.
    """
    terminal, shown = asked(desk(project), *CLOSE)

    lines = shown.splitlines()
    assert lines[0] == "South Korea (south-korea)"
    assert [line[:14].strip() for line in lines[1:]] == ["before", "after", "from", "the link"]
    assert [line[14:] for line in lines[1:5:3]] == ["open, link shown", "DISAPPEARS"]
    assert " Europe/Amsterdam = " in lines[3]
    assert lines[3].endswith(" Asia/Seoul")
    assert answered(terminal, "no")[0] == 1


def test_a_link_disappears_after_a_plain_yes(project: Project) -> None:
    """If the link will disappear, a plain yes is enough. After the yes, the event is written."""
    terminal, _ = asked(desk(project), *CLOSE, "--by", "Ada")

    code, said = answered(terminal, " YES ")

    assert code == 0
    assert "Written to quota_state.yaml, for " in said
    event = logs(project)["south-korea"][-1]
    assert (event.state, event.by) == (State.QUOTA_REACHED, "Ada")


@pytest.mark.parametrize("text", ["yes", "Y"])
def test_yes_may_be_short(project: Project, text: str) -> None:
    """One letter is enough for yes."""
    assert answer(desk(project), text, "quota", *CLOSE).returncode == 0
    assert logs(project)["south-korea"][-1].state is State.QUOTA_REACHED


def test_a_link_appears_after_the_name(project: Project) -> None:
    """If the link will appear, the command asks for the country's name."""
    project.set_log("south-korea", "suspended 2020-04-01 00:00")

    terminal, shown = asked(project, "set", "south-korea", "open", question=NAME.format("South Korea"))

    assert "  the link    APPEARS\n" in shown
    assert answered(terminal, "SOUTH KOREA")[0] == 0
    assert logs(project)["south-korea"][-1].state is State.OPEN


@pytest.mark.parametrize(
    ("programme", "text"),
    [("japan", "Japan"), ("japan", " japan "), ("south-korea", "south-korea"), ("south-korea", "Zuid-Korea")],
)
def test_the_name_may_be_typed_in_many_ways(project: Project, programme: str, text: str) -> None:
    """The country's name may be typed in upper or lower case, and in any language of the site."""
    project.set_log(programme, "suspended 2020-04-01 00:00")

    assert answer(project, text, "quota", "set", programme, "open").returncode == 0
    assert logs(project)[programme][-1].state is State.OPEN


@pytest.mark.parametrize(
    ("words", "wanted", "text"),
    [
        *((OPEN, "Japan", no) for no in ("yes", "", "South Korea", "Jap")),
        *((CLOSE, "yes", no) for no in ("no", "", "South Korea")),
    ],
)
def test_another_answer_writes_nothing(
    project: Project, words: tuple[str, ...], wanted: str, text: str
) -> None:
    """After any other answer, nothing is written. The command prints a message and exits with 1."""
    before = files(desk(project))

    done = answer(project, text, "quota", *words)

    assert done.returncode == 1
    assert done.stderr == f'Refused: the answer was not "{wanted}".\nNothing was written.\n'
    assert files(project) == before


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["ctrl-c", "ctrl-d"])
def test_no_answer_writes_nothing(project: Project, key: str) -> None:
    """After Ctrl-C or Ctrl-D, nothing is written. The command prints a message and exits with 1."""
    before = files(desk(project))
    terminal, _ = asked(project, *OPEN, question=NAME.format("Japan"))

    terminal.send(key)

    code, said = ended(terminal)
    assert code == 1
    assert said.endswith('Refused: the answer was not "Japan".\nNothing was written.\n')
    assert files(project) == before


def test_a_change_while_the_question_is_open_is_noticed(project: Project) -> None:
    """If another command changes the programme while the question is open, a yes is refused, and the other author is named."""
    terminal, _ = asked(desk(project), *CLOSE)
    other = command(project, "quota", "set", "south-korea", "suspended", "--by", "Grace", "--yes")
    assert other.returncode == 0
    text = state_text(project)

    code, said = answered(terminal, "yes")

    assert code == 1
    assert "Refused: meanwhile south-korea was changed; its last event is now suspended from " in said
    assert ", by Grace. To see the present state: python build.py quota show\nNothing was written.\n" in said
    assert state_text(project) == text


def test_other_edits_while_the_question_is_open_are_kept(project: Project) -> None:
    """If another programme or a comment is changed while the question is open, that change stays in the file.

    The confirmed change is made too.
    """
    terminal, _ = asked(desk(project), *CLOSE)
    project.replace("quota_state.yaml", "# South Korea begins in January.\n", "# Edited.\n")
    assert command(project, "quota", "set", "japan", "open", "--yes").returncode == 0

    assert answered(terminal, "yes")[0] == 0
    assert "# Edited.\n" in state_text(project)
    assert [log[-1].state for log in logs(project).values()] == [State.OPEN, State.QUOTA_REACHED]


def test_a_file_that_is_broken_while_the_question_is_open_is_noticed(project: Project) -> None:
    """If somebody breaks the state file by hand while the question is open, a yes is refused with file and line."""
    terminal, _ = asked(desk(project), *CLOSE)
    broken = PAST.replace("south-korea:", "south-korea")
    project.write("quota_state.yaml", broken)

    code, said = answered(terminal, "yes")

    assert code == 1
    assert "quota_state.yaml:" in said
    assert state_text(project) == broken


def test_broken_content_does_not_hold_up_the_question(project: Project) -> None:
    """If a page and a programme's file are broken, the command still asks, and uses the programme's id as its name."""
    desk(project).replace("content/en/japan.md", "title:", "titel:")
    project.replace("content/programmes/japan.yaml", "scheme:", "schema:")

    assert "files       cannot be listed" in command(project, "quota", *OPEN, "--dry-run").stdout
    terminal, _ = asked(project, *OPEN, question=NAME.format("japan"))

    code, said = answered(terminal, "japan")
    assert code == 0
    assert "content/programmes/japan.yaml:1: " in said
    assert logs(project)["japan"][-1].state is State.OPEN


@pytest.mark.parametrize(
    ("now", "scheduled", "question", "text"),
    [("suspended", "open", YES, "yes"), ("open", "suspended", STAYS, "Japan")],
    ids=["an-opening", "a-closing"],
)
def test_cancel_asks_by_what_the_link_does(
    project: Project, now: str, scheduled: str, question: str, text: str
) -> None:
    """To take back an opening, a yes is enough. To take back a closing, the command asks for the country's name."""
    project.set_log("japan", f"{now} 2020-04-01 00:00", f"{scheduled} {days_ahead(9)}")

    terminal, shown = asked(project, "cancel", "japan", question=question)

    assert f"  takes back  {both(days_ahead(9))} {scheduled}\n" in shown
    assert answered(terminal, text)[0] == 0
    assert [event.state for event in logs(project)["japan"]] == [State(now)]


@pytest.mark.parametrize(
    ("words", "reason"),
    [("> out.txt", "there is no terminal for a question"), ("--json", "--json cannot ask a question")],
    ids=["to-a-file", "json"],
)
def test_a_question_that_would_be_lost_or_in_the_way_is_not_put(
    project: Project, words: str, reason: str
) -> None:
    """If the output goes to a file or is JSON, the command does not ask, even at a terminal."""
    terminal: Terminal = pexpect.spawn(
        "sh",
        ["-c", f"{sys.executable} build.py quota set japan open {words}"],
        cwd=str(desk(project).root),
        env=project.environment(),
        encoding="utf-8",
        timeout=60,
    )

    code, said = ended(terminal)

    assert code == 2
    assert said == f"build.py: {reason}. Add --yes to make the change, or --dry-run to see it first.\n"
    assert state_text(project) == PAST
