"""The gate's time grows in proportion to the size of the text, so no file can delay a change of state."""

from __future__ import annotations

import base64
import gzip
import random
import time
from collections.abc import Callable

import pytest

from site_src.gate.expectation import Expectation
from site_src.gate.gate import GateRefused, find_refusals
from site_src.scan.unpacking import MAX_UNPACKED
from tests.support.building import verify
from tests.support.commands import command
from tests.support.project import NOON, Project

CLOSED = "https://start.request.test/japan/en"
OPEN = "https://start.request.test/south-korea/en"
EXPECTED = Expectation(
    closed={"japan": (CLOSED,)},
    open={"south-korea": {"en": OPEN}},
    linkable_hosts=frozenset(["start.request.test"]),
    own_host="small.test",
    pages={},
    resources={},
)
SMALL, LARGE = 1 << 14, 1 << 16
# Four times the data may take ten times as long on a busy machine. Quadratic growth takes sixteen times as long.
MOST = 10
NOISE = random.Random(1).randbytes(LARGE)  # noqa: S311 - the same noise each time


def repeated(unit: str) -> Callable[[int], bytes]:
    """Returns a function that repeats the unit up to a size in bytes."""
    data = unit.encode()
    return lambda size: (data * (size // len(data) + 1))[:size]


def between(before: str, unit: str, after: str = "") -> Callable[[int], bytes]:
    """Returns a function that repeats the unit, with a text before and after it."""
    return lambda size: before.encode() + repeated(unit)(size) + after.encode()


def base64_three_times(size: int) -> bytes:
    """Returns a text that mixes several encodings, encoded three times in base64."""
    data = repeated('%2541&amp;\\u0025<=41"+"aGVsbG8gd29ybGQ\n ')(size // 3)
    for _ in range(3):
        data = base64.b64encode(data)
    return data


HOSTILE: dict[str, Callable[[int], bytes]] = {
    **{
        f"repeated {unit!r}": repeated(unit)
        for unit in (
            *("%25", "%2525", "%", "%u", "%\n", "%6\n", "&", "&amp;", "&amp;amp;", "&#", "&#1", "&lt;", "=", "=\r\n", "=6"),
            *("\\", "\\u", "\\\n", "\\\\/", "<", "<!--", "<![CDATA[", "]]>", '<a "', "<a x=\"'", "<\"'", '<b title=">">'),
            *('" + "', '" ', "'+", " ", "\n ", "\r\n ", "/", "/.", "/../", "a:1", "a.", ".:", "url(", "xmlns=", "//", ":\\"),
            *("start.request.test", "start.request.test/../", f"{OPEN}/../", "https://start.request.test/south-korea/"),
            *("\u0301\u0323", "\ufdfa", "\uff53\u3002", "\u200b", "s\0t\0", "\u0336", "\ufffc", "\u0455\u0336", "\u26ff\u1f130", "s t a r t ", "base64,", "6a", "aGVs", "Word ", "Word\n"),
            "%25&amp;\\u0025<=41\"+\"aGVsbG8gd29ybGQ",
        )
    },
    "an attribute without an end": between("<a", " a="),
    "a tag of blanks": between("<a", " "),
    "blanks in a url": between("url(", " "),
    "a number of nines": between("&#", "9"),
    "a number of zeros": between("&#", "0"),
    "a hexadecimal number": between("&#x", "f"),
    "a long port": between("a:", "1", "/"),
    "steps up": between("https://start.request.test", "/a/.."),
    "brackets behind an open address": between(OPEN, ")"),
    "blanks behind an open address": between(OPEN, " \n<b>"),
    "blanks in an address": between("start.request.test/j", " "),
    "an address in pieces": repeated("s\n t\n a\n r\n t\n .\n "),
    "blanks in base64": between("base64,", "Ab "),
    "base64 three times": base64_three_times,
    "noise": lambda size: NOISE[:size],
    "noise with a NUL": lambda size: b"\0" + NOISE[:size],
    "noise in base64": lambda size: base64.b64encode(NOISE[:size]),
    "noise in hexadecimal": lambda size: NOISE[:size].hex().encode(),
    "noise packed": lambda size: gzip.compress(NOISE[:size]),
    "noise packed three times": lambda size: gzip.compress(gzip.compress(gzip.compress(NOISE[:size]))),
    "many small packages": lambda size: (gzip.compress(b"") * size)[:size],
}  # fmt: skip


def processor_time(data: bytes) -> float:
    """Returns the processor time that the gate needs for a page with this data."""
    begin = time.process_time()
    find_refusals({"en/index.html": data}, EXPECTED)
    return time.process_time() - begin


@pytest.mark.parametrize("name", HOSTILE)
def test_four_times_as_much_takes_about_four_times_as_long(name: str) -> None:
    """No text makes the gate's time grow with the square of its length."""
    small, large = HOSTILE[name](SMALL), HOSTILE[name](LARGE)
    assert len(large) > 3 * len(small)
    ratios = []
    for _ in range(3):  # another process may have used the processor
        ratios.append(processor_time(large) / max(processor_time(small), processor_time(small), 0.001))
        if ratios[-1] < MOST:
            return
    pytest.fail(f"{SMALL} and {LARGE} bytes: ratios {ratios}")


def packed(data: bytes, times: int) -> bytes:
    """Returns the data compressed this many times."""
    for _ in range(times):
        data = gzip.compress(data, compresslevel=1, mtime=0)
    return data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(packed(b"\0" * (MAX_UNPACKED + 1), 2), id="too-large"),
        pytest.param(
            b"x " + base64.b64encode(packed(b"\0" * (MAX_UNPACKED + 1), 1)), id="too-large-in-base64"
        ),
        pytest.param(packed(CLOSED.encode(), 40), id="too-deep"),
    ],
)
def test_what_cannot_be_searched_is_refused(data: bytes) -> None:
    """The gate refuses a file that unpacks to more than it can search, and names the file."""
    with pytest.raises(GateRefused) as refused:
        verify({"en/archive": data}, EXPECTED)
    (refusal,) = refused.value.refusals
    assert (
        str(refusal)
        == "en/archive: contains packed data that is too large or too deeply nested to be searched. Leave it out."
    )


def test_packages_in_packages_are_searched() -> None:
    """The gate finds an address that is compressed four times."""
    with pytest.raises(GateRefused) as refused:
        verify({"en/archive": packed(CLOSED.encode(), 4)}, EXPECTED)
    assert [refusal.programme for refusal in refused.value.refusals] == ["japan"]


def test_a_page_with_what_cannot_be_searched_is_a_problem_in_its_file(project: Project) -> None:
    """`check` reports a text that unpacks to more than can be searched with its file and line."""
    bomb = base64.b64encode(gzip.compress(b"\0" * (MAX_UNPACKED + 1))).decode()
    project.write(
        "content/en/index.md", f"---\ntitle: A\ndescription: B\nupdated: 2026-11-22\n---\nText.\n\n`{bomb}`\n"
    )

    done = command(project, "check")
    assert done.returncode == 1
    assert "content/en/index.md:8: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_number_that_no_character_has_stops_nothing(project: Project) -> None:
    """A character reference with thousands of digits is plain text in a page, and a problem in a link."""
    digits = "9" * 5000
    page = f"---\ntitle: A\ndescription: B\nupdated: 2026-11-22\n---\nText &#{digits}; and `&#{digits};`.\n"
    project.write("content/en/index.md", page)
    assert command(project, "check", "--at", NOON).returncode == 0

    project.write("content/en/index.md", f"{page}\n[Link](https://&#{digits};.test/a)\n")
    done = command(project, "check", "--at", NOON)
    assert done.returncode == 1
    assert done.stderr.startswith("content/en/index.md:")
    assert "Traceback" not in done.stderr
