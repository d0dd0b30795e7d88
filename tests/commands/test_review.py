"""`review` makes a folder that shows what changed for readers since a commit, for people without git and Python."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from site_src.commands.screenshots import find_browser, take_picture
from site_src.preview.differences import compare_sites, extract_lines
from site_src.preview.offline import make_relative
from site_src.preview.review import AS_IT_IS, estimate_height, group_pages, review_page, summarize
from site_src.states import State
from tests.convert.test_page_texts import FRONT
from tests.support.commands import command
from tests.support.project import Project, tree


@pytest.fixture
def committed(project: Project) -> Project:
    """The small site in a git repository, with one commit on main."""
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "All"]):
        subprocess.run(["git", *identity, *words], cwd=project.root, check=True)
    return project


def test_shows_each_changed_new_and_gone_page(committed: Project) -> None:
    """The folder has each page that differs, in every language, with the changed words marked.

    It also has both versions of the site, with links that work.
    """
    committed.replace("content/en/japan.md", "An answer takes", "An <b>answer</b> & a place take")
    committed.write("content/en/extra.md", FRONT + "New words.\n")

    committed.replace("content/en/_notices/suspended.md", "title: ", "title: Now ")

    # Without a browser: another test covers the pictures.
    done = committed.run(
        "review",
        "--against",
        "main",
        "--out",
        "review",
        env={"PATH": "/nowhere:" + git_alone(committed)},
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    assert "There are no pictures: Chromium is not installed here." in done.stdout
    summary = (committed.root / "review/summary.md").read_text()
    assert "- new: en/extra/index.html\n" in summary
    assert "<h3>suspended</h3>" in (committed.root / "review/index.html").read_text()
    for state in State:
        assert (committed.root / f"review/after.{state}/en/japan/index.html").is_file()
    assert {"changed: en/japan/index.html", "new: en/extra/index.html", "new: nl/extra/index.html"} <= set(
        done.stdout.splitlines()
    )
    page = (committed.root / "review/index.html").read_text()
    assert "<del>takes</del>" in page
    assert "<ins>" in page
    assert "<script" not in page
    assert 'href="after/en/extra/index.html"' in page
    assert 'href="before/en/extra/index.html"' not in page
    files = tree(committed.root / "review")
    assert b"An answer takes" in files["before/en/japan/index.html"]
    assert b"a place take" in files["after/en/japan/index.html"]
    home = files["after/en/japan/index.html"].decode()
    assert 'href="../../en/status/index.html"' in home or 'href="../status/index.html"' in home
    assert 'href="/' not in home


def git_alone(project: Project) -> str:
    """A folder on which only git can be found."""
    folder = project.root / ".programs"
    folder.mkdir()
    (folder / "git").symlink_to(str(shutil.which("git")))
    return str(folder)


def test_groups_pages_by_what_differs_in_each_state() -> None:
    """A page is listed once. States in which it differs in the same way share a table.

    The summary names the states, unless the page differs in all of them.
    """
    page = {"en/x/index.html": b"<title>T</title><p>a</p>"}
    other = {"en/x/index.html": b"<title>T</title><p>b</p>"}
    third = {"en/x/index.html": b"<title>T</title><p>c</p>"}
    same, different = compare_sites(page, other), compare_sites(page, third)

    pages = group_pages({AS_IT_IS: same, "open": different, "suspended": same, "upcoming": []})

    (found,) = pages
    assert [names for names, _ in found.rows] == [["as it is", "suspended"], ["open"]]
    assert summarize(pages, [AS_IT_IS, "open", "suspended", "upcoming"]) == [
        "changed: en/x/index.html (as it is, open, suspended)"
    ]
    assert summarize(pages, [AS_IT_IS, "open", "suspended"]) == ["changed: en/x/index.html"]


@pytest.mark.browser
@pytest.mark.skipif(find_browser() is None, reason="Chromium is not installed: apt-get install chromium")
def test_takes_pictures(tmp_path: Path) -> None:
    """A picture shows both versions side by side, or says that one is missing.

    If the browser fails, the reason is returned.
    """
    page = tmp_path / "page.html"
    page.write_text("<p>Text</p>")
    picture = tmp_path / "picture.png"

    assert take_picture(str(find_browser()), None, page, 300, picture) is None
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert struct.unpack(">II", picture.read_bytes()[16:24]) == (1440, 300)
    assert (
        take_picture("/bin/false", page, page, 300, tmp_path / "none.png")
        == "/bin/false ended with exit code 1"
    )
    assert "No such file" in str(take_picture("/nowhere", page, page, 300, tmp_path / "none.png"))


def test_text_of_pages_is_escaped() -> None:
    """Text of pages is escaped in the review, even if it looks like HTML."""
    before = {"en/x/index.html": b"<title>T</title><p>a</p>"}
    after = {"en/x/index.html": b"<title>T</title><p>&lt;script&gt;1&lt;/script&gt;</p>"}

    pages = group_pages({AS_IT_IS: compare_sites(before, after)})
    about = {"against": "<main>", "instant": "now", "pictures": ""}
    page = review_page(pages, [AS_IT_IS], about).decode()

    assert "<script" not in page
    assert "&lt;main&gt;" in page


def test_a_picture_is_part_of_the_page() -> None:
    """If a picture is new, replaced or has a different alternative text, this is a difference.

    It is shown with its text and its file.
    """
    page = "<title>T</title><p>See <picture><source srcset='/a/m.1.webp'><img src='/a/m.1.png' alt='The way'></picture></p>"
    lines = extract_lines(page)
    assert lines == ["T", "See [The way] (m.1.png)"]
    assert extract_lines("<title>T</title><img src='/a/m.1.png' alt=''>") == ["T", "[decorative] (m.1.png)"]

    for old, new in (("m.1", "m.2"), ("The way", "The road")):
        sites = ({"en/x/index.html": text.encode()} for text in (page, page.replace(old, new)))
        (difference,) = compare_sites(*sites)
        assert (difference.kind, len(difference.rows)) == ("changed", 1)


def test_pictures_work_in_the_folder() -> None:
    """The addresses of both files of a picture are relative to the page, so a browser finds the files on a disk.

    The page's height includes the picture.
    """
    page = b'<picture><source srcset="/assets/m.1.webp" type="image/webp"><img src="/assets/m.1.png" alt="A" width="1400" height="800"></picture>'

    made = make_relative("en/x/index.html", page).decode()
    assert re.findall('src(?:set)?="(.*?)"', made) == ["../../assets/m.1.webp", "../../assets/m.1.png"]
    assert estimate_height(page.decode()) - estimate_height("<p>[A] (m.1.png)</p>") == 400


def test_lines_are_what_readers_see() -> None:
    """The lines of a page are its title, headings, list items and cells.

    The destination of a link is part of its line, and styles are left out.
    """
    page = (
        "<title>T</title><style>p{}</style><h2>A</h2><ul><li>one <b>two</b></li></ul><p>to <a href='/x/'>it</a>.</p>"
        "<table><tr><td>1</td><td>2</td></tr></table>"
    )

    assert extract_lines(page) == ["T", "## A", "- one two", "to it (/x/).", "1 | 2"]


def test_what_differs_in_markup_alone_is_left_out() -> None:
    """A different class is not a difference for readers. A different destination of a link is one."""
    before = {"en/x/index.html": b"<p class=a>x <a href=/a/>y</a></p>"}

    assert compare_sites(before, {"en/x/index.html": b"<p class=b>x <a href=/a/>y</a></p>"}) == []
    (difference,) = compare_sites(before, {"en/x/index.html": b"<p>x <a href=/b/>y</a></p>"})
    (row,) = difference.rows
    assert [text for text, differs in row.after or () if differs] == ["b"]


@pytest.mark.parametrize(
    ("revision", "out", "words"),
    [
        ("nowhere", "review", 'git has no commit "nowhere"'),
        ("--help", "review", "git has no commit"),
        ("main", "content", "already exists"),
    ],
)
def test_wrong_use(committed: Project, revision: str, out: str, words: str) -> None:
    """A missing commit, or a folder that exists already, is wrong use, and nothing is made."""
    before = tree(committed.root)

    done = command(committed, "review", f"--against={revision}", "--out", out)

    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert tree(committed.root) == before


def test_a_site_that_cannot_be_built(committed: Project) -> None:
    """If the present files have a mistake, it is reported as `build` reports it, and no folder is made."""
    committed.write("content/en/wrong.md", "wrong\n")

    done = committed.run("review", "--against", "main", "--out", "review")

    assert done.returncode == 1
    assert "content/en/wrong.md:1:" in done.stderr
    assert "after the change cannot be built" in done.stderr
    assert not (committed.root / "review").exists()
