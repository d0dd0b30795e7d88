"""security.txt follows RFC 9116, or its address redirects to another site's file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from site_src.check.dates import judge
from site_src.instants import Moment
from site_src.problems import InputRefused
from tests.support.building import build_site, read_inputs
from tests.support.commands import command
from tests.support.hosted_sites import SECURITY_FILE, SECURITY_REDIRECT, with_security
from tests.support.project import NOON, Project, at

PLACE = ".well-known/security.txt"


def in_half_a_year() -> str:
    """Returns the date in 180 days. The parser, which reads the clock, accepts it."""
    return f"{datetime.now(UTC) + timedelta(days=180):%Y-%m-%d}"


def findings(data: bytes) -> tuple[set[str], set[str]]:
    """Returns the codes of the errors and of the recommendations that a parser of security.txt gives."""
    from sectxt import Parser  # type: ignore[import-untyped]

    parser = Parser(data, urls=f"https://small.test/{PLACE}")
    return {note["code"] for note in parser.errors}, {note["code"] for note in parser.recommendations}


def test_the_file_says_what_was_asked(project: Project) -> None:
    """security.txt has the contacts in their order, full addresses, the date of expiry in UTC, and its own address."""
    with_security(project, SECURITY_FILE)

    assert project.built().files[PLACE].decode().splitlines() == [
        "Contact: mailto:security@small.test",
        "Contact: https://ind.nl/en",
        "Contact: https://small.test/en/status/",
        "Expires: 2027-06-30T00:00:00Z",
        "Preferred-Languages: en, nl",
        "Canonical: https://small.test/.well-known/security.txt",
        "Policy: https://small.test/en/status/",
    ]


def test_the_file_is_valid(project: Project) -> None:
    """A parser finds no error in security.txt, and recommends only a signature and an encryption key."""
    with_security(project, SECURITY_FILE.replace("2027-06-30", in_half_a_year()))

    assert findings(project.built().files[PLACE]) == (set(), {"not_signed", "no_encryption"})


def test_the_parser_would_say_so() -> None:
    """The parser of security.txt finds the errors in a file that is wrong."""
    assert findings(b"Contact: security@small.test\n")[0] >= {"no_uri", "no_expire"}


def test_the_smallest_file(project: Project) -> None:
    """The settings need only a contact and a date for security.txt."""
    least = f"security:\n  mode: file\n  contact: [contact:ind]\n  expires: {in_half_a_year()}\n"
    with_security(project, least)
    data = project.built().files[PLACE]

    assert findings(data) == (set(), {"not_signed"})
    assert [line.partition(b":")[0] for line in data.splitlines()] == [b"Contact", b"Expires", b"Canonical"]


def test_another_address_of_the_site(project: Project) -> None:
    """With `--base-url`, security.txt has that address, including its folder."""
    with_security(project, SECURITY_FILE)
    data = build_site(read_inputs(project.root), at(NOON), "https://other.test/whp").files[PLACE]

    assert b"Canonical: https://other.test/whp/.well-known/security.txt\n" in data
    assert b"Policy: https://other.test/whp/en/status/\n" in data


@pytest.mark.parametrize("lines", ["", SECURITY_REDIRECT])
def test_no_file_without_being_asked(project: Project, lines: str) -> None:
    """No security.txt is published if the settings have no `security`, or say that the file is at another site."""
    with_security(project, lines)

    assert PLACE not in project.built().files


@pytest.mark.parametrize(
    ("moment", "code", "printed"),
    [
        ("2026-06-28 12:00", 0, "is more than a year away"),
        ("2026-06-30 12:00", 0, ""),
        ("2027-05-31 01:59:59", 0, ""),
        ("2027-05-31 02:00:01", 0, "is less than 30 days away"),
        ("2027-06-30 01:59:59", 0, "is less than 30 days away"),
        ("2027-06-30 02:00", 1, "expired on 2027-06-30"),
        ("2028-01-01 00:00", 1, "expired on 2027-06-30"),
    ],
)
def test_expiry(project: Project, moment: str, code: int, printed: str) -> None:
    """A security.txt that expires soon or in the far future gives a warning. Once it has expired, it is an error."""
    with_security(project, SECURITY_FILE)
    done = command(project, "check", "--at", moment)

    assert done.returncode == code
    lines = [line for line in done.stderr.splitlines() if "security.expires" in line]
    assert len(lines) == (1 if printed else 0)
    assert all(line.startswith("content/site.yaml:22: ") and printed in line for line in lines)


def test_an_expired_file_stops_a_build(project: Project) -> None:
    """`build` refuses to publish an expired security.txt, and the published site does not change."""
    with_security(project, SECURITY_FILE)
    assert command(project, "build", "--at", NOON).returncode == 0
    before = project.published()
    done = command(project, "build", "--at", "2027-07-01 00:00", "--format", "json")

    assert done.returncode == 1
    assert [problem["rule"] for problem in json.loads(done.stdout)["problems"]] == ["expired"]
    assert project.published() == before


def test_a_change_of_state_can_do_without(project: Project) -> None:
    """An expired security.txt does not stop a closing, because its date is checked in a step that a closing can skip."""
    with_security(project, SECURITY_FILE)
    inputs, late = read_inputs(project.root), at("2028-01-01 00:00")

    with pytest.raises(InputRefused):
        judge(inputs, Moment(late))
    assert PLACE in build_site(inputs, late).files


def test_a_change_of_day_is_a_warning_once(project: Project) -> None:
    """The check of the dates only adds warnings to the inputs. Inputs that were checked are not checked again."""
    with_security(project, SECURITY_FILE)
    inputs = read_inputs(project.root)
    judged = judge(inputs, Moment(at("2027-06-29 00:00")))

    assert [warning.rule for warning in judged.warnings if warning not in inputs.warnings] == ["expired"]
    assert (judged.manuscript, judged.logs) == (inputs.manuscript, inputs.logs)
    assert judge(inputs, Moment(at(NOON))) == replace(inputs, content_judged=True)
    assert judge(judged, Moment(at("2028-01-01 00:00"))) == judged
