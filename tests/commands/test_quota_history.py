"""`quota history` prints every event of the log."""

from __future__ import annotations

import json

from tests.support.commands import command
from tests.support.project import Project
from tests.support.quota_desk import EVERY_STATE, desk


def test_history_has_every_event(project: Project) -> None:
    """`history` prints each event in the file's order, with places, author and note, and marks future events."""
    desk(project, EVERY_STATE + "  - state: suspended\n    from: 2099-01-01 00:00\n")

    done = command(project, "quota", "history")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "Japan (japan)\n"
        "  2026-04-01 00:00 Europe/Amsterdam = 2026-04-01 07:00 Asia/Tokyo  open\n"
        "  2026-04-01 11:42 Europe/Amsterdam = 2026-04-01 18:42 Asia/Tokyo  quota_reached     by the quota desk; confirmed by telephone\n"
        "  2026-10-05 09:00 Europe/Amsterdam = 2026-10-05 16:00 Asia/Tokyo  places_available  12 places\n"
        "  2026-10-25 02:30+01:00 Europe/Amsterdam = 2026-10-25 10:30 Asia/Tokyo  suspended\n"
        "\n"
        "South Korea (south-korea)\n"
        "  2026-01-01 00:00 Europe/Amsterdam = 2026-01-01 08:00 Asia/Seoul  open\n"
        "  2099-01-01 00:00 Europe/Amsterdam = 2099-01-01 08:00 Asia/Seoul  suspended         scheduled\n"
    )


def test_history_of_one_programme(project: Project) -> None:
    """`history` with a programme prints only that programme. Its JSON has every key of each event."""
    desk(project, EVERY_STATE)
    assert "South Korea" not in command(project, "quota", "history", "JAPAN").stdout
    done = command(project, "quota", "history", "South_Korea", "--json")

    assert json.loads(done.stdout) == {
        "south-korea": [
            {
                "state": "open",
                "from": "2025-12-31T23:00:00Z",
                "places": None,
                "by": None,
                "note": None,
                "mistake": False,
            }
        ]
    }
    wrong = command(project, "quota", "history", "jappan")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert 'Did you mean "japan"?' in wrong.stderr


def test_a_note_of_several_lines_stays_in_its_row(project: Project) -> None:
    """`history` prints a note of several lines in one row."""
    project.replace("quota_state.yaml", "note: confirmed by telephone", "note: |\n      first\n      second")

    assert "by the quota desk; first second\n" in command(project, "quota", "history", "japan").stdout
