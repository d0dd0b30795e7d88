"""A real nginx with the files of deploy/nginx/ serves a real build with the status, headers and types of the table."""

from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_src.publish.lease import FAR_FUTURE, make_lease, renew_lease
from site_src.render.headers import COMMON_HEADERS, OTHER, PATH_CLASSES, headers_of
from tests.support.hosted_sites import FORESEEN, SECURITY_REDIRECT, hosted_site, with_pictures
from tests.support.project import NOON
from tests.support.web_server import (
    NGINX,
    NJS,
    PLAIN,
    Answer,
    WebServer,
    configured,
    free_port,
    made_redirects,
    running,
)

pytestmark = [
    pytest.mark.nginx,
    pytest.mark.skipif(not NGINX, reason="nginx is not installed: apt-get install nginx-light"),
]
OWN_HEADERS = {name for row in PATH_CLASSES for name in row.headers} | {*COMMON_HEADERS}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with at least one file of each class: files are added for the classes that the build lacks."""
    project = with_pictures(hosted_site(tmp_path_factory.mktemp("nginx") / "project"))
    assert project.run("build", "--at", NOON).returncode == 0
    for path in FORESEEN:
        if not (project.root / "dist" / path).exists():
            project.write(f"dist/{path}", f"planted: {path}\n")
    return project.root / "dist"


@pytest.fixture(scope="module")
def server(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """An nginx with the redirects of the site."""
    folder = tmp_path_factory.mktemp("etc")
    port = free_port()
    main_file = configured(folder, PLAIN.format(port=port, root=site), made_redirects(site, folder))
    with running(main_file, port) as started:
        yield started


@pytest.fixture(scope="module")
def bare_server(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """An nginx with only the committed files, without redirects."""
    port = free_port()
    main_file = configured(tmp_path_factory.mktemp("etc"), PLAIN.format(port=port, root=site))
    with running(main_file, port) as started:
        yield started


def own_headers(answer: Answer) -> dict[str, str]:
    """Returns the response's headers that the table contains. Fails if one was sent twice."""
    for name in OWN_HEADERS:
        assert len(answer.headers.get_all(name, [])) <= 1, name
    return {name: answer.headers[name] for name in OWN_HEADERS if name in answer.headers}


def expected(path: str) -> dict[str, str]:
    """Returns the headers that the table gives a published path, except the type."""
    return {name: value for name, value in headers_of(path).items() if name != "Content-Type"}


def published(site: Path) -> list[str]:
    """Returns the paths that nginx should serve."""
    real = site.resolve()
    paths = [file.relative_to(real).as_posix() for file in real.rglob("*") if file.is_file()]
    return sorted(path for path in paths if path not in ("_headers", "_redirects"))


def test_each_published_file_has_the_headers_of_the_table(server: WebServer, site: Path) -> None:
    """nginx answers for every file with 200, its own bytes, its type and exactly the headers of the table.

    The files cover every class.
    """
    paths = [path for path in published(site) if not path.endswith("404.html")]
    moved = [path for path in paths if "whp-japan" in path or "guides/japan" in path]
    assert moved
    for path in set(paths) - {*moved}:
        answer = server.get("/" + path.removesuffix("index.html"))

        assert (answer.status, answer.headers["Content-Type"]) == (200, headers_of(path)["Content-Type"]), (
            path
        )
        assert own_headers(answer) == expected(path), path
        assert answer.body == (site / path).read_bytes()
    classes = {row.name for row in PATH_CLASSES if any(headers_of(path) == row.all_headers for path in paths)}
    assert classes == {row.name for row in PATH_CLASSES}


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/nothing", "404.html"),
        ("/fr/nothing/", "404.html"),
        ("/assets/", "404.html"),
        ("/assets/style.0123456789ab.css", "404.html"),
        ("/embed/en/france.html", "404.html"),
        ("/en/nothing", "en/404.html"),
        ("/nl/nothing/at/all/", "nl/404.html"),
        ("/nl/nothing.html", "nl/404.html"),
        ("/nl/france/feed.xml", "nl/404.html"),
        ("/en/404.html", "en/404.html"),
        ("/404.html", "404.html"),
        ("/_headers", "404.html"),
        ("/_redirects", "404.html"),
        ("/.git/config", "404.html"),
        ("/nl/.hidden", "nl/404.html"),
        ("/en/%2e%2e/nl/nothing", "nl/404.html"),
    ],
)
def test_what_is_not_there(server: WebServer, site: Path, path: str, page: str) -> None:
    """A missing address gets 404 and the error page of its language, with all headers.

    Caches do not keep it permanently.
    """
    answer = server.get(path)

    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert answer.body == (site / page).read_bytes()
    assert own_headers(answer) == expected(page)


@pytest.mark.parametrize("path", ["/en", "/nl/japan", "/nl/status"])
def test_the_slash_at_the_end_is_added(server: WebServer, path: str) -> None:
    """A page's address without its last slash redirects to the address with it, on any host and port, with all headers."""
    answer = server.get(path)

    assert (answer.status, answer.headers["Location"]) == (301, f"{path}/")
    assert own_headers(answer) == {**OTHER.headers, **COMMON_HEADERS}


@pytest.mark.parametrize("old", ["whp-japan", "guides/japan"])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_moved_pages(server: WebServer, bare_server: WebServer, language: str, old: str) -> None:
    """An old address redirects permanently to the new one.

    Without redirects, nginx serves the page at the old address, which links to the new one.
    """
    for path in (f"/{language}/{old}", f"/{language}/{old}/", f"/{language}/{old}/index.html"):
        answer = server.get(f"{path}?from=mail")

        assert (answer.status, answer.headers["Location"]) == (301, f"/{language}/japan/")
        assert "Content-Security-Policy" in answer.headers
        assert answer.headers["Cache-Control"] == headers_of("en/index.html")["Cache-Control"]
    assert f'href="/{language}/japan/"'.encode() in bare_server.get(f"/{language}/{old}/").body


def test_choice_of_language(server: WebServer) -> None:
    """The address `/` gives everyone the same page, whatever the reader's language."""
    answer = server.get("/", {"Accept-Language": "nl"})

    assert (answer.status, answer.headers["Location"]) == (200, None)
    assert b'href="/nl/"' in answer.body
    assert answer.body == server.get("/", {"Accept-Language": "ko"}).body


def test_errors_have_the_headers_too(server: WebServer) -> None:
    """nginx's own error responses have the headers too."""
    answer = server.get("/en/", method="POST")

    assert answer.status == 405
    assert COMMON_HEADERS.items() <= own_headers(answer).items()


def test_large_texts_are_packed_on_the_way(server: WebServer, site: Path) -> None:
    """Clients that accept compression get pages and style sheets compressed, with the same headers.

    The unpacked bytes are the published ones.
    """
    style = next(path for path in published(site) if path.endswith(".css"))
    for path in ("nl/japan/index.html", style, "sitemap.xml"):
        answer = server.get("/" + path.removesuffix("index.html"), {"Accept-Encoding": "gzip"})

        assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
        assert gzip.decompress(answer.body) == (site / path).read_bytes()
        assert own_headers(answer) == expected(path)


def test_a_change_of_state_is_seen_at_once(tmp_path: Path) -> None:
    """The first request after a closing gets no link, even if the reader has cached the page."""
    project = hosted_site(tmp_path / "project")
    project.set_log("japan", "open 2026-04-01 00:00")
    assert project.run("build", "--at", NOON).returncode == 0
    port = free_port()
    main_file = configured(tmp_path / "etc", PLAIN.format(port=port, root=project.root / "dist"))
    with running(main_file, port) as server:
        before = server.get("/en/japan/")
        assert b"start.request.test/japan" in before.body
        kept = {"If-None-Match": before.headers["ETag"], "If-Modified-Since": before.headers["Last-Modified"]}
        assert server.get("/en/japan/", kept).status == 304
        project.set_log("japan", "open 2026-04-01 00:00", "quota_reached 2026-11-22 11:00")
        assert project.run("build", "--at", NOON).returncode == 0

        after = server.get("/en/japan/", kept)

    assert after.status == 200
    assert b"start.request.test/japan" not in after.body


def test_security_txt_may_stand_elsewhere(tmp_path: Path) -> None:
    """With `mode: redirect`, the address of security.txt redirects to the other file, and no file is published."""
    project = hosted_site(tmp_path / "project", SECURITY_REDIRECT)
    assert project.run("build", "--at", NOON).returncode == 0
    site, port = project.root / "dist", free_port()
    redirects = made_redirects(site, tmp_path)
    main_file = configured(tmp_path / "etc", PLAIN.format(port=port, root=site), redirects)
    with running(main_file, port) as server:
        answer = server.get("/.well-known/security.txt")

    assert not (project.root / "dist/.well-known").exists()
    assert (answer.status, answer.headers["Location"]) == (302, "https://ind.nl/.well-known/security.txt")
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.skipif(NJS is None, reason="njs is not installed: apt-get install libnginx-mod-http-js")
@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed: apt-get install openssl")
def test_the_file_that_hosts_fill_in(site: Path, tmp_path: Path) -> None:
    """With host, root and certificate filled in, site.conf works.

    Responses over TLS have all headers, and plain HTTP redirects.
    """
    secure, plain = free_port(), free_port()
    target = tmp_path / "target"
    (target / "current").mkdir(parents=True)
    (target / "current/site").symlink_to(site)
    make_lease(target)
    renew_lease(target, FAR_FUTURE)
    main_file = configured(tmp_path / "etc", "include quotabord/site.conf;")
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = f"-keyout {key} -out {certificate} -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -days 1"
    subprocess.run(["openssl", "req", "-x509", *made.split()], check=True, capture_output=True)
    filled = tmp_path / "etc/quotabord/site.conf"
    text = filled.read_text(encoding="utf-8")
    for typed, real in {
        "    listen [::]:443 ssl;\n": "",
        "    listen [::]:80;\n": "",
        "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "/srv/www/working-holiday": str(target),
        "/etc/ssl/quotabord/fullchain.pem": str(certificate),
        "/etc/ssl/quotabord/privkey.pem": str(key),
    }.items():
        assert typed in text
        text = text.replace(typed, real)
    filled.write_text(text, encoding="utf-8")
    trusting = ssl.create_default_context(cafile=certificate)
    trusting.check_hostname = False
    with running(main_file, secure):
        page = WebServer(secure).get("/nl/", tls=trusting)
        sent_on = WebServer(plain).get("/nl/?x=1", {"Host": "working-holiday.example"})

    assert (page.status, own_headers(page)) == (200, expected("nl/index.html"))
    assert (sent_on.status, sent_on.headers["Location"]) == (301, "https://working-holiday.example/nl/?x=1")
