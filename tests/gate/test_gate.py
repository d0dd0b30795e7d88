"""The gate finds a leak in every kind of file, and derives from the inputs which addresses must not leak."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from site_src.gate.demands import expect
from site_src.gate.expectation import Expectation
from site_src.gate.gate import GateRefused
from site_src.gate.judge import Refusal
from tests.support.building import build_site, read_inputs, verify
from tests.support.project import NOON, Project, at, make_project

JAPAN = "https://start.request.test/japan/en"
KOREA = "https://start.request.test/south-korea/en"
# Each kind of file in the small site, and some kinds that it could have.
FILES = {
    "home": "en/index.html",
    "closed-programme": "en/japan/index.html",
    "open-programme": "nl/south-korea/index.html",
    "status": "nl/status/index.html",
    "language-choice": "index.html",
    "not-found": "en/404.html",
    "style-sheet": "assets/style.*.css",
    "icon": "assets/icon.*.svg",
    "json": "api/v1/programmes.json",
    "feed": "en/japan/feed.xml",
    "calendar": "en/japan/calendar.ics",
    "redirects": "_redirects",
    "headers": "_headers",
    "sitemap": "sitemap.xml",
    "robots": "robots.txt",
    "security": ".well-known/security.txt",
    "moved-page": "en/old-japan/index.html",
    "not-found-anywhere": "404.html",
    "packed-twin": "en/index.html.gz",
    "unknown": "assets/picture.xyz",
    "like-a-planted-one": "canary/0.plain",
}
LEAKS = {
    "link": f'<p><a href="{JAPAN}">Ask</a></p>'.encode(),
    "text": JAPAN.encode(),
    "comment": f"<!-- {JAPAN} -->".encode(),
    "json": b'{"a":"' + JAPAN.replace("/", "\\/").encode() + b'"}',
    "base64": base64.b64encode(JAPAN.encode()),
    "host-only": b"start.request.test",
}


@dataclass(frozen=True)
class Case:
    """The files of the small site, and what the gate expects of them."""

    files: Mapping[str, bytes]
    expected: Expectation

    def path(self, pattern: str) -> str:
        """Returns the path of the file that matches the pattern, because names of assets contain a hash."""
        start, _, end = pattern.partition("*")
        return next(
            (path for path in self.files if "*" in pattern and path.startswith(start) and path.endswith(end)),
            pattern,
        )

    def refused(self, path: str, data: bytes) -> list[Refusal]:
        """Returns the gate's refusals of the site with this file in it. Fails if one is about a different file."""
        with pytest.raises(GateRefused) as refused:
            verify({**self.files, path: data}, self.expected)
        assert {refusal.path for refusal in refused.value.refusals} == {path}
        return list(refused.value.refusals)

    def accepted(self, path: str, data: bytes) -> None:
        """Fails if the gate refuses the site with this file in it."""
        verify({**self.files, path: data}, self.expected)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The small site at NOON: Japan closed, South Korea open."""
    return case_of(make_project(tmp_path_factory.mktemp("gate") / "project"))


def case_of(project: Project) -> Case:
    """Returns the project's files at NOON, and what the gate expects of them."""
    inputs = read_inputs(project.root)
    return Case(build_site(inputs, at(NOON)).files, expect(inputs, at(NOON)))


def test_the_site_as_it_is_passes(case: Case) -> None:
    """The gate accepts a correct site, so the refusals in the tests below are caused by the changes."""
    verify(case.files, case.expected)
    assert case.expected.closed == {"japan": (JAPAN, JAPAN.replace("/en", "/nl"))}
    assert set(case.expected.pages) == {
        place.format(code=code, id=id)
        for place in ("{code}/{id}/index.html", "embed/{code}/{id}.html")
        for code in ("en", "nl")
        for id in ("japan", "south-korea")
    }
    assert {case.path(pattern) for pattern in FILES.values()} & set(case.files) >= {
        "en/404.html",
        "index.html",
    }


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("kind", FILES)
def test_a_leak_is_refused_in_every_kind_of_file(case: Case, kind: str, leak: str) -> None:
    """The gate refuses a closed programme's address in a file of any kind.

    It names the file, the programme and the text around the address.
    """
    path = case.path(FILES[kind])
    data = case.files.get(path, b"Something\n") + b"\nWords before " + LEAKS[leak] + b" and words behind\n"
    if path.endswith(".gz"):
        data = gzip.compress(data)

    about = [refusal for refusal in case.refused(path, data) if refusal.programme == "japan"]
    assert about
    for refusal in about:
        assert str(refusal).startswith(
            f"{path}: japan: shows the conversation starter, which must be hidden now: "
        )
        assert "start.request.test" in refusal.message


def test_a_leak_in_a_name_of_a_file_is_refused(case: Case) -> None:
    """The gate refuses a closed programme's address in the name of a file, because names are published too."""
    assert [refusal.programme for refusal in case.refused("go/start.request.test%2Fjapan%2Fen", b"x")] == [
        "japan"
    ]


def test_every_leak_is_named_at_once(case: Case) -> None:
    """The gate names every file that leaks in one run, sorted, and each file once."""
    paths = [path for path in case.files if path.endswith(".html")]
    with pytest.raises(GateRefused) as refused:
        verify(
            {path: data + JAPAN.encode() if path in paths else data for path, data in case.files.items()},
            case.expected,
        )

    leaks = [refusal.path for refusal in refused.value.refusals if refusal.programme == "japan"]
    assert leaks == sorted(paths)
    assert len(leaks) > 10


def test_an_address_of_a_closed_programme_in_another_language_is_refused(case: Case) -> None:
    """The gate refuses a closed programme's address for any language on every page."""
    assert case.refused("en/index.html", case.files["en/index.html"] + JAPAN.replace("/en", "/nl").encode())


def test_with_both_programmes_open_each_address_has_its_place(case: Case, project: Project) -> None:
    """An open programme's address is accepted on its own pages and in the JSON files, and refused everywhere else."""
    project.set_log("japan", "open 2026-04-01 00:00")
    open_case = case_of(project)

    open_case.accepted("en/japan/index.html", open_case.files["en/japan/index.html"] + JAPAN.encode())
    assert case.refused("en/japan/index.html", case.files["en/japan/index.html"] + JAPAN.encode())
    for path in (
        "list.txt",
        "en/south-korea/index.html",
        "en/japan/feed.xml",
        "embed/en/japan.html",
        "index.html",
    ):
        before = open_case.files.get(path, b"")
        reasons = map(str, open_case.refused(path, before + JAPAN.encode()))
        assert any("may be only on that programme's own pages" in reason for reason in reasons)


def test_with_no_programme_open_the_site_passes(project: Project) -> None:
    """If no programme is open, the gate accepts the site without any link."""
    project.set_log("south-korea", "suspended 2026-01-01 00:00")
    closed_case = case_of(project)

    assert closed_case.expected.open == {}
    verify(closed_case.files, closed_case.expected)


def test_a_page_that_is_missing_is_refused(case: Case) -> None:
    """The gate refuses a site without a programme's page, because an old page could stay in its place."""
    files = {path: data for path, data in case.files.items() if path != "nl/south-korea/index.html"}
    with pytest.raises(GateRefused) as refused:
        verify(files, case.expected)

    assert str(refused.value) == "nl/south-korea/index.html: is missing from the files."


def test_the_own_host_is_no_foreign_one(case: Case) -> None:
    """The gate accepts links to the site's own host. If the site moves to a different host, it refuses links to the old one."""
    with pytest.raises(GateRefused) as refused:
        verify(case.files, replace(case.expected, own_host="other.test"))

    assert {refusal.message for refusal in refused.value.refusals} == {
        'leads to small.test, which is not in "outbound_hosts" of content/site.yaml.'
    }
