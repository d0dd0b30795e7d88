"""A `quota_reached` in the future is refused as a mistyped date, because nobody can know it in advance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.commands import command
from tests.support.project import AMSTERDAM, Project


def ahead(**distance: int) -> str:
    """Returns the moment that is this long after now, in the format of the state file."""
    return f"{datetime.now(UTC).astimezone(AMSTERDAM) + timedelta(**distance):%Y-%m-%d 12:00}"


@pytest.mark.parametrize("word", ["build", "check"])
def test_a_quota_reached_next_month_is_refused_today(project: Project, word: str) -> None:
    """`build` and `check` refuse a `quota_reached` that is a month ahead, because the link would be shown until then.

    The message names its line.
    """
    project.set_log("japan", "open 2026-04-01 00:00", f"quota_reached {ahead(days=30)}")

    done = command(project, word)

    assert done.returncode == 1
    assert (
        "japan[2].from: is more than a day in the future, but nobody can know that early that the quota is reached."
        in done.stderr
    )
    assert "quota_state.yaml:8:" in done.stderr
    assert not (project.root / "dist").exists()


def test_a_schedule_of_anything_else_is_built(project: Project) -> None:
    """`build` accepts an opening or a suspension that is scheduled for next month."""
    project.set_log("japan", "quota_reached 2026-04-01 00:00", f"open {ahead(days=30)}")
    project.set_log("south-korea", "open 2026-01-01 00:00", f"suspended {ahead(days=30)}")

    assert command(project, "build").returncode == 0


def test_another_moment_may_have_the_closing_ahead(project: Project) -> None:
    """`build --at` accepts a past closing that is after the moment of the build.

    So the site can be built as it was on the morning of the opening.
    """
    done = command(project, "build", "--at", "2026-04-01 08:00")

    assert done.returncode == 0
    assert "japan: open, link shown" in done.stdout
