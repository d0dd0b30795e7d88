"""The operator's commands work even if the log of another programme, or the whole log, cannot be read."""

from __future__ import annotations

import pytest

from tests.support.commands import command
from tests.support.project import Project
from tests.support.published import Target
from tests.support.quota_desk import PAST, desk, state_text

CONFLICT = "<<<<<<< HEAD\n  - state: quota_reached\n    from: 2020-06-01 00:00\n=======\n>>>>>>> other\n"
MISTAKES = {
    "conflict": CONFLICT,
    "unknown-state": "  - state: full\n    from: 2020-06-01 00:00\n",
    "open-quote": '  - state: "open\n',
    "cut-off": "  - state: quota_reached\n    fr",
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
@pytest.mark.parametrize("end_of_line", ["\n", "\r\n"])
def test_a_mistake_in_another_log_does_not_hold_up_a_closing(
    project: Project, mistake: str, end_of_line: str
) -> None:
    """If South Korea's lines have a mistake, Japan's event is still written.

    South Korea's lines stay byte for byte, and the mistake is reported with its line number.
    """
    text = PAST.replace("quota_reached", "suspended") + mistake
    text = text.replace("\n", end_of_line)
    project.write("quota_state.yaml", text)
    done = command(project, "quota", "set", "japan", "quota_reached", "--by", "", "--yes")

    assert done.returncode == 0, done.stderr
    before, after = text.split("# South Korea begins")
    written = (project.root / "quota_state.yaml").read_bytes().decode()
    assert written.startswith(before.removesuffix(end_of_line))
    assert (
        written.endswith("# South Korea begins" + after)
        or "quota_reached" in written.split("south-korea:")[0]
    )
    assert "south-korea" in done.stderr or "quota_state.yaml:1" in done.stderr
    refused = command(project, "quota", "set", "south-korea", "suspended", "--yes")
    assert refused.returncode == 1
    assert "quota_state.yaml:" in refused.stderr
    assert "Nothing was written" in refused.stderr


def test_show_says_what_visitors_get_while_the_log_is_broken(target: Target) -> None:
    """If the log has a merge conflict, `quota show --published` still prints the live states.

    It names the problem and exits with 1.
    """
    desk(target.project)
    target.published()
    whole = command(target.project, "quota", "show", "--published", str(target.folder))
    assert whole.returncode == 0
    for text in ("<<<<<<< HEAD\n", "", PAST + CONFLICT):
        target.project.write("quota_state.yaml", text)
        done = command(target.project, "quota", "show", "--published", str(target.folder))

        assert done.returncode == 1
        assert (
            "south-korea\n  now                       visitors see the link; there is no lease" in done.stdout
        )
        assert "quota_state.yaml:" in done.stderr
        assert "delete the file" not in done.stderr


def test_what_can_be_read_of_a_broken_log_is_shown(project: Project) -> None:
    """If only South Korea's lines have a problem, `quota show` prints Japan's state and the problem."""
    desk(project, PAST + CONFLICT)
    done = command(project, "quota", "show")

    assert done.returncode == 1
    assert "quota_reached: the link is hidden" in done.stdout
    assert "two versions that git could not merge" in done.stderr
    assert command(project, "quota", "history", "south-korea").returncode == 1
    assert state_text(project) == PAST + CONFLICT
