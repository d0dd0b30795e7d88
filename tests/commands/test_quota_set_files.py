"""If files are broken, unreadable or in its way, `quota set` makes a change completely or refuses it."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys

import pytest

from site_src.quota.log import state_at
from site_src.quota.log_file import LOCK_FILE, NEW_FILE
from site_src.read.tree import MAX_BYTES
from site_src.states import State
from tests.support.commands import command
from tests.support.project import Project
from tests.support.quota_desk import PAST, desk, files, logs, now, refused, run_bound, state_text

CLOSE = ("quota", "set", "south-korea", "quota_reached", "--yes")
BROKEN = {
    "bracket": ("  - state: open\n    from: 2020-01-01", "  - {state: open\n    from: 2020-01-01", 11),
    "tab": ("    note: confirmed", "\tnote: confirmed", 8),
    "unknown-state": ("state: quota_reached", "state: closed", 5),
    "unknown-key": ("    note: confirmed", "    nota: confirmed", 8),
    "order": ("2020-04-01 11:42", "2020-03-01 11:42", 6),
    "missing-time": ("2020-04-01 11:42", "2020-03-29 02:30", 6),
    "twice": ("south-korea:\n", "japan:\n", 10),
    "stranger": ("south-korea:\n", "korea:\n", 10),
    "empty": (PAST, "\n", 1),
    "latin-1": ("telephone", "t\udce9l\udce9phone", 8),
    "nul": ("telephone", "\0", 8),
    "merge-marks": ("japan:\n", "<<<<<<< HEAD\njapan:\n", 2),
}


def closed(project: Project) -> bool:
    """Returns whether South Korea's quota is reached now."""
    return state_at(logs(project)["south-korea"], now()) is State.QUOTA_REACHED


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused(project: Project, name: str) -> None:
    """If the programme's lines cannot be read, the change is refused with file and line.

    The file stays byte for byte.
    """
    old, new, line = BROKEN[name]
    assert PAST.count(old) == 1
    project.write("quota_state.yaml", PAST.replace(old, new).encode("utf-8", "surrogateescape"))

    japan = PAST.index(old) < PAST.index("south-korea")
    done = refused(project, "set", "japan" if japan else "south-korea", "suspended", "--yes")

    assert done.returncode == 1
    assert f"quota_state.yaml:{line}: " in done.stderr
    assert done.stderr.endswith("Refused: fix this first. Nothing was written.\n")


def test_a_missing_file_is_refused(project: Project) -> None:
    """If the state file is missing, the command reports this and creates no new file."""
    (project.root / "quota_state.yaml").unlink()

    assert "quota_state.yaml:1: is missing." in refused(project, *CLOSE[1:]).stderr


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("content/site.yaml", "time_zone: Europe/Amsterdam", '<<<<<<< HEAD\ntime_zone: "Europe/Amsterdam"'),
        ("content/site.yaml", "time_zone: Europe", 'wrong: key\n"time_zone": Europe'),
        ("content/site.yaml", "no such text", "\ufefftime_zone: Europe/Amsterdam\n"),
        ("content/en/japan.md", "title:", "titel:"),
        ("content/en/_labels.yaml", "site_name:", "{"),
        ("content/programmes/south-korea.yaml", "value: 1200", "valeu: 1200"),
        ("content/programmes/japan.yaml", "scheme: WHP", "scheme: [WHP"),
        ("content/site.yaml", "contacts:", "contcats:"),
    ],
)
def test_broken_content_does_not_hold_up_a_change(project: Project, path: str, old: str, new: str) -> None:
    """A closing is written even if a page, the labels, a programme or the settings have a mistake."""
    desk(project)
    text = (project.root / path).read_text(encoding="utf-8")
    project.write(path, text.replace(old, new) if old in text else new + text)
    assert command(project, "check").returncode == 1

    done = command(project, *CLOSE)

    assert done.returncode == 0
    assert closed(project)
    read = path.endswith(("site.yaml", "japan.yaml", "south-korea.yaml"))
    assert (f"{path}:" in done.stderr) == read


def test_broken_content_is_reported_in_a_dry_run(project: Project) -> None:
    """If a page is broken, a dry run still shows the change, and explains why it cannot list the files."""
    desk(project).replace("content/en/japan.md", "title:", "titel:")

    done = command(project, *CLOSE[:-1], "--dry-run")

    assert done.returncode == 0
    assert "  the link    DISAPPEARS\n  files       cannot be listed now: content/en/japan.md:" in done.stdout


def test_settings_without_a_time_zone_are_refused(project: Project) -> None:
    """If the log's time zone cannot be read, the change is refused, because its moment would be a guess."""
    desk(project).replace("content/site.yaml", "time_zone: Europe/Amsterdam", "time_zone: Europe/Amsterdm")

    assert "content/site.yaml:" in refused(project, *CLOSE[1:]).stderr


@pytest.mark.parametrize(
    ("path", "mode", "reason"),
    [
        ("quota_state.yaml", 0o444, "could not be written: Permission denied. Allow it: chmod u+w"),
        (
            "quota_state.yaml",
            0o222,
            'quota_state.yaml:1: may not be read. Allow it: chmod a+r "quota_state.yaml"',
        ),
        (".", 0o555, "could not be written: Permission denied. Allow it: chmod u+w"),
    ],
    ids=["read-only-file", "unreadable-file", "read-only-folder"],
)
def test_what_is_closed_to_the_user_stays(project: Project, path: str, mode: int, reason: str) -> None:
    """If the user may not read or write a file or folder, the change is refused with the cure.

    The file stays byte for byte.
    """
    before = files(desk(project))
    usual = (project.root / path).stat().st_mode
    (project.root / path).chmod(mode)
    done = run_bound(project, *CLOSE)
    (project.root / path).chmod(usual)

    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert done.stderr.endswith("Nothing was written.\n")
    assert files(project) == before


def test_a_lock_and_a_rest_that_may_not_be_written_are_no_hindrance(project: Project) -> None:
    """A change succeeds even if the lock file and the temporary file of a killed command are read-only."""
    for name in (LOCK_FILE, NEW_FILE):
        desk(project).write(name, "half").chmod(0o444)

    done = run_bound(project, *CLOSE)

    assert (done.returncode, done.stderr) == (0, "")
    assert closed(project)
    assert (project.root / LOCK_FILE).read_text() == "half"
    assert not (project.root / NEW_FILE).exists()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_file_keeps_its_mode(project: Project, mode: int) -> None:
    """After a change, the state file has the same mode and owners as before."""
    file = desk(project).root / "quota_state.yaml"
    file.chmod(mode)
    owner = (file.stat().st_uid, file.stat().st_gid)

    assert command(project, *CLOSE).returncode == 0
    assert closed(project)
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert (file.stat().st_uid, file.stat().st_gid) == owner


def test_a_link_is_not_replaced(project: Project) -> None:
    """If the state file is a symbolic link, the change is refused, and the link's destination stays unchanged."""
    file = desk(project).root / "quota_state.yaml"
    file.rename(file.with_name("elsewhere.yaml"))
    file.symlink_to("elsewhere.yaml")

    assert "quota_state.yaml:1: is a link." in refused(project, *CLOSE[1:]).stderr
    assert file.is_symlink()


def test_a_file_that_would_grow_too_large_is_refused(project: Project) -> None:
    """An event that would make the file larger than the reader accepts is refused."""
    room = MAX_BYTES - len(PAST) - 20
    desk(project, f"# {'x' * (room - 3)}\n{PAST}")

    assert "cannot change safely" in refused(project, *CLOSE[1:]).stderr


@pytest.mark.parametrize("channel", [">/dev/full", ">&-", "| true"])
def test_a_change_counts_though_nobody_reads_of_it(project: Project, channel: str) -> None:
    """Even if the output is lost, the exit code reports that the change was made."""
    script = f'"$@" {channel}' if channel[0] == ">" else f'set -o pipefail; sleep 0.1; "$@" {channel}'
    done = subprocess.run(
        ["bash", "-c", script, "bash", sys.executable, "build.py", *CLOSE],
        cwd=desk(project).root,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert closed(project)


def test_a_stopped_wait_changes_nothing(project: Project) -> None:
    """If Ctrl-C stops a command that waits for another command, it reports this and writes nothing."""
    desk(project)
    with open(project.root / LOCK_FILE, "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [sys.executable, "build.py", *CLOSE],
            cwd=project.root,
            env=project.environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        descriptors = f"/proc/{process.pid}/fd"
        if not os.path.isdir(descriptors):
            process.kill()
            process.communicate()
            pytest.skip("needs /proc, to see that a process waits")
        while not any(LOCK_FILE in _target(f"{descriptors}/{number}") for number in os.listdir(descriptors)):
            assert process.poll() is None
        process.send_signal(2)
        assert (
            "Stopped. To see the present state: python build.py quota show"
            in process.communicate(timeout=60)[1]
        )

    assert process.returncode == 130
    assert state_text(project) == PAST


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:
        return ""
