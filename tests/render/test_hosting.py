"""The table of headers covers every published file, and `_headers` agrees with the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from site_src.render.headers import COMMON_HEADERS, OTHER, PATH_CLASSES, PathClass, class_of, headers_of
from tests.support.building import build_site, read_inputs
from tests.support.hosted_sites import FORESEEN, SECURITY_REDIRECT, hosted_site
from tests.support.project import NOON, at
from tests.support.real_site import copy_of_repository

STATE = "public, max-age=0, must-revalidate, s-maxage=5"


def policy(path: str) -> dict[str, str]:
    """Maps each directive of a path's Content-Security-Policy to its values."""
    directives = headers_of(path)["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


@pytest.mark.parametrize("row", [*PATH_CLASSES, OTHER], ids=lambda row: row.name)
def test_every_class_is_closed(row: PathClass) -> None:
    """Each class of paths has the common headers, and its policy forbids everything that its files do not need."""
    headers = row.all_headers
    directives = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))

    assert COMMON_HEADERS.items() <= headers.items()
    assert directives.pop("frame-ancestors") in ("'none'", "*")
    assert directives == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    age = re.fullmatch(r"max-age=(\d+).*", headers["Strict-Transport-Security"])
    assert age
    assert int(age[1]) >= 31536000


def test_only_the_embedded_notice_may_be_framed() -> None:
    """Only paths below /embed/ may be framed by other sites (`frame-ancestors *`)."""
    assert policy("embed/en/japan.html")["frame-ancestors"] == "*"
    assert "X-Frame-Options" not in headers_of("embed/en/japan.html")
    for path in (
        "index.html",
        "en/embed/index.html",
        "en/embed.html",
        "api/v1/embed.json",
        "x/embed/en/a.html",
    ):
        assert policy(path)["frame-ancestors"] == "'none'"
        assert headers_of(path)["X-Frame-Options"] == "DENY"


def test_only_the_state_for_machines_may_be_read_by_scripts_of_others() -> None:
    """Only the JSON files may be read by scripts of other sites (`Access-Control-Allow-Origin`)."""
    shared = {row.name for row in PATH_CLASSES if "Access-Control-Allow-Origin" in row.headers}
    assert shared == {"api"}


@pytest.mark.parametrize(
    ("path", "name", "content_type", "cache"),
    [
        ("index.html", "page", "text/html; charset=utf-8", STATE),
        ("en/index.html", "page", "text/html; charset=utf-8", STATE),
        ("en/guides/money/index.html", "page", "text/html; charset=utf-8", STATE),
        ("404.html", "not-found", "text/html; charset=utf-8", STATE),
        ("ko/404.html", "not-found", "text/html; charset=utf-8", STATE),
        ("assets/style.0123456789ab.css", "style", "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        ("assets/icon.0123456789ab.svg", "icon", "image/svg+xml; charset=utf-8", "public, max-age=31536000, immutable"),
        ("api/v1/programmes.json", "api", "application/json", STATE),
        ("api/v1/programmes/japan.json", "api", "application/json", STATE),
        ("api/v1/openapi.json", "api", "application/json", STATE),
        ("ja/japan/feed.xml", "feed", "application/atom+xml; charset=utf-8", STATE),
        ("ja/japan/calendar.ics", "calendar", "text/calendar; charset=utf-8", STATE),
        ("embed/ja/japan.html", "embed", "text/html; charset=utf-8", STATE),
        ("sitemap.xml", "sitemap", "application/xml; charset=utf-8", "public, max-age=3600"),
        ("robots.txt", "robots", "text/plain; charset=utf-8", "public, max-age=3600"),
        (".well-known/security.txt", "security", "text/plain; charset=utf-8", "public, max-age=3600"),
        ("release.json", "release", "application/json", STATE),
        ("assets/script.js", "other", "application/octet-stream", STATE),
        ("index.html.bak", "other", "application/octet-stream", STATE),
        ("", "other", "application/octet-stream", STATE),
    ],
)  # fmt: skip
def test_the_class_of_a_path(path: str, name: str, content_type: str, cache: str) -> None:
    """Each path has the expected class, content type and caching. A file of unknown type is served as bytes."""
    assert class_of(path).name == name
    assert (headers_of(path)["Content-Type"], headers_of(path)["Cache-Control"]) == (content_type, cache)


def test_every_published_file_is_foreseen(tmp_path: Path) -> None:
    """Every published file has a class in the table, except `_headers` and `_redirects`."""
    for project in (copy_of_repository(tmp_path / "real"), hosted_site(tmp_path / "small")):
        paths = build_site(read_inputs(project.root), at(NOON)).files
        unknown = {path for path in paths if class_of(path) is OTHER}
        assert unknown == {"_headers", "_redirects"}


def test_no_value_can_break_out_of_a_configuration() -> None:
    """No header's value contains a character that has a meaning in a host's configuration file."""
    values = {value for row in (*PATH_CLASSES, OTHER) for value in row.all_headers.values()}
    assert len(values) > 10
    assert [value for value in values if re.search(r'["$\\{}\n\r]', value) or not value.isascii()] == []


def rules(text: str) -> list[tuple[str, dict[str, str]]]:
    """Returns the path and headers of each rule in a `_headers` file."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if line.startswith("/"):
            found.append((line, {}))
        elif line:
            named = re.fullmatch(r"  ([A-Za-z-]+): (\S.*)", line)
            assert named, line
            assert len(line) <= 2000
            assert named[1] not in found[-1][1]
            found[-1][1][named[1]] = named[2]
    return found


def matches(place: str, path: str) -> bool:
    """Returns True if a host applies the rule to the path. `*` matches anything, and `:name` matches one part of the path."""
    pattern = "".join(
        ".*" if piece == "*" else "[^/]+" if piece.startswith(":") else re.escape(piece)
        for piece in re.split(r"(\*|:[a-z]+)", place)
    )
    return bool(re.fullmatch(pattern, path))


@pytest.mark.parametrize("folder", ["", "/whp"])
def test_headers_file_says_what_the_table_says(tmp_path: Path, folder: str) -> None:
    """If a host adds up all rules for a path, `_headers` gives each file the headers of the table.

    No header is given twice, and there are not more rules than hosts allow.
    """
    project = hosted_site(tmp_path / "project")
    files = build_site(read_inputs(project.root), at(NOON), f"https://small.test{folder}").files
    found = rules(files["_headers"].decode())
    assert len(found) <= 100  # This is the smallest limit of a known host.

    for path in {*files, *FORESEEN} - {"_headers", "_redirects"}:
        asked = f"{folder}/{path.removesuffix('index.html')}"
        fitting = [headers for place, headers in found if matches(place, asked)]
        names = [name for headers in fitting for name in headers]
        assert len(names) == len(set(names)), f"{asked}: a header twice"
        together = {name: value for headers in fitting for name, value in headers.items()}
        expected = headers_of(path)
        if "Content-Type" not in together:
            assert re.search(r"\.(html|css|svg|json)$", path), "a host would not know this type"
            del expected["Content-Type"]
        assert together == expected, asked


def test_redirects_file(tmp_path: Path) -> None:
    """`_redirects` has a line for each old address in each language, with the site's folder if there is one."""
    project = hosted_site(tmp_path / "project", SECURITY_REDIRECT)
    files = build_site(read_inputs(project.root), at(NOON), "https://small.test/whp").files

    about, *lines = files["_redirects"].decode().splitlines()
    assert about.startswith("# ")
    assert all(re.fullmatch(r"/\S+ \S+ 30[12]", line) for line in lines)
    assert lines == [
        f"/whp/{language}/{old}{slash} /whp/{language}/japan/ 301"
        for old in ("guides/japan", "whp-japan")
        for language in ("en", "nl")
        for slash in ("/", "")
    ] + ["/whp/.well-known/security.txt https://ind.nl/.well-known/security.txt 302"]
