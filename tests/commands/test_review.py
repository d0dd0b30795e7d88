"""`review`: what readers see differently since a commit, as a folder for people without git and Python."""

from __future__ import annotations

import subprocess

import pytest

from site_src.preview.differences import compare_sites, extract_lines
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
    """The folder has each page that differs, in every language, its words marked, and both sites with links that work."""
    committed.replace("content/en/japan.md", "An answer takes", "An <b>answer</b> & a place take")
    committed.write("content/en/extra.md", FRONT + "New words.\n")

    done = committed.run("review", "--against", "main", "--out", "review")

    assert done.returncode == 0, done.stderr
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


def test_text_of_pages_is_escaped() -> None:
    """What pages show as text is text in the review, also where it looks like HTML."""
    from site_src.preview.pages import review_page

    before = {"en/x/index.html": b"<title>T</title><p>a</p>"}
    after = {"en/x/index.html": b"<title>T</title><p>&lt;script&gt;1&lt;/script&gt;</p>"}

    page = review_page(compare_sites(before, after), "<main>", "now").decode()

    assert "<script" not in page
    assert "&lt;main&gt;" in page


def test_lines_are_what_readers_see() -> None:
    """A page's lines are its title, headings, items and cells; a link has its destination; style is nothing to read."""
    page = (
        "<title>T</title><style>p{}</style><h2>A</h2><ul><li>one <b>two</b></li></ul><p>to <a href='/x/'>it</a>.</p>"
        "<table><tr><td>1</td><td>2</td></tr></table>"
    )

    assert extract_lines(page) == ["T", "## A", "- one two", "to it (/x/).", "1 | 2"]


def test_what_differs_in_markup_alone_is_left_out() -> None:
    """Another class is no difference for readers; another destination of a link is one."""
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
        ("main", "content", "is there already"),
    ],
)
def test_wrong_use(committed: Project, revision: str, out: str, words: str) -> None:
    """A commit that is not there, or a folder that is, is wrong use, and nothing is made."""
    before = tree(committed.root)

    done = command(committed, "review", f"--against={revision}", "--out", out)

    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert tree(committed.root) == before


def test_a_site_that_cannot_be_built(committed: Project) -> None:
    """A mistake in the present files is reported as by a build, and there is no folder."""
    committed.write("content/en/wrong.md", "wrong\n")

    done = committed.run("review", "--against", "main", "--out", "review")

    assert done.returncode == 1
    assert "content/en/wrong.md:1:" in done.stderr
    assert "after the change cannot be built" in done.stderr
    assert not (committed.root / "review").exists()
