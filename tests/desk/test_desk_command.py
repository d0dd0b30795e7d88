"""The address on which the command `desk` listens, and the settings that it refuses."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import command
from tests.support.operators_page import LOCAL, started
from tests.support.project import Project, make_project
from tests.support.web_server import WebServer, free_port


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The small site with the settings of a desk. It is not published."""
    project = make_project(tmp_path / "project")
    settings = LOCAL.format(
        target=tmp_path / "www", public="http://127.0.0.1:9", address="https://desk.example"
    )
    project.write("local.yaml", settings)
    return project


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--port=8080"], "use --port and --user together"),
        (["--user=ada"], "use --port and --user together"),
        (["--port=8080", "--user=ada", "--socket=x"], "cannot be used together"),
        (["--port=8080", "--user="], "--user must be a name"),
        (["--socket=/nowhere/desk.sock"], "Make the folder"),
        (["--socket=/dev/null"], "is not a socket"),
        (["--port=70000", "--user=ada"], "is not a port"),
    ],
)
def test_wrong_use_is_refused(project: Project, words: list[str], message: str) -> None:
    """For wrong use, the command exits with 2 and a message before it serves anything."""
    done = command(project, "desk", *words)

    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("https://desk.example", "https://desk.example/", 'without "/" at its end'),
        ("https://desk.example", "https://desk.example:443", "is not an address"),
        ("https://desk.example", "https://Desk.example", "in lower case"),
        ("  may_open: [ada]\n", "", "may_open"),
        ("may_open: [ada]", "may_open: ada", "desk.may_open"),
        ("may_open: [ada]", 'may_open: ["a\\nb"]', "must be one line"),
        ("may_open: [ada]", "may_open: [ada]\n  group: WWW", "not the name of a group"),
        ("may_open: [ada]", "may_opne: [ada]", "may_opne"),
    ],
)
def test_wrong_settings_are_refused(project: Project, old: str, new: str, message: str) -> None:
    """If a setting is wrong, the command exits with 1 and names the line of local.yaml."""
    project.replace("local.yaml", old, new)

    done = command(project, "desk", "--socket=desk.sock")

    assert done.returncode == 1
    assert done.stderr.startswith("local.yaml:")
    assert message in done.stderr


def test_without_settings_the_command_says_what_to_write(project: Project) -> None:
    """If local.yaml has no settings of a desk, the command prints the settings to write."""
    (project.root / "local.yaml").unlink()

    done = command(project, "desk")

    assert done.returncode == 2
    assert "local.yaml beside quota_state.yaml does not say who may use the desk" in done.stderr


def test_a_missing_library_is_named(project: Project) -> None:
    """If a library of the desk is missing, the command prints how to install it.

    Other commands work without the library.
    """
    script = "import sys; sys.modules['starlette'] = None; sys.argv = ['build.py', *sys.argv[1:]]; import runpy; runpy.run_path('build.py', run_name='__main__')"
    ends = {
        words: subprocess.run(
            [sys.executable, "-c", script, *words],
            cwd=project.root,
            env=project.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        for words in (("desk",), ("quota",))
    }

    assert ends[("desk",)].returncode == 2
    assert "make extra-desk" in ends[("desk",)].stderr
    assert ends[("quota",)].returncode == 0


def test_only_its_user_may_connect_to_the_socket(project: Project, tmp_path: Path) -> None:
    """The socket has mode 600.

    A second desk is refused. A socket that an ended process left is replaced.
    """
    path = tmp_path / "desk.sock"
    with started(project, path) as process:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "another desk is using this socket" in command(project, "desk", f"--socket={path}").stderr
        process.kill()
        process.wait()
        with started(project, path, renewed=True):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_on_a_port_no_header_names_the_user(project: Project) -> None:
    """On 127.0.0.1, the user is always the one from the command line, even if a request names a different user."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "build.py", "desk", f"--port={port}", "--user=eve"],
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline().startswith(f"The desk answers on http://127.0.0.1:{port}/")
        answer = WebServer(port).get("/en/", {"X-Remote-User": "ada"})
    finally:
        process.terminate()
        process.communicate(timeout=30)

    assert answer.status == 200
    assert "Logged in: eve" in answer.body.decode()
    assert "You may look, but not change anything." in answer.body.decode()
