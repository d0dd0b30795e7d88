"""The text of the files in deploy/nginx/ agrees with the table of headers, and the script writes the redirects."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from site_src.render.headers import COMMON_HEADERS, OTHER, PATH_CLASSES
from tests.support.hosted_sites import SECURITY_REDIRECT, hosted_site
from tests.support.project import NOON
from tests.support.web_server import DEPLOYED, run_redirects

HTTP = (DEPLOYED / "http.conf").read_text(encoding="utf-8")
SERVER = (DEPLOYED / "server.conf").read_text(encoding="utf-8")
# The answers of nginx itself (ready.conf) are not published paths, so they are not in the table.
REPORT = ("~^/-/", "report")
HEADERS = sorted({name for row in PATH_CLASSES for name in row.headers})


def read_map(variable: str) -> list[tuple[str, str]]:
    """Returns the entries of a `map` in http.conf, in order and without quotes, as pattern and value."""
    body = re.search(
        rf"^map \$\w+ \$quotabord_{variable} {{\n    volatile;\n(.*?)^}}", HTTP, re.MULTILINE | re.DOTALL
    )
    assert body, variable
    entries = [re.fullmatch(r"    (\S+) (.+);", line) for line in body[1].splitlines()]
    assert all(entries), variable
    return [(entry[1].strip('"'), entry[2].strip('"')) for entry in entries if entry]


def test_each_class_has_its_pattern() -> None:
    """http.conf has the patterns of the table in the same order, so each path gets the same class."""
    rows = [(f"~^/{row.pattern}$", row.name) for row in PATH_CLASSES]
    assert read_map("class") == [("default", OTHER.name), *rows, REPORT]


@pytest.mark.parametrize("header", HEADERS)
def test_each_header_has_its_values(header: str) -> None:
    """http.conf gives each header the value that the table has for the class, and server.conf sends the header."""
    variable = header.lower().replace("-", "_")
    values = dict(read_map(variable))
    usual = values.pop("default")
    assert values.pop(REPORT[1], "no-store") == "no-store"

    for row in (*PATH_CLASSES, OTHER):
        assert values.get(row.name, usual) == row.headers.get(header, ""), row.name
    assert set(values) <= {row.name for row in PATH_CLASSES}
    assert f"\nadd_header {header} $quotabord_{variable} always;\n" in SERVER


def test_no_header_is_sent_that_the_table_does_not_have() -> None:
    """server.conf sends the headers of the table and the common headers with their values, and no others."""
    sent = dict(re.findall(r"^ *add_header (\S+) (.+) always;$", SERVER, re.MULTILINE))
    assert len(re.findall("add_header", SERVER)) == len(sent)
    assert sent.keys() == {*HEADERS, *COMMON_HEADERS}
    assert {name: sent[name].strip('"') for name in COMMON_HEADERS} == COMMON_HEADERS


def test_each_class_has_its_type() -> None:
    """server.conf has a location for each class, with its type and charset, in the table's order.

    It compresses every type except pictures.
    """
    found = re.findall(
        r'^location ~ "\^/(.+)\$" { (internal; )?types { } default_type (\S+); charset (\S+); }$',
        SERVER,
        re.MULTILINE,
    )
    assert found == [
        (row.pattern, "internal; " * (row.name == "not-found"), row.media_type, row.charset or "off")
        for row in PATH_CLASSES
    ]
    packed = re.search(r"^gzip_types (.+);$", SERVER, re.MULTILINE)
    assert packed
    pictures = {"image/jpeg", "image/png", "image/webp"}  # Pictures are compressed already.
    assert {*packed[1].split(), "text/html"} == {row.media_type for row in PATH_CLASSES} - pictures


def test_the_redirects_of_a_site(tmp_path: Path) -> None:
    """The script redirects each old address with and without the slash, and as index.html. It also redirects security.txt."""
    project = hosted_site(tmp_path / "project", SECURITY_REDIRECT)
    assert project.run("build", "--at", NOON).returncode == 0
    done = run_redirects(project.root / "dist/_redirects", made := tmp_path / "redirects.conf")

    assert (done.returncode, done.stdout) == (0, f"{made}\n")
    _, *lines = made.read_text(encoding="utf-8").splitlines()
    assert lines == [
        f'location = /{language}/{old}{end} {{ return 301 "/{language}/japan/"; }}'
        for old in ("guides/japan", "whp-japan")
        for language in ("en", "nl")
        for end in ("/", "/index.html", "")
    ] + [
        'location = /.well-known/security.txt { return 302 "https://ind.nl/.well-known/security.txt"; }',
    ]


def test_a_dollar_sign_is_no_variable_of_nginx(tmp_path: Path) -> None:
    """If an address contains a dollar sign, the script writes it so that nginx does not take it for a variable."""
    (tmp_path / "_redirects").write_text("/a https://ind.nl/$host;x 302\n", encoding="utf-8")
    assert run_redirects(tmp_path / "_redirects", tmp_path / "made").returncode == 0
    assert '{ return 302 "https://ind.nl/%24host;x"; }' in (tmp_path / "made").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "/a /b",
        "/a /b 200",
        "/a /b 301 302",
        "a /b 301",
        '/a /b";return 301',
        "/a /b\\ 301",
        "/a; /b 301",
        "/a{ /b 301",
        "/a$b /b 301",
        "/é /b 301",
        "/a javascript:1 301",
        "/a  /b 301",
    ],
)
def test_what_is_no_redirect_is_refused(tmp_path: Path, line: str) -> None:
    """If a line is not a redirect, the script names its number and exits with 1.

    The file that nginx uses stays unchanged.
    """
    (tmp_path / "_redirects").write_text(f"# Old\n/x /y 301\n{line}\n", encoding="utf-8")
    (tmp_path / "made").write_text("as before", encoding="utf-8")
    done = run_redirects(tmp_path / "_redirects", tmp_path / "made")

    assert done.returncode == 1
    assert "_redirects:3: " in done.stderr
    assert (tmp_path / "made").read_text(encoding="utf-8") == "as before"


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    """If the file of redirects or the folder for the result is missing, the script exits with 1.

    If an argument is missing, it exits with 2.
    """
    (tmp_path / "_redirects").write_text("/x /y 301\n", encoding="utf-8")

    missing = run_redirects(tmp_path / "dist/_redirects", tmp_path / "made")
    assert (missing.returncode, missing.stderr) == (
        1,
        f"{tmp_path}/dist/_redirects: No such file or directory.\n",
    )
    nowhere = run_redirects(tmp_path / "_redirects", tmp_path / "etc/made")
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert run_redirects(tmp_path / "_redirects").returncode == 2
    assert not (tmp_path / "made").exists()
