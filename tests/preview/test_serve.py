"""The preview's server: what it answers, which requests it refuses, and which faults it survives."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import webbrowser
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from site_src.commands import serve
from site_src.preview.server import PreviewServer
from site_src.preview.sites import PreviewSites
from site_src.states import State
from tests.support.commands import command
from tests.support.preview import Preview, preview, put_back
from tests.support.project import NOON, REPOSITORY, Project, make_project, tree

JAPAN = "content/en/japan.md"
WORDS = "There are [[places_per_year]] places."


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """A preview of the small site at NOON, which the tests share."""
    with preview(make_project(tmp_path_factory.mktemp("shared") / "project"), "--at", NOON) as one:
        yield one


@pytest.fixture
def running(shared: Preview) -> Iterator[Preview]:
    """The preview, whose files a test may change. They are restored after the test."""
    before = tree(shared.project.root)
    yield shared
    put_back(shared, before)
    shared.shows("/en/japan/", "There are 200 places.")
    shared.wait_for(lambda: 'role="alert"' not in shared.text("/en/status/"))


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """A preview of a small site that no test changes."""
    with preview(make_project(tmp_path_factory.mktemp("still") / "project"), "--at", NOON) as one:
        yield one


def test_serves_the_bytes_of_a_build_and_the_bar(still: Preview) -> None:
    """A page has the bytes of a build, plus the bar at its end. In a frame, it has exactly the bytes of a build."""
    command(still.project, "--at", NOON, "--base-url", still.origin)
    built = (still.project.root / "dist/en/japan/index.html").read_bytes()

    assert still.ask("/en/japan/?frame")[1] == built
    head, end = built.split(b"</body>")
    served = still.ask("/en/japan/")[1]
    assert served.startswith(head)
    assert served.endswith(b"</body>" + end)
    assert b'id="quotabord-preview"' in served


def test_no_byte_of_the_preview_is_published(still: Preview) -> None:
    """No file of a build contains the preview's bar, script or addresses."""
    command(still.project, "--at", NOON)
    published = still.project.published()
    assert len(published) > 10
    for path, data in published.items():
        for mark in (b'quotabord-preview"', b"__preview", b"<script>", b"EventSource", b"qp-"):
            assert mark not in data, path


def test_a_chosen_state_goes_along_in_every_link(still: Preview) -> None:
    """A page with a chosen state shows that state, and every link on it keeps the choice."""
    page = still.text("/~japan.open/en/japan/?frame")

    assert 'data-state="open"' in page
    assert 'class="conversation-starter"' in page
    assert 'content="japan=open"' in page
    links = [part.split('"')[0] for part in page.split('href="')[1:]]
    assert [link for link in links if link.startswith("/") and not link.startswith("/~japan.open/")] == []
    assert "/~japan.open/en/status/" in links


def test_a_chosen_moment_is_shown(still: Preview) -> None:
    """A page at a chosen moment shows the state of that moment."""
    assert 'data-state="quota_reached"' in still.text("/en/japan/?frame")
    assert 'data-state="open"' in still.text("/~at.2026-04-01T09.00/en/japan/?frame")
    assert 'data-state="upcoming"' in still.text("/~at.2025-04-01T09.00/en/japan/?frame")


def test_the_bar_leads_to_the_moments_at_which_texts_change(running: Preview) -> None:
    """The bar has a link to each moment at which a text changes, even with seconds or in the hour that occurs twice."""
    body = (running.project.root / JAPAN).read_text(encoding="utf-8")
    folders = {
        "2027-02-01 00:00": "/~at.2027-02-01T00.00",
        "2027-03-01 00:00:30": "/~at.2027-03-01T00.00.30",
        "2027-10-31 02:30+01:00": "/~at.2027-10-31T02.30+01.00",
    }
    assert "Texts change" not in running.text("/en/japan/")

    blocks = "".join(f"\n:::from {moment}\nFrom {moment} on.\n:::\n" for moment in folders)
    running.project.write(JAPAN, body + blocks)

    for moment, folder in folders.items():
        address = f"{folder}/en/japan/"
        running.shows("/en/japan/", f'href="{address}"')
        assert f"From {moment} on." not in running.text("/en/japan/?frame")
        assert f"From {moment} on." in running.text(f"{address}?frame")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/en/japan", 301, ""),
        ("/~japan.open/en/japan", 301, ""),
        ("/en/nothing/", 404, "Page not found"),
        ("/nl/niets/", 404, "Pagina niet gevonden"),
        ("/../../etc/passwd", 404, "Page not found"),
        ("/en/%2e%2e/%2e%2e/quota_state.yaml", 404, "Page not found"),
        ("/content/en/japan.md", 404, "Page not found"),
        ("//etc/passwd", 404, "Page not found"),
        ("/en/japan/index.html\0", 404, "Page not found"),
        ("/~mars.open/en/", 503, "is not a programme"),
        ("/~japan.closed/en/", 503, "is not a choice"),
        ("/~at.2026-03-29T02.30/en/", 503, "does not exist in Europe/Amsterdam"),
        ("/~<script>/en/", 503, "&lt;script&gt;"),
        ("/__preview/?state=%3Cscript%3E", 200, "0 pages"),
    ],
)
def test_odd_addresses(still: Preview, path: str, status: int, words: str) -> None:
    """An address that is not a page gets an answer in words, and never a file outside the site."""
    connection = socket.create_connection(("127.0.0.1", still.port), timeout=30)
    with connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{still.port}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    assert answer.split(" ", 2)[1] == str(status)
    assert words in answer
    assert "root:" not in answer
    assert "<script>/" not in answer


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "", "[::1]"])
def test_other_hosts_are_refused(still: Preview, host: str) -> None:
    """A request with a different host name is refused, because a foreign site can point its own name to this address."""
    answer, body = still.ask("/en/japan/", host=host or " ")
    assert answer.status == 421
    assert b"pre-registration" not in body
    assert still.ask("/en/japan/", host=f"localhost:{still.port}")[0].status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_can_be_sent(still: Preview, method: str) -> None:
    """The server refuses every request that is not GET or HEAD."""
    assert still.ask("/en/japan/", method=method)[0].status == 501


def test_head_has_the_headers_and_no_body(still: Preview) -> None:
    """HEAD gets the headers of GET, without the body."""
    answer, body = still.ask("/en/japan/", method="HEAD")
    assert (answer.status, body) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 1000


def test_serves_with_the_headers_of_production(still: Preview) -> None:
    """The headers are those of the real host. The policy also allows the preview's own style and script, by their hashes."""
    from site_src.render.headers import headers_of

    policy = still.ask("/en/japan/")[0].headers["Content-Security-Policy"]
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    for path in ("en/japan/?frame", "index.html", "nothing/"):
        headers = still.ask(f"/{path}")[0].headers
        for name, value in headers_of("en/japan/index.html").items():
            if name not in (
                "Content-Security-Policy",
                "Cache-Control",
                "X-Frame-Options",
                "Strict-Transport-Security",
            ):
                assert headers[name] == value
        assert headers["Cache-Control"] == "no-store"
        assert headers["Strict-Transport-Security"] is None
    style = next(
        part.split('"')[0] for part in still.text("/en/japan/").split('href="') if "style." in part[:40]
    )
    assert still.ask(style)[0].headers["Content-Type"] == "text/css; charset=utf-8"
    frame = still.ask("/en/japan/?frame")[0].headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in frame
    assert "script-src" not in frame


@pytest.mark.parametrize(
    "path",
    [
        "/~japan.open/api/v1/programmes/japan.json",
        "/~japan.open/embed/en/japan.html",
        "/~japan.open/en/japan/",
        "/api/v1/openapi.json",
        "/__preview/",
        "/nothing",
        "/~mars.open/en/",
    ],
)
def test_pages_of_other_sites_can_read_nothing(still: Preview, path: str) -> None:
    """A page of another site cannot read a preview, which can contain a closed programme's address."""
    headers = still.ask(path)[0].headers

    assert headers["Access-Control-Allow-Origin"] is None
    assert headers.get_all("Cross-Origin-Resource-Policy") == ["same-origin"]


def test_only_this_machine_is_served(still: Preview) -> None:
    """The server listens only on 127.0.0.1."""
    table = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()]
    listening = [row[1] for row in table if row[3] == "0A" and row[1].endswith(f":{still.port:04X}")]
    assert listening == [f"0100007F:{still.port:04X}"]


def test_an_edit_is_shown(running: Preview) -> None:
    """A saved edit soon appears on the page, in every state, and in the stream of changes."""
    running.shows("/en/japan/", "There are 200 places.")
    running.project.replace(JAPAN, WORDS, "Quite other words.")
    running.shows("/en/japan/", "Quite other words.")
    assert "Quite other words." in running.text("/~japan.open/en/japan/")


def test_a_broken_file_leaves_the_last_good_pages(running: Preview) -> None:
    """While a file is broken, the last good page stays, with the problem, its file and its line.

    After the file is repaired, the new page is shown.
    """
    running.shows("/en/japan/", "There are 200 places.")
    running.project.replace(JAPAN, WORDS, "[[nonsense]] stands here.")
    running.shows("/en/japan/", f"{JAPAN}:8</code>")
    page = running.text("/en/japan/")
    assert "There are 200 places." in page
    assert "[[nonsense]]: is not known here." in page
    assert f"{JAPAN}:8</code>" in running.text("/nl/")
    assert f"{JAPAN}:8</code>" in running.text("/__preview/")
    running.says(f"{JAPAN}:8: [[nonsense]]")

    running.project.replace(JAPAN, "[[nonsense]] stands here.", "Mended.")
    running.shows("/en/japan/", "Mended.")
    assert "nonsense" not in running.text("/en/japan/")


def test_begins_with_broken_files(project: Project) -> None:
    """If the files are broken from the start, the page shows the problem. After they are repaired, it shows the site."""
    project.write("content/en/status.md", "nothing\n")
    with preview(project, "--at", NOON) as running:
        answer, body = running.ask("/en/")
        assert answer.status == 503
        assert b"content/en/status.md:1</code>" in body
        assert b"content/en/status.md:1</code>" in running.ask("/__preview/")[1]
        project.write(
            "content/en/status.md", "---\ntitle: S\ndescription: D.\nupdated: 2026-11-22\n---\nFine.\n"
        )
        running.shows("/en/status/", "Fine.")


def test_a_broken_state_file_is_reported_and_hides_nothing(running: Preview) -> None:
    """If the state file cannot be read, every page reports the problem."""
    running.shows("/en/japan/", "quota_reached")
    running.project.write("quota_state.yaml", "japan: closed\n")
    running.shows("/en/status/", "quota_state.yaml:1</code>")


def test_an_atomic_save_is_seen(running: Preview) -> None:
    """The preview notices a save by an editor that writes a temporary file and renames it."""
    running.shows("/en/japan/", "There are 200 places.")
    text = (running.project.root / JAPAN).read_text(encoding="utf-8")
    for number in range(3):
        aside = running.project.write("content/en/.japan.md.swp", text.replace(WORDS, f"Save {number}."))
        aside.replace(running.project.root / JAPAN)
        running.shows("/en/japan/", f"Save {number}.")


def test_a_checkout_of_many_files_ends_in_what_is_there(running: Preview) -> None:
    """After several `git checkout` of different commits, the pages show the files of the last one."""
    root = running.project.root

    def git(*words: str) -> None:
        identity = ("-c", "user.name=Editor", "-c", "user.email=editor@localhost")
        subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)

    git("init", "-q")
    git("add", "content", "quota_state.yaml")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "other")
    for file in (root / "content").glob("*/*.md"):
        file.write_text(f"{file.read_text(encoding='utf-8')}\nOf the other branch.\n", encoding="utf-8")
    git("commit", "-qam", "two")
    running.shows("/nl/status/", "Of the other branch.")
    for branch in ("-", "-", "-"):
        git("checkout", "-q", branch)
    running.wait_for(lambda: "Of the other branch." not in running.text("/nl/status/"))
    assert all(
        "Of the other branch." not in running.text(path) for path in ("/en/", "/en/japan/", "/nl/japan/")
    )


def test_a_folder_that_goes_and_comes_back(running: Preview) -> None:
    """While `content/` is missing, the pages stay and report it. When it is back, the preview follows it again."""
    content = running.project.root / "content"
    running.shows("/en/japan/", "There are 200 places.")
    shutil.move(content, running.project.root / "gone")
    running.shows("/en/japan/", "content/site.yaml:1</code>")
    assert "There are 200 places." in running.text("/en/japan/")
    shutil.move(running.project.root / "gone", content)
    running.wait_for(lambda: "content/site.yaml:1</code>" not in running.text("/en/japan/"))
    running.project.replace(JAPAN, WORDS, "After all that.")
    running.shows("/en/japan/", "After all that.")


def test_polling_follows_too(project: Project) -> None:
    """With `--poll`, the preview finds changes by polling, and the terminal says so. Ctrl-C ends it without a traceback."""
    with preview(project, "--at", NOON, "--poll") as running:
        running.says("Looking for changes twice a second: as asked.")
        running.project.replace(JAPAN, WORDS, "Found by looking.")
        running.shows("/en/japan/", "Found by looking.")
    assert running.process.returncode == 0
    assert "Traceback" not in "".join(running.printed)


def test_a_full_table_of_watches_falls_back_to_looking(project: Project, tmp_path: Path) -> None:
    """If the system has no room for more watches, the preview polls for changes, and the terminal says so."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full/sitecustomize.py").write_text(
        "import errno, os\n"
        "from watchdog.observers import Observer\n"
        "def start(self):\n"
        "    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))\n"
        "Observer.start = start\n",
        encoding="utf-8",
    )
    paths = f"{tmp_path / 'full'}{os.pathsep}{REPOSITORY}"
    with preview(project, "--at", NOON, env={"PYTHONPATH": paths}) as running:
        running.says(
            "Looking for changes twice a second: the system refuses to watch (No space left on device)."
        )
        running.project.replace(JAPAN, WORDS, "Found by looking.")
        running.shows("/en/japan/", "Found by looking.")


def test_a_scheduled_change_takes_effect_on_open_pages(project: Project) -> None:
    """Pages show a scheduled event from its moment on, although no file changes then."""
    project.set_log("japan", "open 2026-04-01 00:00")
    with preview(project) as running:
        running.shows("/en/japan/?frame", 'data-state="open"')
        soon = time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime(time.time() + 4))
        project.set_log("japan", "open 2026-04-01 00:00", f"suspended {soon}")
        running.shows("/en/japan/?frame", 'data-state="suspended"')


def test_a_taken_port_is_named_with_the_next_one(still: Preview, project: Project) -> None:
    """If the port is taken, the command ends at once and suggests the next free port."""

    def is_free(port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    for _ in range(5):  # another test may take the suggested port
        done = command(project, "serve", "--port", str(still.port))
        assert done.returncode == 2
        assert f"--port: another program uses {still.port}." in done.stderr
        offered = int(done.stderr.split("--port ")[-1])
        assert offered > still.port
        if is_free(offered):
            return
    raise AssertionError(f"{offered} is offered, and taken")


@pytest.mark.parametrize(
    ("port", "words"), [("70000", "is not a port"), ("-1", "is not a port"), ("x", "invalid int")]
)
def test_a_port_that_is_none(project: Project, port: str, words: str) -> None:
    """A value that is not a port is wrong use."""
    done = command(project, "serve", f"--port={port}")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_a_browser_that_closes_its_connection_prints_nothing(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """If a browser closes its connection, nothing is printed in the terminal. Any other fault is printed."""
    server = PreviewServer(PreviewSites(project.root, None, project.root / "dist"), 0)

    def print_error(fault: type[Exception]) -> str:
        with suppress(fault):
            try:
                raise fault
            finally:
                server.handle_error(None, ("127.0.0.1", 1))
        return capsys.readouterr().err

    assert print_error(ConnectionResetError) == ""
    assert "ZeroDivisionError" in print_error(ZeroDivisionError)
    server.server_close()


def test_serving_writes_nothing(running: Preview) -> None:
    """A preview changes nothing in the project's folder."""
    before = tree(running.project.root)
    running.text("/__preview/")
    running.text("/~japan.open/en/japan/")
    assert tree(running.project.root) == before
    assert not (running.project.root / ".dist.builds").exists()


def test_the_contact_sheet_has_every_page_in_every_state(still: Preview) -> None:
    """The contact sheet has a cell for each page, language and state. A filter reduces it to the cells that match."""
    assert still.text("/__preview/").count('<li class="qp-cell"') == 4 * 2 * len(State)
    assert still.text("/__preview/?state=open").count('<li class="qp-cell"') == 4 * 2
    assert still.text("/__preview/?state=open&language=nl&programme=japan").count('<li class="qp-cell"') == 1


def test_the_sheet_marks_what_differs_from_the_release(project: Project) -> None:
    """The contact sheet marks only the pages that differ from the published release."""
    command(project, "--at", NOON)
    with preview(project, "--at", NOON) as running:
        running.shows("/__preview/", "qp-cell")
        assert "differs from the published page" not in running.text("/__preview/")
        project.replace(JAPAN, WORDS, "New words.")
        running.shows("/en/japan/", "New words.")
        only = running.text("/__preview/?only=differs")
        assert only.count('<li class="qp-cell"') == len(State)
        assert only.count('data-language="en"') == len(State)
        assert "/en/japan/" in only


def test_style_sheets_and_templates_are_followed_too(project: Project) -> None:
    """A changed style sheet or template is used at once. A broken template is named, and the last good pages stay."""
    shutil.copytree(REPOSITORY / "site_src", project.root / "site_src")
    footer = "site_src/render/templates/base.html"
    with preview(project, "--at", NOON, env={"PYTHONPATH": str(project.root)}) as running:
        before = running.text("/en/japan/?frame")
        project.replace("site_src/render/static/style.css", "margin: 0", "margin: 1px")
        running.wait_for(lambda: running.text("/en/japan/?frame") != before)

        project.replace(footer, "</body>", "<!-- new --></body>")
        running.shows("/en/japan/?frame", "<!-- new -->")

        project.replace(footer, "<!-- new -->", "{{ nothing_of_this_name }}")
        running.says("templates/base.html")
        assert "<!-- new -->" in running.text("/en/japan/?frame")


def test_opens_the_browser_and_says_where_drafts_are(project: Project) -> None:
    """With `--open`, the preview opens in the browser. In a git repository, it names the branch as a draft."""
    subprocess.run(["git", "init", "-q", "-b", "money"], cwd=project.root, check=True)
    shown = project.root / "shown.txt"
    browser = project.write("browser", f'#!/bin/sh\necho "$1" > {shown}\n')
    browser.chmod(0o755)
    with preview(project, "--open", env={"BROWSER": str(browser)}) as running:
        running.wait_for(lambda: shown.is_file() and bool(shown.read_text()))
        assert shown.read_text() == f"{running.origin}/\n"
        running.says("You edit the draft money.")
    assert "git switch -c" in serve._explain_drafts("main")


def test_without_a_browser_the_address_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If there is no browser, the terminal says so, with the address to open."""
    monkeypatch.setattr(webbrowser, "open", lambda _: False)

    serve._open("http://127.0.0.1:1/")

    assert "No browser could be opened. Open http://127.0.0.1:1/ yourself." in capsys.readouterr().err


def test_problems_of_the_page_come_first(project: Project) -> None:
    """The bar has three groups: the page's own warnings, those of other files, and placeholders."""
    project.replace("content/site.yaml", "https://small.test", "https://small.example")
    project.replace(JAPAN, WORDS, f"{WORDS} Look [here](index.md).")
    with preview(project, "--at", NOON) as running:
        page, other = running.text("/en/japan/"), running.text("/en/status/")

    assert re.findall(r"<summary>(\d+ [wp].*)</summary>", page) == [
        "1 warning on this page",
        "1 warning in other files",
        "1 placeholder",
    ]
    assert re.findall(r"<summary>(\d+ [wp].*)</summary>", other) == ["2 warnings", "1 placeholder"]


@pytest.mark.parametrize(
    ("words", "slugs"),
    [
        ("programme for JAPAN.", {"japan"}),
        ("%EF%BC%AA%EF%BC%A1%EF%BC%B0%EF%BC%A1%EF%BC%AE", None),
        ("nothing-has-this", set()),
    ],
)
def test_the_sheet_is_searched(still: Preview, words: str, slugs: set[str] | None) -> None:
    """A search reduces the contact sheet to pages that contain all its words, in upper or lower case, and keeps the filters."""
    sheet = still.text(f"/__preview/?state=open&language=en&words={words.replace(' ', '%20')}")

    cells = re.findall(r'data-state="(\w+)" data-language="(\w+)" data-page="/~[^/]*/en/([^"]*?)/?"', sheet)
    assert {(state, language) for state, language, _ in cells} <= {("open", "en")}
    found = {slug for _, _, slug in cells}
    assert found == slugs if slugs is not None else "japan" in found
    assert '<input type="hidden" name="state" value="open">' in sheet
    answer, _ = still.ask("/__preview/")
    assert "form-action 'self'" in (answer.getheader("Content-Security-Policy") or "")
