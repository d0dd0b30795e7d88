"""`move` renames a page in every language, and leaves no broken link to the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_src.builder import Builder
from site_src.cli import main
from site_src.read.tree import load_tree
from tests.support.html_pages import parse
from tests.support.project import Project, tree

FRONT = "---\ntitle: Money\ndescription: Money.\nupdated: 2026-11-22\n---\n"


@pytest.fixture
def site(project: Project) -> Project:
    """The small site with a page in two languages, and links to it in every form."""
    project.write("content/en/money.md", FRONT + "## Sum\n\nSee [Japan](japan.md) and [above](#sum).\n")
    project.write(
        "content/nl/money.md",
        FRONT + "## Som\n\nZie [Japan](japan.md#quota-notice) en [engels](../en/money.md).\n",
    )
    project.write(
        "content/en/status.md",
        "---\ntitle: Status\ndescription: S.\nupdated: 2026-11-22\n---\n[a](money.md) [b](./money.md#sum) [c][m] "
        '<a href="money.md">d</a> `[e](money.md)` [f](../nl/money.md)\n\n[m]: money.md "Title"\n',
    )
    notice = project.root / "content/en/_notices/open.md"
    project.write(
        "content/en/_notices/open.md", notice.read_text(encoding="utf-8") + "\nSee [money](money.md).\n"
    )
    assert Builder().read(load_tree(project.root)).problems == ()
    return project


@pytest.mark.parametrize("old", ["money", "money.md", "en/money.md", "content/nl/money.md"])
def test_every_file_and_every_link_follows(site: Project, old: str) -> None:
    """The page is renamed in each language, and every link to it and in it is corrected.

    Its old address leads to the new one.
    """
    assert main(("move", old, "guides/first/sums.md"), site.root) == 0

    assert Builder().read(load_tree(site.root)).problems == ()
    assert not (site.root / "content/en/money.md").exists()
    assert not (site.root / "content/nl/money.md").exists()
    status = (site.root / "content/en/status.md").read_text(encoding="utf-8")
    new = "guides/first/sums.md"
    assert (
        f'[a]({new}) [b]({new}#sum) [c][m] <a href="{new}">d</a> `[e](money.md)` [f](../nl/{new})' in status
    )
    assert f'[m]: {new} "Title"' in status
    files = site.built().files
    assert "/nl/guides/first/sums/" in files["nl/money/index.html"].decode()
    page = parse("new", files["nl/guides/first/sums/index.html"])
    (article,) = page.elements("article")
    assert [link.get("href") for link in article.iter("a")] == [
        "/nl/japan/#quota-notice",
        "/en/guides/first/sums/",
    ]
    assert b"/en/guides/first/sums/" in files["en/south-korea/index.html"]


def test_there_and_back_changes_nothing_but_the_old_address(site: Project) -> None:
    """If a page gets its old name back, it is unchanged, except that the name in between now leads to it."""
    site.replace("content/en/status.md", "./money.md", "money.md")
    before = tree(site.root / "content")

    assert main(("move", "money", "sums"), site.root) == 0
    assert main(("move", "sums", "money"), site.root) == 0

    after = tree(site.root / "content")
    assert {path for path in before | after if before.get(path) != after.get(path)} == {"en/money.md"}
    assert after["en/money.md"].decode() == before["en/money.md"].decode().replace(
        "updated:", "moved_from: [sums]\nupdated:"
    )
    assert Builder().read(load_tree(site.root)).problems == ()


def test_an_address_of_digits_is_kept_in_quotes(site: Project) -> None:
    """A list of old addresses on several lines stays a list, and an address of digits stays a string.

    Windows line endings stay.
    """
    page = FRONT.replace("updated:", "moved_from:\n  - cash\n  - coins # once\nupdated:") + "Text.\n"
    site.write("content/en/money.md", page.replace("\n", "\r\n").replace(" # once", ""))

    assert main(("move", "money", "2027"), site.root) == 0
    assert main(("move", "2027", "sums"), site.root) == 0

    moved = (site.root / "content/en/sums.md").read_bytes().decode()
    assert 'moved_from: [cash, coins, money, "2027"]\r\nupdated:' in moved
    assert "\n" not in moved.replace("\r\n", "")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mony", "sums", 'Did you mean "money"?'),
        ("money", "Sums", "lower-case letters"),
        ("money", "../sums", "lower-case letters"),
        ("money", "japan", "menus and cards"),
        ("status.md", "sums", "menus and cards"),
        ("index", "sums", "menus and cards"),
        ("money", "other", "already"),
        ("money", "older", "old address of content/en/other.md"),
    ],
)
def test_what_cannot_be_is_refused(
    site: Project, old: str, new: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`move` refuses a name that is missing, taken or fixed as wrong use, and changes nothing."""
    site.write("content/en/other.md", FRONT.replace("updated:", "moved_from: [older]\nupdated:") + "Text.\n")
    before = tree(site.root)

    assert main(("move", old, new), site.root) == 2

    assert words in capsys.readouterr().err
    assert tree(site.root) == before


def test_a_disk_that_is_full_changes_nothing(
    site: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If a text cannot be written completely, every file stays unchanged, and no temporary files are left.

    A message names the text.
    """
    write_bytes = Path.write_bytes

    def fail_at_the_third(self: Path, data: bytes) -> int:
        written.append(self)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        return write_bytes(self, data)

    before, written = tree(site.root), list[Path]()
    monkeypatch.setattr(Path, "write_bytes", fail_at_the_third)

    assert main(("move", "money", "sums"), site.root) == 1

    assert "could not be written: No space left on device. Nothing was changed." in capsys.readouterr().err
    assert tree(site.root) == before
