"""`quota due` reports what somebody should have done already."""

from __future__ import annotations

import ctypes
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from site_src.commands import due_clock
from site_src.publish.lease import expire_lease, make_lease
from tests.support.clones import git, make_clones
from tests.support.commands import Done, command
from tests.support.project import Project
from tests.support.published import Target

BEFORE, AFTER = "2026-12-30 23:59", "2027-01-01 00:00"
NEW_YEAR = "open 2027-01-01 00:00"
REACHED = ("open 2026-01-01 00:00", "quota_reached 2026-06-18 15:05")


@pytest.fixture
def quiet(project: Project) -> Project:
    """The small site with nothing due: both quotas are reached, and a period after the next one is known."""
    for programme in ("japan", "south-korea"):
        path = f"content/programmes/{programme}.yaml"
        project.replace(
            path,
            "registration_periods:\n",
            "registration_periods:\n  - begins: 2028-01-01\n    certainty: confirmed\n    source: x\n",
        )
        project.set_log(programme, *REACHED)
    return project


def due(project: Project, moment: str) -> Done:
    """Runs `quota due` at the moment."""
    return command(project, "quota", "due", "--at", moment)


def test_nothing_is_due(quiet: Project) -> None:
    """`quota due` prints nothing and exits with 0 if nothing is due."""
    assert due(quiet, BEFORE) == Done(0, "", "")


def test_texts_that_will_change_are_listed(quiet: Project) -> None:
    """Each later moment of a dated block or fact is listed, with its texts, as information. The exit code stays 0."""
    page = "content/en/japan.md"
    values = "values:\n      - value: 200\n        valid_from: 2025-01-01\n      - value: 250\n        valid_from: 2027-04-01\n"
    quiet.replace("content/programmes/south-korea.yaml", "value: 1200\n    valid_from: 2025-01-01\n", values)
    for moment in ("2026-12-30 10:00", "2027-01-31 00:00"):
        body = (quiet.root / page).read_text(encoding="utf-8")
        quiet.write(page, f"{body}\n:::from {moment}\nText.\n:::\n")

    done = due(quiet, BEFORE)

    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first.startswith(
        f"on 2027-01-31 00:00 1 text changes: {page}. To preview: python build.py serve --at "
    )
    assert "on 2027-04-01 00:00 " in second
    assert "and 1 fact change: " in second
    assert "south-korea.places_per_year" in second


@pytest.mark.parametrize(
    ("events", "state"),
    [(REACHED, "quota_reached"), (("suspended 2026-01-01 00:00",), "suspended")],
    ids=["quota-reached", "suspended"],
)
def test_a_period_has_begun_without_an_opening(quiet: Project, events: tuple[str, ...], state: str) -> None:
    """If a registration period has begun and the link has been hidden since an earlier day, an opening is due."""
    quiet.set_log("japan", *events)
    quiet.set_log("south-korea", "open 2026-01-01 00:00")

    assert due(quiet, BEFORE).returncode == 0
    done = due(quiet, AFTER)

    assert done.returncode == 1
    assert done.stdout == (
        f"japan: a registration period began on 2027-01-01, but the state is still {state}. "
        "When pre-registration is open: python build.py quota set japan open\n"
    )


@pytest.mark.parametrize(
    "events",
    [
        (*REACHED, "open 2027-01-01 00:00"),
        (*REACHED, "open 2027-01-01 00:00", "quota_reached 2027-01-01 00:01"),
        (*REACHED, "suspended 2027-01-01 00:00"),
        ("open 2026-01-01 00:00",),
    ],
    ids=["opened", "opened-and-reached", "put-off", "open-since-long"],
)
def test_a_period_with_an_event_is_not_due(quiet: Project, events: tuple[str, ...]) -> None:
    """An opening is not due if the log has an event on or after the period's first day, or while the link is shown."""
    quiet.set_log("japan", *events)
    quiet.set_log("south-korea", "open 2026-01-01 00:00")

    assert due(quiet, "2027-01-01 00:02") == Done(0, "", "")


@pytest.mark.parametrize(
    ("events", "moment", "said"),
    [
        # A period begins within a day.
        (REACHED, "2026-12-30 23:59", ""),
        (REACHED, "2026-12-31 00:00", "a registration period begins on 2027-01-01, but no opening is scheduled."),
        (REACHED, "2026-12-31 23:59", 'quota set japan open --from "2027-01-01 00:00"'),
        ((*REACHED, NEW_YEAR), "2026-12-31 23:59", ""),
        ((*REACHED, "open 2027-01-01 09:00"), "2026-12-31 23:59", ""),
        ((*REACHED, "suspended 2027-01-01 00:00"), "2026-12-31 23:59", ""),
        # The second of the opening, and an opening later on that day.
        ((*REACHED, NEW_YEAR), "2027-01-01 00:00:00", ""),
        ((*REACHED, NEW_YEAR), "2027-01-01 00:00:05", ""),
        ((*REACHED, NEW_YEAR), "2027-01-01 00:01:01", "dist/ still shows quota_reached, but the state is open."),
        ((*REACHED, "open 2027-01-01 09:00"), "2027-01-01 00:00:05", ""),
        ((*REACHED, "open 2027-01-01 09:00"), "2027-01-01 09:00:05", ""),
        # The schedule misses a period that begins days later.
        ((*REACHED, "open 2027-01-02 00:00"), "2026-12-01 12:00", "the opening is scheduled for 2027-01-02 00:00, but the next known registration period begins on 2027-01-01."),
        ((*REACHED, "open 2026-12-31 00:00"), "2026-12-01 12:00", "quota cancel japan), or correct content/programmes/japan.yaml."),
        (("open 2027-01-02 00:00",), "2026-12-31 23:59", "the opening is scheduled for 2027-01-02 00:00"),
        ((*REACHED, "open 2027-01-02 00:00"), "2027-01-01 00:00:05", "a registration period began on 2027-01-01"),
        ((*REACHED, "open 2028-01-01 00:00"), "2026-12-01 12:00", ""),
        # The opening was postponed.
        (("suspended 2026-11-01 00:00", "open 2026-12-10 00:00"), "2026-12-01 12:00", ""),
        ((*REACHED, "suspended 2027-01-01 00:00", "open 2027-01-05 00:00"), "2026-12-01 12:00", ""),
    ],
)  # fmt: skip
def test_openings_and_periods_are_compared(
    quiet: Project, events: tuple[str, ...], moment: str, said: str
) -> None:
    """A period without an opening, or an opening without a period, gives one line.

    If the two agree, there is no line.
    """
    quiet.set_log("japan", *events)
    quiet.set_log("south-korea", "open 2026-01-01 00:00")
    page = '<section data-programme="japan" data-state="quota_reached">'
    quiet.write("dist/en/japan/index.html", page if events[:2] == REACHED else "")

    done = due(quiet, moment)

    assert done.returncode == bool(said), done.stdout
    assert said in done.stdout
    assert done.stdout.count("\n") == bool(said)


def test_expected_days_are_alternatives(quiet: Project) -> None:
    """If an opening is scheduled for a different known day, an expected day needs no opening.

    Without any scheduled opening, an expected day gives a warning.
    """
    quiet.set_log("south-korea", "open 2026-01-01 00:00")
    quiet.replace(
        "content/programmes/japan.yaml",
        "2027-01-01\n    certainty: confirmed",
        "2027-01-01\n    certainty: expected",
    )
    quiet.set_log("japan", *REACHED)
    assert "is expected to begin on 2027-01-01" in due(quiet, "2026-12-31 12:00").stdout
    quiet.set_log("japan", *REACHED, "open 2028-01-01 00:00")

    assert due(quiet, "2026-12-31 12:00") == due(quiet, AFTER) == Done(0, "", "")


@pytest.fixture
def host(quiet: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The quiet site with both programmes open.

    A resident that runs has published it, and the host's clock is right.
    """
    monkeypatch.setattr(due_clock, "is_clock_synchronised", lambda: True)
    for programme in ("japan", "south-korea"):
        quiet.set_log(programme, "open 2020-01-01 00:00")
        period = "  - begins: 2099-01-01\n    certainty: confirmed\n    source: x\n"
        path = f"content/programmes/{programme}.yaml"
        quiet.replace(path, "registration_periods:\n", f"registration_periods:\n{period}")
    target = Target(quiet, tmp_path / "www")
    target.published()
    quiet.write("local.yaml", f"target: {target.folder}\nlease: 30\n")
    beat(target)
    return target


def beat(target: Target, ago: float = 0, **more: object) -> None:
    """Writes a heartbeat that is this many seconds old."""
    moment = datetime.now(UTC) - timedelta(seconds=ago)
    (target.folder / "heartbeat.json").write_text(json.dumps({"time": moment.isoformat(), **more}))


def found(target: Target) -> tuple[int, dict[str, str]]:
    """Runs `quota due --format json` without a target.

    Returns the exit code, and the severity of each rule in the result.
    """
    done = command(target.project, "quota", "due", "--format", "json")
    printed = json.loads(done.stdout)
    severities = {finding["rule"]: finding["severity"] for finding in printed["findings"]}
    worst = [word for word in ("critical", "warning", "info") if word in severities.values()]
    assert printed["severity"] == (worst[0] if worst else None)
    return done.returncode, severities


def test_the_host_is_looked_at(host: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """`quota due` takes the target from local.yaml, and gives each fault of the host its rule and severity.

    If there is only information, it exits with 0.
    """
    assert found(host) == (0, {})
    beat(host, 100)
    assert found(host) == (1, {"heartbeat-old": "critical"})
    beat(host, trouble="content/x.md:1: bad", shown=False)
    assert found(host) == (1, {"trouble": "warning", "probe-failed": "critical"})
    (host.folder / "heartbeat.json").unlink()
    assert found(host) == (1, {"heartbeat-missing": "critical"})
    beat(host)
    make_lease(host.folder)
    expire_lease(host.folder)
    assert found(host) == (1, {"lease-ended": "critical"})
    (host.folder / "lease").unlink()
    monkeypatch.setattr(due_clock, "is_clock_synchronised", lambda: False)
    assert found(host) == (1, {"clock": "warning"})
    monkeypatch.setattr(due_clock, "is_clock_synchronised", lambda: None)
    assert found(host) == (0, {"clock-unknown": "info"})
    assert command(host.project, "quota", "due", "--at", "2026-12-01 12:00").stdout == "", "of another moment"


def test_the_clock_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kernel reports that the clock is synchronised, that it is not, or neither.

    The file of systemd-timesyncd also counts as synchronised.
    """
    assert due_clock.is_clock_synchronised() in (True, False, None)
    monkeypatch.setattr(due_clock, "_SYNCHRONISED", tmp_path)
    assert due_clock.is_clock_synchronised() is True
    monkeypatch.setattr(due_clock, "_SYNCHRONISED", tmp_path / "none")
    for answer, expected in ((5, False), (0, True), (-1, None)):
        library = SimpleNamespace(adjtimex=lambda _, answer=answer: answer)
        monkeypatch.setattr(ctypes, "CDLL", lambda _, library=library: library)
        assert due_clock.is_clock_synchronised() is expected
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert due_clock.is_clock_synchronised() is None


def test_a_log_that_is_not_in_git_is_due(host: Target, tmp_path: Path) -> None:
    """A push that failed gives a warning with the reason.

    A change that has not been committed or pushed for five minutes gives a warning too.
    """
    clones = make_clones(host.project, tmp_path / "server.git")
    host.project.write("local.yaml", f"target: {host.folder}\nlease: 30\ngit: push\n")
    assert found(host) == (0, {})
    state = host.project.root / "quota_state.yaml"
    state.write_bytes(state.read_bytes() + b"# edited\n")
    assert found(host) == (0, {}), "it may be at work"
    os.utime(state, (1700000000, 1700000000))
    assert found(host) == (1, {"log-unsaved": "warning"})
    early = {"GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
    git(clones.root, "commit", "--quiet", "--all", "--message", "x", env=early)
    assert (
        "that are not pushed. To try again: python build.py quota save"
        in command(host.project, "quota", "due").stdout
    )
    clones.server.rename(tmp_path / "gone")
    assert command(host.project, "quota", "save").returncode == 1
    assert "git push failed: " in command(host.project, "quota", "due").stdout


def test_a_mistake_in_local_yaml_is_refused(host: Target) -> None:
    """A mistake in local.yaml is reported like a mistake in any input."""
    host.project.write("local.yaml", f"target: {host.folder}\ngit: yes please\n")
    done = command(host.project, "quota", "due")

    assert (done.returncode, done.stdout) == (1, "")
    assert "local.yaml:2: git: " in done.stderr


def test_no_future_period_is_known(project: Project) -> None:
    """Once the last known period has begun, `quota due` asks for the next period, and names the file in which to add it."""
    project.set_log("japan", "open 2026-01-01 00:00")
    project.set_log("south-korea", "open 2026-01-01 00:00")
    assert due(project, BEFORE) == Done(0, "", "")

    done = due(project, AFTER)

    assert done.returncode == 1
    assert done.stdout == "".join(
        f"{programme}: no future registration period is known. Add it to content/programmes/{programme}.yaml.\n"
        for programme in ("japan", "south-korea")
    )


def test_the_last_build_is_behind(quiet: Project) -> None:
    """If a scheduled change has passed and the last build does not show it, a build is due."""
    quiet.set_log("japan", *REACHED, "suspended 2026-11-22 12:00")
    assert command(quiet, "build", "--at", "2026-11-22 11:59").returncode == 0
    assert due(quiet, "2026-11-22 11:59") == Done(0, "", "")

    assert due(quiet, "2026-11-22 12:00:59") == Done(0, "", ""), "a publisher has a minute"
    done = due(quiet, "2026-11-22 12:01:01")
    assert done == Done(
        1,
        "japan: dist/ still shows quota_reached, but the state is suspended. Build it again: python build.py\n",
        "",
    )

    assert command(quiet, "build", "--at", "2026-11-22 12:00").returncode == 0
    assert due(quiet, "2026-11-22 12:02") == Done(0, "", "")


def test_each_reason_has_its_line(project: Project) -> None:
    """If there are several reasons for several programmes, each has its own line, sorted by programme."""
    project.set_log("japan", *REACHED)
    project.set_log("south-korea", *REACHED)
    assert command(project, "build", "--at", "2026-02-01 12:00").returncode == 0

    done = due(project, AFTER)

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["japan"] * 3 + ["south-korea"] * 3
    assert len(set(lines)) == 6


def test_mistakes_in_content_are_refused(quiet: Project) -> None:
    """While a programme's file has a mistake, `quota due` reports only the mistake, and not the periods."""
    quiet.replace("content/programmes/japan.yaml", "begins: 2028-01-01", "begins: 2028-13-01")

    done = due(quiet, BEFORE)

    assert (done.returncode, done.stdout) == (1, "")
    assert "content/programmes/japan.yaml:" in done.stderr
