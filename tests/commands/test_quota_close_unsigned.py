"""If the shell has no key for the bucket, `quota close` still writes the event, and a publisher with the key publishes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_src.bucket.opening import KEY_VARIABLE
from site_src.commands import quota_save
from site_src.read import project as read_project
from site_src.states import State
from tests.support.commands import command
from tests.support.project import Project
from tests.support.quota_desk import desk, logs

pytest.importorskip("obstore")


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("", "no signing key is configured"),
        ("  signing_key: /nonexistent/online.pem\n", "/nonexistent/online.pem"),
        ("  signign_key: /etc/online.pem\n", "signign_key"),
    ],
    ids=["no-key", "key-file-gone", "unknown-setting"],
)
def test_a_closing_without_the_key_is_written(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, reason: str
) -> None:
    """The closing is in the log and saved in git, and the exit code is 1.

    The messages say that the link is still shown, and why.
    """
    saved: list[read_project.Project] = []
    monkeypatch.setattr(quota_save, "start_saving", saved.append)
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    keys = ("--root-key", str(tmp_path / "root.pem"), "--online-key", str(tmp_path / "online.pem"))
    assert command(desk(project), "keys", "init", *keys).returncode == 0
    project.write("local.yaml", f"target: s3://site/wh\nstore:\n  endpoint: http://127.0.0.1:9\n{setting}")

    done = command(project, "quota", "close", "south-korea", "--by", "Ada")

    assert done.returncode == 1
    assert logs(project)["south-korea"][-1].state is State.QUOTA_REACHED
    assert reason in done.stderr.partition("The link is shown until the change is published.")[0]
    assert "The link is shown until the change is published." in done.stderr
    assert (
        "NOT PUBLISHED.\nThe change stays in quota_state.yaml. A resident publisher of this checkout publishes it. When the cause is fixed: python build.py publish s3://site/wh\n"
        in done.stderr
    )
    assert [each.root for each in saved] == [project.root.resolve()]
