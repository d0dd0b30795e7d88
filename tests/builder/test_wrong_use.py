"""With arguments that cannot be carried out, `build` exits with 2 and says what to type."""

from __future__ import annotations

import pytest

from tests.support.commands import command
from tests.support.project import Project

REFUSED = {
    "unknown-programme": (
        ("--out", "preview", "--state", "japn=open"),
        '"japn" is not a programme. Did you mean "japan"?',
    ),
    "far-off-programme": (
        ("--out", "preview", "--state", "x=open"),
        '"x" is not a programme. Known here: japan, south-korea.',
    ),
    "no-programme": (
        ("--out", "preview", "--state", "=open"),
        '"" is not a programme. Known here: japan, south-korea.',
    ),
    "preview-in-place-of-the-site": (
        ("--state", "japan=open"),
        "must not replace the site. Add: --out preview",
    ),
    "unknown-state": (
        ("--state", "japan=quota_reachd"),
        '--state: "japan=quota_reachd" is not PROGRAMME=STATE. Did you mean "quota_reached"?',
    ),
    "no-state": (
        ("--state", "japan="),
        '--state: "japan=" is not PROGRAMME=STATE. Known here: open, places_available,',
    ),
    "no-equals-sign": (("--state", "japan"), '--state: "japan" is not PROGRAMME=STATE. Known here: open,'),
    "blank": (("--state", "japan = open"), '--state: "japan = open" is not PROGRAMME=STATE.'),
    "one-of-two": (
        ("--state", "japan=open", "south-korea=shut"),
        '--state: "south-korea=shut" is not PROGRAMME=STATE.',
    ),
    "twice": (
        ("--state", "japan=open", "Japan=suspended"),
        '--state: "Japan=suspended" names japan a second time.',
    ),
    "nothing-behind-state": (("--state",), "argument --state: expected at least one argument"),
    "no-moment": (("--at", "tomorrow"), '--at: "tomorrow" is not a moment. Write it as 2026-04-01 11:42'),
    "empty-moment": (("--at", ""), '--at: "" is not a moment.'),
    "a-day-alone": (("--at", "2026-04-01"), '--at: "2026-04-01" is not a moment.'),
    "not-in-the-calendar": (("--at", "2026-02-30 12:00"), '--at: "2026-02-30" is not in the calendar.'),
    "no-such-time": (
        ("--at", "2026-04-01 25:00"),
        '--at: "2026-04-01 25:00" has a time that does not exist.',
    ),
    "skipped": (("--at", "2026-03-29 02:30"), '--at: "2026-03-29 02:30" does not exist in Europe/Amsterdam'),
    "twice-on-the-clock": (
        ("--at", "2026-10-25 02:30"),
        '--at: "2026-10-25 02:30" exists twice in Europe/Amsterdam',
    ),
    "far-year": (("--at", "3026-04-01 12:00"), '--at: "3026-04-01" lies outside 2000-2100.'),
    "no-address": (("--base-url", "small"), '--base-url: "small" is not a full address.'),
    "empty-address": (("--base-url", ""), '--base-url: "" is not a full address.'),
    "http": (("--base-url", "http://small.test"), '--base-url: "http://small.test" is not a full address.'),
    "script": (
        ("--base-url", "javascript:alert(1)"),
        '--base-url: "javascript:alert(1)" is not a full address.',
    ),
    "brackets": (("--base-url", "https://["), '--base-url: "https://[" is not a full address.'),
    "user": (
        ("--base-url", "https://a:b@small.test"),
        '--base-url: "https://a:b@small.test" is not a full address.',
    ),
    "quotes": (("--base-url", 'https://small.test/"><b>'), "--base-url:"),
    "query": (("--base-url", "https://small.test/?x=1"), "--base-url:"),
    "fragment": (("--base-url", "https://small.test/#x"), "--base-url:"),
    "two-slashes": (
        ("--base-url", "https://small.test//whp"),
        "must consist of a host and, if needed, folders",
    ),
    "dots": (("--base-url", "https://small.test/../whp"), "must consist of a host and, if needed, folders"),
    "one-dot": (("--base-url", "https://small.test/./whp"), "must consist of a host and, if needed, folders"),
    "local-with-nothing": (("--base-url", "http://localhost:port"), "--base-url:"),
    "unknown-option": (("--stat", "japan=open"), "unrecognized arguments: --stat japan=open"),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_carried_out_is_refused(project: Project, words: tuple[str, ...], said: str) -> None:
    """If `build` gets arguments that cannot be carried out, it exits with 2, says what to type, and publishes nothing."""
    done = command(project, "build", *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not (project.root / "dist").exists()
