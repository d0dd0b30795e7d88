"""Programs accept the files in deploy/ and .github/ that are written for them, and the files have the documented effect."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.test_documentation import understood
from tests.support.commands import command
from tests.support.project import REPOSITORY, Project
from tests.support.published import Target

WORKFLOWS = sorted((REPOSITORY / ".github/workflows").glob("*.yml"))
UNITS = sorted((REPOSITORY / "deploy/systemd").iterdir())
DROP_INS = {
    "publisher.conf": "quotabord.service",
    "due.conf": "quotabord-due.service",
    "desk.conf": "quotabord-desk.service",
}


def workflow_of(name: str) -> dict[str, Any]:
    """Returns a workflow, with all values as text."""
    text = (REPOSITORY / f".github/workflows/{name}.yml").read_text()
    return dict(yaml.load(text, yaml.BaseLoader))  # noqa: S506 -- this loader makes nothing but text


def steps_of(name: str) -> list[dict[str, Any]]:
    """Returns the steps of all jobs of a workflow."""
    return [step for job in workflow_of(name)["jobs"].values() for step in job["steps"]]


def test_the_workflows_are_valid() -> None:
    """actionlint and the published schema find nothing in any workflow."""
    assert len(WORKFLOWS) == 6
    folder = Path(sys.executable).parent
    for words in (
        ["actionlint", "-shellcheck="],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
    ):
        done = subprocess.run(
            [str(folder / words[0]), *words[1:], *map(str, WORKFLOWS)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_no_workflow_asks_for_more_than_it_needs(file: Path) -> None:
    """Each workflow has the least permissions, pins actions to a full digest, and cancels no waiting run.

    No script in a workflow contains an expression.
    """
    text = file.read_text()
    workflow = workflow_of(file.stem)
    jobs, steps = workflow["jobs"].values(), steps_of(file.stem)

    assert workflow["permissions"] == {"contents": "read"}
    assert all(re.fullmatch(r"\S+@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)
    scripts = [step["run"] for step in steps if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []
    if file.stem not in ("check", "coverage", "renew", "review"):
        assert workflow["concurrency"]["cancel-in-progress"] == "false"
        assert all("self-hosted" in job["runs-on"] for job in jobs)
    else:
        assert "self-hosted" not in text


def test_the_safety_net_is_there_daily_in_dutch_time() -> None:
    """The daily publish runs in the site's time zone."""
    workflow = workflow_of("publish")

    assert [entry["timezone"] for entry in workflow["on"]["schedule"]] == ["Europe/Amsterdam"]


def test_the_form_offers_the_programmes_and_states_that_there_are() -> None:
    """The operator's form lists exactly the programmes of content/ and the possible changes."""
    form = workflow_of("quota")
    inputs = form["on"]["workflow_dispatch"]["inputs"]

    assert set(inputs["programme"]["options"]) == {
        file.stem for file in (REPOSITORY / "content/programmes").glob("*.yaml")
    }
    assert set(inputs["change"]["options"]) == {"close", "reopen", "suspend", "open", "cancel", "undo"}


@dataclass(frozen=True)
class Host:
    """The publishing host: a clone with an environment, the repository from which it was cloned, and the target."""

    target: Target
    origin: Path

    def run(
        self, workflow: str, steps: int | None = None, /, **values: str
    ) -> list[subprocess.CompletedProcess[str]]:
        """Runs all scripts of a workflow, or only the first ones, in order, as the runner does, with these inputs."""
        root = self.target.project.root
        env = {
            **self.target.project.environment(),
            **dict.fromkeys(("FROM", "PLACES", "NOTE"), ""),
            "CHECKOUT": str(root),
            "TARGET": str(self.target.folder),
            "ACTOR": "operator-1",
            # The runner's git has no user name.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "user.useConfigOnly",
            "GIT_CONFIG_VALUE_0": "true",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **values,
        }
        done: list[subprocess.CompletedProcess[str]] = []
        for step in steps_of(workflow)[:steps]:
            failed = any(result.returncode for result in done)
            if failed and step.get("if") != "always()":
                continue
            script = step["run"].replace('--probe "$PUBLIC_ADDRESS"', "")
            # There is no public address here, and the make target would install from a registry.
            script = script.replace('make -C "$CHECKOUT" .venv/.site', "true")
            shell = ["-eo", "pipefail"] if step.get("shell") == "bash" else ["-e"]
            done.append(
                subprocess.run(
                    ["bash", *shell, "-c", script],
                    cwd="/",
                    env=env,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=120,
                )
            )
        return done

    def pushed(self) -> str:
        """Returns the quota log on the `main` branch of the origin."""
        return git(self.origin, "show", "main:quota_state.yaml")


def git(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> str:
    """Runs a git command that must succeed."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.test", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def host(target: Target, tmp_path: Path) -> Host:
    """A host whose clone is up to date."""
    root, origin = target.project.root, tmp_path / "origin.git"
    (root / ".gitignore").write_text("/dist\n/.*.builds/\n.venv/\n.quota_state.yaml.*\n__pycache__/\n")
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").write_text(f'#!/bin/sh\nexec {shlex.quote(target.project.python)} "$@"\n')
    (root / ".venv/bin/python").chmod(0o755)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "all")
    git(tmp_path, "clone", "--quiet", "--bare", str(root), str(origin))
    git(root, "remote", "add", "origin", str(origin))
    git(root, "fetch", "--quiet", "origin")
    git(root, "branch", "--quiet", "--set-upstream-to=origin/main", "main")
    return Host(target, origin)


def test_the_form_publishes_and_commits(host: Host) -> None:
    """The operator's form shows and hides the link. The log on main gets the event with the person's name."""
    results = host.run("quota", PROGRAMME="japan", CHANGE="open")
    assert [done.returncode for done in results] == [0, 0], results
    assert host.target.shows_link()
    host.run("quota", PROGRAMME="japan", CHANGE="close", NOTE="by telephone")

    assert not host.target.shows_link()
    assert host.pushed() == (host.target.project.root / "quota_state.yaml").read_text()
    assert 'by: "operator-1"' in host.pushed()
    assert 'note: "by telephone"' in host.pushed()


@pytest.mark.parametrize("field", ["NOTE", "PROGRAMME", "CHANGE", "FROM", "PLACES"])
@pytest.mark.parametrize(
    "text", ['"; touch {file}; "', "$(touch {file})", "`touch {file}`", "--yes", "-h", "x\n- y"]
)
def test_what_is_typed_into_the_form_is_never_run(host: Host, tmp_path: Path, field: str, text: str) -> None:
    """Hostile inputs reach the command as plain arguments.

    Nothing in them is run, and only the requested change is published.
    """
    ran = tmp_path / "ran"
    values = {"PROGRAMME": "japan", "CHANGE": "open", field: text.format(file=ran)}
    first = host.run("quota", **values)[0]

    assert not ran.exists()
    if field != "NOTE" or "\n" in text:
        assert first.returncode == 2 or (text == "-h" and first.returncode == 0)
        assert not host.target.folder.exists()


def test_the_form_takes_back(host: Host) -> None:
    """The form's cancel takes back a scheduled opening, and its undo restores the state before a closing."""
    log = host.target.project.root / "quota_state.yaml"
    before = log.read_text()
    soon = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d} 12:00"
    scheduled = host.run("quota", PROGRAMME="japan", CHANGE="open", FROM=soon)
    assert [done.returncode for done in scheduled] == [0, 0], scheduled
    assert soon in host.pushed()
    cancelled = host.run("quota", PROGRAMME="japan", CHANGE="cancel")
    assert [done.returncode for done in cancelled] == [0, 0], cancelled
    assert log.read_text() == before == host.pushed()

    host.run("quota", PROGRAMME="south-korea", CHANGE="close")
    assert not host.target.shows_link("south-korea")
    undone = host.run("quota", PROGRAMME="south-korea", CHANGE="undo")
    assert [done.returncode for done in undone] == [0, 0], undone
    assert host.target.shows_link("south-korea")


def test_a_refused_change_commits_nothing(host: Host) -> None:
    """If the change is not allowed from the present state, the run fails and main stays unchanged."""
    before = host.pushed()
    results = host.run("quota", PROGRAMME="japan", CHANGE="open", FROM="2020-01-01 00:00")

    assert results[0].returncode == 1
    assert host.pushed() == before


def test_a_closing_gets_through_while_the_repository_is_away(host: Host) -> None:
    """If main cannot be reached, a closing is still published. Only the push of its commit fails, and so the run."""
    host.run("quota", PROGRAMME="japan", CHANGE="open")
    host.origin.rename(host.origin.with_name("away"))
    results = host.run("quota", PROGRAMME="japan", CHANGE="close")

    assert not host.target.shows_link()
    assert [done.returncode == 0 for done in results] == [True, False]


def test_somebody_else_pushed_meanwhile(host: Host, tmp_path: Path) -> None:
    """If a page is merged while the form runs, the log is still pushed to main."""
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(host.origin), str(other))
    Project(other).replace("content/en/index.md", "title: ", "title: Merged ")
    git(other, "commit", "--quiet", "--all", "--message", "page")
    git(other, "push", "--quiet")
    results = host.run("quota", PROGRAMME="japan", CHANGE="open")

    assert [done.returncode for done in results] == [0, 0], results
    assert "operator-1" in host.pushed()
    assert [done.returncode for done in host.run("publish")[:2]] == [0, 0]
    assert "Merged" in host.target.page("en/index.html")


def test_two_closings_that_git_cannot_join(host: Host, tmp_path: Path) -> None:
    """If a desk and the form both close and git cannot merge the two events, the run fails and says what to do.

    The host can still close and publish.
    """
    host.run("quota", PROGRAMME="japan", CHANGE="open")
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(host.origin), str(other))
    closing = '  - state: quota_reached\n    from: 2099-11-20 12:00\n    by: "desk"\n'
    log = other / "quota_state.yaml"
    log.write_text(log.read_text().replace("# South Korea", f"{closing}# South Korea"))
    git(other, "commit", "--quiet", "--all", "--message", "closed")
    git(other, "push", "--quiet")
    results = host.run("quota", PROGRAMME="japan", CHANGE="close")

    assert [done.returncode for done in results] == [0, 1], results
    assert "::error::" in results[1].stdout
    assert "<<<<" not in (host.target.project.root / "quota_state.yaml").read_text()
    assert git(host.target.project.root, "status", "--short", "--branch").startswith(
        "## main...origin/main [ahead"
    )
    assert not host.target.shows_link()

    assert host.run("quota", PROGRAMME="south-korea", CHANGE="close")[0].returncode == 0
    assert not host.target.shows_link("south-korea")
    taken_over, published, *_ = host.run("publish")
    assert (taken_over.returncode, published.returncode) == (1, 0)
    assert "::error::" in taken_over.stdout

    # As described in docs/running.md under Recovery.
    git(host.target.project.root, "push", "--quiet", "origin", "HEAD:quota-log")
    ours = git(host.origin, "show", "quota-log:quota_state.yaml")
    git(other, "fetch", "--quiet")
    with pytest.raises(subprocess.CalledProcessError):
        git(other, "merge", "--quiet", "origin/quota-log")
    log.write_text(ours)
    git(other, "commit", "--quiet", "--all", "--message", "joined")
    git(other, "push", "--quiet")
    assert [done.returncode for done in host.run("publish")[:2]] == [0, 0]
    assert [done.returncode for done in host.run("quota", PROGRAMME="japan", CHANGE="suspend")] == [0, 0]
    assert host.pushed() == (host.target.project.root / "quota_state.yaml").read_text()


def test_two_closings_are_joined_by_events(host: Host, tmp_path: Path) -> None:
    """The merge driver of .gitattributes merges the events of a desk and of the form, and both runs succeed."""
    root = host.target.project.root
    (root / ".gitattributes").write_bytes((REPOSITORY / ".gitattributes").read_bytes())
    git(root, "add", ".gitattributes")
    git(root, "commit", "--quiet", "--message", "attributes")
    host.run("quota", PROGRAMME="japan", CHANGE="open")
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(host.origin), str(other))
    log = other / "quota_state.yaml"
    closing = "  - state: suspended\n    from: 2099-11-20 12:00\n"
    log.write_text(log.read_text().replace("# South Korea", f"{closing}# South Korea"))
    git(other, "commit", "--quiet", "--all", "--message", "closed")
    git(other, "push", "--quiet")
    results = host.run("quota", PROGRAMME="japan", CHANGE="close")

    assert [done.returncode for done in results] == [0, 0], results
    assert host.pushed() == (root / "quota_state.yaml").read_text()
    assert host.pushed().index("quota_reached\n    from: 20") < host.pushed().index("suspended")


def test_a_push_that_is_refused_stops_no_publication(host: Host, tmp_path: Path) -> None:
    """A host that may not push still publishes what is merged later. It keeps its events and reports them."""
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(host.origin), str(other))
    (hook := host.origin / "hooks/pre-receive").write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert [done.returncode for done in host.run("quota", PROGRAMME="japan", CHANGE="open")] == [0, 1]
    hook.unlink()
    Project(other).replace("content/en/index.md", "title: ", "title: Merged ")
    git(other, "commit", "--quiet", "--all", "--message", "page")
    git(other, "push", "--quiet")
    results = host.run("publish")

    assert [done.returncode for done in results[:2]] == [0, 0], results
    assert "Merged" in host.target.page("en/index.html")
    assert host.target.shows_link()
    assert "::warning::This host has events that are not on main" in results[0].stdout
    assert host.run("quota", PROGRAMME="japan", CHANGE="close")[1].returncode == 0
    assert host.pushed().count("operator-1") == 2


def test_a_closing_waits_for_no_network(host: Host) -> None:
    """If the repository never answers, a closing is not delayed, because the form's first step does not use the network."""
    host.run("quota", PROGRAMME="japan", CHANGE="open")
    git(host.target.project.root, "remote", "set-url", "origin", "ext::sleep 1000")
    results = host.run("quota", 1, PROGRAMME="japan", CHANGE="close", GIT_ALLOW_PROTOCOL="ext")

    assert [done.returncode for done in results] == [0], results
    assert not host.target.shows_link()


def test_a_closing_has_a_runner_of_its_own() -> None:
    """Only the form's job uses the form's runner, because a runner takes one job at a time.

    A publish job ends within minutes.
    """
    runners = {
        name: set(job["runs-on"])
        for name in ("publish", "quota")
        for job in workflow_of(name)["jobs"].values()
    }
    labels = yaml.safe_load((REPOSITORY / ".github/actionlint.yaml").read_text())["self-hosted-runner"][
        "labels"
    ]

    assert runners == {"publish": {"self-hosted", labels[0]}, "quota": {"self-hosted", labels[1]}}
    assert all(label in (REPOSITORY / "docs/running.md").read_text() for label in labels)
    (publishing,) = workflow_of("publish")["jobs"].values()
    assert int(publishing["timeout-minutes"]) < 10


def test_what_is_due_is_asked_of_what_is_published(host: Host) -> None:
    """After a change of state, the publish workflow checks the published site, and not an older build in dist/."""
    assert host.target.project.run("build").returncode == 0
    host.run("quota", PROGRAMME="japan", CHANGE="open")
    last = host.run("publish")[-1]

    assert "still shows" not in last.stdout


def test_the_publish_workflow_publishes_main(host: Host, tmp_path: Path) -> None:
    """After the run, merged content is live, and the step that checks for due changes succeeds."""
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(host.origin), str(other))
    Project(other).replace("content/en/index.md", "title: ", "title: Merged ")
    git(other, "commit", "--quiet", "--all", "--message", "page")
    git(other, "push", "--quiet")
    results = host.run("publish")

    assert [done.returncode for done in results[:2]] == [0, 0], results
    assert "Merged" in host.target.page("en/index.html")
    assert host.target.journal()[-1]["who"] == "operator-1"


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_the_units_start_commands_that_exist(unit: Path) -> None:
    """The command line accepts the command of each unit. The units run as a user without privileges."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit)
    program, *words = shlex.split(parser["Service"]["ExecStart"])

    if program.startswith("/srv/quotabord/deploy/"):
        assert os.access(REPOSITORY / Path(program).relative_to("/srv/quotabord"), os.X_OK)
    else:
        assert (Path(program).name, words[0]) == ("python", "build.py")
        assert understood(shlex.join(words[1:]))
    assert parser["Service"]["User"] == "quotabord"


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """systemd-analyze verify reports nothing about the units except programs that are not installed here."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    for unit in UNITS:
        text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text)
    for file, unit_name in DROP_INS.items():
        folder = tmp_path / f"{unit_name}.d"
        folder.mkdir()
        text = re.sub(
            r"ExecStart=\S+", "ExecStart=/bin/true", (REPOSITORY / "deploy/bucket" / file).read_text()
        )
        (folder / file).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
    )

    said = [line for line in done.stderr.splitlines() if "quotabord" in line]
    assert said == []


def test_the_units_are_in_a_sandbox() -> None:
    """systemd-analyze rates the exposure of each service below 2.0 of 10."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    services = [str(unit) for unit in UNITS if unit.suffix == ".service"]
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=19", *services]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.stdout.count("Overall exposure level") == len(services) > 2
    assert done.returncode == 0, done.stdout


def test_the_publisher_runs_in_its_sandbox(project: Project, tmp_path: Path) -> None:
    """The publisher works without capabilities and with a read-only checkout.

    It needs no memory that is both writable and executable.
    """
    target = tmp_path / "site"
    for path in (project.root, *project.root.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o555)
    # MemoryDenyWriteExecute= sets PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN on newer kernels.
    script = (
        "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
    )
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"] if os.getuid() == 0 else []
    words = [*drop, sys.executable, "-c", script, sys.executable, "build.py", "publish", str(target)]
    done = subprocess.run(
        words, cwd=project.root, env=project.environment(), capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert (target / "current/site/en/index.html").is_file()


def test_due_warns_of_a_target_that_is_behind_and_of_silence(target: Target) -> None:
    """`quota due --published` reports live pages with a different state than the log.

    It also reports a resident publisher whose heartbeat is old, the faults in that heartbeat, and a
    heartbeat that cannot be read.
    """
    target.published()
    due = ("quota", "due", "--published", str(target.folder))
    before = command(target.project, *due).stdout
    target.project.set_log("japan", "open 2020-04-01 00:00")
    beat = {"time": "2020-01-01T00:00:00Z", "trouble": "content/x.md:1: bad", "shown": False}
    (target.folder / "heartbeat.json").write_text(json.dumps(beat))
    lines = command(target.project, *due)

    assert "still shows" not in before
    assert lines.returncode == 1
    assert (
        f"still shows quota_reached, but the state is open. Build it again: python build.py publish {target.folder}"
        in lines.stdout
    )
    assert "last wrote its heartbeat at 2020-01-01T00:00:00Z" in lines.stdout
    assert "reports: content/x.md:1: bad" in lines.stdout
    assert "does not show what is published" in lines.stdout
    (target.folder / "heartbeat.json").write_text("{")
    assert "cannot be read" in command(target.project, *due).stdout
