"""`archive` makes one WARC file with all responses of the public address, or none."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from site_src.archive import capture
from site_src.archive.addresses import ArchivedSite, find_circle, first_addresses
from site_src.archive.warc import Recorder
from site_src.archive.warc_records import read_records
from site_src.publish.gzip_twins import is_twin
from site_src.publish.journal import lines
from site_src.publish.manifest import digest
from tests.support.archived import Reply, Shown, showing
from tests.support.origin import hanging
from tests.support.project import make_project
from tests.support.published import Target
from tests.support.quota_desk import desk


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """A published site with a moved page, and its server."""
    folder = tmp_path_factory.mktemp("archive")
    target = Target(desk(make_project(folder / "project")), folder / "www")
    target.published()
    with showing(target) as shown:
        yield shown


@pytest.fixture
def shown(site: Shown) -> Iterator[Shown]:
    """The server, with no WARC files in its archive folder."""
    for file in site.folder.glob("*.warc") if site.folder.is_dir() else ():
        file.unlink()
    site.asked.clear()
    yield site
    site.instead = lambda _: None


def records(file: Path) -> list[tuple[str, dict[str, str], Any, bytes]]:
    """Returns the type, headers, HTTP headers and payload of each record in the file. warcio checks every digest."""
    with file.open("rb") as stream:
        return [
            (r.rec_type, dict(r.rec_headers.headers), r.http_headers, r.content_stream().read())
            for r in ArchiveIterator(stream, check_digests="raise")
        ]


def test_every_file_of_the_release_is_recorded_byte_for_byte(shown: Shown) -> None:
    """Pages, assets, JSON, feeds, calendars and embeds are recorded with the bytes of the release.

    Each one is recorded uncompressed and compressed.
    """
    made = shown.archived()
    found: dict[str, set[str]] = {}
    for record in read_records(made):
        if record.status == 200:
            found.setdefault(record.url.removeprefix(f"{shown.address}/"), set()).add(record.digest)
    manifest = shown.target.manifest
    expected = {
        path.removesuffix("index.html"): {about.sha256}
        for path, about in manifest.files.items()
        if not is_twin(path) and not path.startswith("_") and not path.endswith("404.html")
    }
    assert {
        "en/japan/",
        "en/japan/feed.xml",
        "en/japan/calendar.ics",
        "embed/en/japan.html",
    } <= expected.keys()
    assert {place: found[place] for place in expected} == expected


def test_redirects_and_missing_pages_are_recorded_too(shown: Shown) -> None:
    """The responses for moved and missing addresses are recorded.

    A redirect is followed within this site, but not to a different site.
    """
    answers: dict[str, Reply] = {
        "/old/": (301, {"Location": "/en/japan/"}, b""),
        "/away/": (302, {"Location": "https://elsewhere.example/page"}, b""),
        "/robots.txt": (200, {"Content-Type": "text/html"}, b'<a href="/old/">x</a> <a href="/away/">y</a>'),
    }
    shown.instead = answers.get
    status = {
        record.url.removeprefix(shown.address): record.status for record in read_records(shown.archived(5))
    }

    assert (status["/old/"], status["/away/"], status["/en/japan/"]) == (301, 302, 200)
    assert status["/no-such-page/"] == status["/nl/no-such-page/"] == 404
    assert {host for _, host in shown.asked} == {shown.address.removeprefix("http://")}


def test_each_record_is_as_the_standard_and_the_guideline_ask(shown: Shown) -> None:
    """The file is WARC/1.1 and has pairs of request and response, and a warcinfo record with its fields.

    Each record refers to the warcinfo record and has digests.
    """
    made = shown.archived()
    assert made.read_bytes().count(b"WARC/1.1\r\nWARC-") == len(records(made))
    (kind, info, _, text), *others = records(made)
    assert kind == "warcinfo"
    fields = dict(line.split(": ", 1) for line in text.decode().splitlines())
    assert {"software", "format", "conformsTo", "operator", "robots", "isPartOf"} <= fields.keys()
    assert fields["format"] == "WARC File Format 1.1"
    ids = {headers["WARC-Record-ID"] for kind, headers, _, _ in others if kind in ("response", "revisit")}
    asked = [headers for kind, headers, _, _ in others if kind == "request"]
    assert {headers["WARC-Concurrent-To"] for headers in asked} == ids
    for _, headers, _, _ in others:
        assert headers["WARC-Warcinfo-ID"] == info["WARC-Record-ID"]
        assert headers["WARC-Block-Digest"].startswith("sha256:")
        assert headers["WARC-Payload-Digest"].startswith("sha256:")
    packed = next(http for kind, _, http, _ in others if http.get_header("X-Orig-Content-Encoding"))
    assert packed.get_header("X-Orig-Content-Encoding") == "gzip"
    assert packed.get_header("Content-Encoding") is None


def test_unchanged_answers_are_revisits_of_the_first_record(shown: Shown) -> None:
    """The second and third archive store unchanged responses as references to the first archive.

    A changed page is stored in full, with the digest of its new payload.
    """
    first = shown.archived()
    time.sleep(0.01)
    second, third = shown.archived(), shown.archived()
    dates = {record.date for record in read_records(first)}
    for file in (second, third):
        found = [record for record in read_records(file) if record.status == 200]
        assert all(record.refers_to and record.refers_to[1] in dates for record in found)
        assert file.stat().st_size < first.stat().st_size
    changed: dict[str, Reply] = {"/en/japan/": (200, {"Content-Type": "text/html"}, b"changed")}
    shown.instead = changed.get
    (whole, packed) = [
        record for record in read_records(shown.archived(5)) if record.url.endswith("/en/japan/")
    ]
    assert (whole.payload, whole.digest) == (b"changed", digest(b"changed"))
    assert packed.refers_to == (whole.url, whole.date)


def test_a_broken_archive_before_it_does_no_harm(shown: Shown) -> None:
    """If the previous WARC file cannot be read, every response is written in full, and a message says so."""
    first = shown.archived()
    first.write_bytes(first.read_bytes()[:5000].replace(b"WARC/1.1", b"WARC/x.x"))
    done = shown.archive()

    assert done.returncode == 0
    assert "every response is written in full" in done.stderr


def test_the_journal_names_the_file_and_its_digest(shown: Shown) -> None:
    """The journal gets a line with the release and with the name and SHA-256 of the file.

    The line is part of the chain.
    """
    made = shown.archived()
    entry = shown.target.journal()[-1]

    assert (entry["action"], entry["release"]) == ("archive", shown.target.name)
    assert (entry["warc"], entry["sha256"]) == (made.name, digest(made.read_bytes()))
    assert all(not isinstance(line, int) and line.unbroken for line in lines(shown.target.folder))
    assert shown.target.name in made.name


def test_another_answer_than_that_of_the_release_is_archived_and_reported(shown: Shown) -> None:
    """If a response differs from the release, the WARC file contains the response.

    The command names the address and exits with 5.
    """
    wrong: dict[str, Reply] = {"/en/japan/": (500, {"Content-Type": "text/html"}, b"broken")}
    shown.instead = wrong.get
    done = shown.archive()

    assert done.returncode == 5
    assert f"{shown.address}/en/japan/: the response has the status 500" in done.stderr
    hidden = (shown.target.folder / "current/hidden" / "en/south-korea/index.html").read_bytes()
    shown.instead = lambda path: (200, {}, hidden) if path == "/en/south-korea/" else None
    assert "en/south-korea/: the response is the file of the hidden tree" in shown.archive().stderr


def test_without_a_known_release_the_site_itself_names_its_addresses(shown: Shown, tmp_path: Path) -> None:
    """Without a known release, every page and file of the site is found through the responses.

    This holds even if they contain a different base URL.
    """
    (shown.target.project.root / "local.yaml").rename(tmp_path / "local.yaml")
    try:
        done = shown.archive(shown.address, str(tmp_path / "warc"))
    finally:
        (tmp_path / "local.yaml").rename(shown.target.project.root / "local.yaml")
    assert done.returncode == 0, done.stderr
    (made,) = (tmp_path / "warc").glob("*.warc")
    found = {
        record.url.removeprefix(f"{shown.address}/") for record in read_records(made) if record.status == 200
    }
    expected = {
        path.removesuffix("index.html")
        for path in shown.target.manifest.files
        if not is_twin(path) and not path.startswith("_") and not path.endswith("404.html")
    }
    assert expected <= found


def nothing_is_there(shown: Shown) -> bool:
    """Returns whether the archive folder has no file except its lock."""
    return {file.name for file in shown.folder.glob("*")} <= {"archive.lock"}


def test_redirects_in_a_circle_are_named(shown: Shown) -> None:
    """If redirects form a loop, the command exits with 1 and one message.

    No WARC file is written, and the journal records the failure.
    """
    circle: dict[str, Reply] = {
        "/en/japan/": (302, {"Location": "/en/other/"}, b""),
        "/en/other/": (302, {"Location": "/en/japan/"}, b""),
    }
    shown.instead = circle.get
    done = shown.archive()

    assert done.returncode == 1
    assert re.fullmatch(r"NOT ARCHIVED\. Redirects form a loop: .*/en/.* → .*/en/.* → .*\n", done.stderr)
    assert nothing_is_there(shown)
    assert (shown.target.journal()[-1]["result"], "loop" in shown.target.journal()[-1]["why"]) == (
        "failed",
        True,
    )


def test_a_dead_server_is_named(shown: Shown) -> None:
    """If the server is dead, the command exits with 1, names the address, and writes no WARC file."""
    done = shown.archive("http://127.0.0.1:9")

    assert done.returncode == 1
    assert re.match(r"NOT ARCHIVED\. http://127\.0\.0\.1:9/\S* cannot be fetched \(.*refused", done.stderr)
    assert nothing_is_there(shown)


@pytest.mark.parametrize(
    "trickle", [b"", b"HTTP/1.1 200 OK\r\nX: y", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nx"]
)
def test_a_server_that_never_ends_its_answer_is_given_up(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, trickle: bytes
) -> None:
    """Whatever the server sends, the command exits with 1 soon after the time limit for a response, and writes no file."""
    monkeypatch.setattr(capture, "ANSWER_SECONDS", 0.2)
    with hanging(trickle) as server:
        begun = time.monotonic()
        done = shown.archive(server.address)
    assert time.monotonic() - begun < 20
    assert done.returncode == 1
    assert "no complete response in time" in done.stderr
    assert nothing_is_there(shown)


def test_a_full_disk_leaves_nothing_half_written(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full after some records, the command exits with 1 and gives the reason.

    No part of the WARC file is left.
    """
    before, add = shown.archived(), Recorder.add
    count = iter(range(10_000))

    def fill(self: Recorder, exchange: Any) -> bool:
        if next(count) == 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return add(self, exchange)

    monkeypatch.setattr(Recorder, "add", fill)
    done = shown.archive()

    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert {file.name for file in shown.folder.iterdir()} == {"archive.lock", before.name}


def test_what_a_killed_archive_left_is_removed(shown: Shown) -> None:
    """The next archive removes the partial file that a killed archive left under its temporary name."""
    shown.archived()
    (shown.folder / ".unfinished-quotabord-1.warc").write_bytes(b"half")
    shown.archived()

    assert not list(shown.folder.glob(".unfinished*"))


@pytest.mark.parametrize(("limit", "value"), [("MAX_ADDRESSES", 20), ("MAX_BYTES", 20_000)])
def test_a_site_without_end_is_given_up(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    """If a site has more addresses or bytes than the limit, the command exits with 1 and writes no file."""
    monkeypatch.setattr(capture, limit, value)
    done = shown.archive()

    assert done.returncode == 1
    assert "has more than" in done.stderr
    assert nothing_is_there(shown)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ftp://host", "x"], "is not an address"),
        (["http://127.0.0.1:1", "missing/x"], "is not a folder. Make it first"),
        (["http://127.0.0.1:1", "build.py"], "is not a folder. Name a different path"),
        (["--release", "99"], "has no release 99"),
    ],
)
def test_wrong_use_is_explained(shown: Shown, words: list[str], message: str) -> None:
    """Wrong use exits with 2 and writes nothing."""
    done = shown.archive(*words)

    assert done.returncode == 2
    assert message in done.stderr
    assert nothing_is_there(shown)


def test_without_warcio_it_says_what_to_install(shown: Shown) -> None:
    """Without warcio, the command prints how to install the extra. No other command imports warcio."""
    code = "import sys; sys.modules['warcio'] = None; from pathlib import Path; from site_src.cli import main; sys.exit(main(sys.argv[1:], Path.cwd()))"
    done = subprocess.run(
        [sys.executable, "-c", code, "archive"],
        cwd=shown.target.project.root,
        env=shown.target.project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "make extra-archive" in done.stderr


def test_only_addresses_of_the_site_are_its_own() -> None:
    """No request goes to a different host, port or scheme, even if the other host's name begins with the site's."""
    site = ArchivedSite("https://site.example")
    site.learn_base(b"User-agent: *\nSitemap: https://public.example/sitemap.xml\n")
    page = "https://site.example/en/"
    links = {
        "/nl/": "https://site.example/nl/",
        "japan/#part": "https://site.example/en/japan/",
        "https://public.example/en/": "https://site.example/en/",
        "https://site.example.evil.example/": None,
        "https://site.example:444/": None,
        "http://site.example/": None,
        "//other.example/": None,
        "mailto:a@b.example": None,
        "http://[": None,
        "/{id}.json": None,
    }
    assert {link: site.resolve(link, page) for link in links} == links


def test_a_circle_is_found_wherever_it_begins() -> None:
    """A loop of redirects is found even if other addresses lead into it. A chain that ends is not a loop."""
    assert find_circle([("a", "b"), ("b", "c"), ("c", "b")]) == ["b", "c", "b"]
    assert find_circle([("a", "a")]) == ["a", "a"]
    assert find_circle([("a", "b"), ("b", "c")]) == []


def test_the_redirects_of_the_release_are_asked_for() -> None:
    """Each old path in _redirects is requested."""
    assert "https://x.example/old/" in first_addresses("https://x.example", None, "# text\n/old/ /new/ 301\n")
