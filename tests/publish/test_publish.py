"""`publish` makes whole releases, switches once, and keeps its promises to visitors and web servers."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from site_src.gate.gate import GateRefused
from site_src.publish import staging
from site_src.publish.gzip_twins import is_twin
from site_src.publish.publication import refuse_previews
from site_src.publish.store import MARKER, read_back
from site_src.render import templating
from tests.support.commands import command
from tests.support.project import Project, tree
from tests.support.published import JAPAN_PAGE, PLAIN_PAGE, Target


@pytest.fixture
def other_style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the templates and the style sheet that a test may change."""
    for folder in ("templates", "static"):
        shutil.copytree(templating._HERE / folder, tmp_path / "code" / folder)
    monkeypatch.setattr(templating, "_HERE", tmp_path / "code")
    return tmp_path / "code/static/style.css"


def test_a_release_has_the_site_its_content_and_a_manifest(target: Target) -> None:
    """The web root equals a build of the same inputs, inputs/ contains content and design unchanged, and the manifest
    lists all files.
    """
    target.published()

    manifest = json.loads((target.folder / "current/manifest.json").read_text())
    inputs = tree(target.folder / "current/inputs")
    assert command(target.project, "build").returncode == 0
    assert {
        path: data for path, data in target.site().items() if not is_twin(path)
    } == target.project.published()
    content = {f"content/{path}": data for path, data in tree(target.project.root / "content").items()}
    design = {f"design/{path}": data for path, data in templating.read_design().items()}
    assert inputs == {**content, **design}
    assert manifest["files"].keys() == target.site().keys()
    assert manifest["inputs"].keys() == content.keys()
    assert {f"design/{path}" for path in manifest["design"]} == design.keys()
    assert manifest["states"] == {"japan": "quota_reached", "south-korea": "open"}
    assert target.name == f"1-{manifest['release'][:12]}"
    assert "quota desk" not in (target.folder / "current/manifest.json").read_text()
    assert manifest["files"][JAPAN_PAGE]["type"] == "text/html; charset=utf-8"


def test_the_release_says_who_it_is(target: Target) -> None:
    """`/release.json` and a meta element of `/` contain the release's name. A change of any page changes the name."""
    target.published()
    first = json.loads(target.page("release.json"))["release"]
    assert f'<meta name="quotabord-release" content="{first}">' in target.page("index.html")
    assert target.name.endswith(first[:12])
    target.project.replace("content/en/index.md", "title: ", "title: New ")
    target.published()

    assert json.loads(target.page("release.json"))["release"] != first


def test_publishing_again_changes_nothing_and_says_so(target: Target) -> None:
    """A publish without a change makes no release, touches no file, and exits with 0."""
    target.published()
    before = target.everything()
    done = target.publish()

    assert done.returncode == 0
    assert "nothing has changed" in done.stdout
    assert target.everything() == before
    assert [line["result"] for line in target.journal()] == ["published", "unchanged"]


def test_content_that_changes_no_page_is_kept_all_the_same(target: Target) -> None:
    """A changed comment in a file makes a release, so a later publish can always fall back on the last good content."""
    target.published()
    target.project.write(
        "content/site.yaml", (target.project.root / "content/site.yaml").read_text() + "# new\n"
    )
    target.published()

    assert target.numbers == [2, 1]
    assert b"# new" in tree(target.folder / "current/inputs")["content/site.yaml"]


def test_unchanged_files_are_links_and_changed_ones_are_newer(target: Target) -> None:
    """An unchanged page is the same file on the disk.

    A changed page gets a modification time in a later second, even if it is published a moment later.
    """
    target.published()
    first = target.folder / "current/site"
    first = first.resolve()
    for number in range(3):
        target.project.replace("content/en/japan.md", "title: ", f"title: {number}")
        target.published()
        second = (target.folder / "current/site").resolve()
        assert (second / PLAIN_PAGE).read_bytes() != b""
        assert (second / "nl/index.html").stat().st_ino == (first / "nl/index.html").stat().st_ino
        assert int((second / JAPAN_PAGE).stat().st_mtime) > int((first / JAPAN_PAGE).stat().st_mtime)
        first = second


def test_a_file_with_other_permissions_is_no_longer_shared(target: Target) -> None:
    """If somebody removed the web server's permission to read an unchanged file, the next release contains a readable copy."""
    target.published()
    (target.folder / "current/site/nl/index.html").chmod(0o600)
    target.project.replace("content/en/japan.md", "title: ", "title: X")
    target.published()

    assert stat.S_IMODE((target.folder / "current/site/nl/index.html").stat().st_mode) == 0o644


def test_a_page_that_comes_back_has_a_new_time_too(target: Target) -> None:
    """When a page gets its old bytes back, its modification time is later, so no cache takes it for the older copy."""
    target.published()
    times = [(target.folder / "current/site" / JAPAN_PAGE).stat().st_mtime]
    for old, new in (("title: ", "title: X"), ("title: X", "title: ")):
        target.project.replace("content/en/japan.md", old, new)
        target.published()
        times.append((target.folder / "current/site" / JAPAN_PAGE).stat().st_mtime)

    assert times == sorted(set(times))


@pytest.mark.parametrize("umask", [0o077, 0o177, 0])
def test_a_web_server_can_read_it_whatever_the_umask(target: Target, umask: int) -> None:
    """Folders are 755 and files 644, even under a stricter umask. The kept content stays private."""
    old = os.umask(umask)
    try:
        target.published()
        target.project.replace("content/en/japan.md", "title: ", "title: X")
        target.published()
    finally:
        os.umask(old)
    for path in [target.folder, *(target.folder / "releases").rglob("*")]:
        folder = 0o750 if path.name == "inputs" else 0o755
        assert stat.S_IMODE(path.stat().st_mode) == (folder if path.is_dir() else 0o644), path
    assert stat.S_IMODE((target.folder / MARKER).stat().st_mode) == 0o600
    assert stat.S_IMODE((target.folder / "journal.jsonl").stat().st_mode) == 0o644


def test_keep_prunes_but_never_the_live_one_nor_the_one_before(target: Target) -> None:
    """A publish keeps the newest N releases. It always keeps the one before the live release, even if N is 1."""
    target.project.set_log(
        "south-korea", "suspended 2026-01-01 00:00"
    )  # Releases that show a link for the first time are kept.
    for number in range(5):
        target.project.replace("content/en/japan.md", "title: ", f"title: {number}")
        target.published("--keep", "3")
    assert target.numbers == [5, 4, 3]
    target.project.replace("content/en/japan.md", "title: ", "title: last ")
    target.published("--keep", "1")

    assert target.numbers == [6, 5]
    assert target.number == 6


def test_numbers_rise_also_past_releases_that_are_gone(target: Target) -> None:
    """The number of a release is never used again, even after the release is pruned."""
    for number in range(3):
        target.project.replace("content/en/japan.md", "title: ", f"title: {number}")
        target.published("--keep", "1")
    releases = [line["release"] for line in target.journal()]

    assert [name.partition("-")[0] for name in releases] == ["1", "2", "3"]


def test_old_style_sheets_can_still_be_had(target: Target, other_style: Path) -> None:
    """Later releases also serve the style sheet of an earlier release, until the earlier release is pruned."""
    target.project.set_log(
        "south-korea", "suspended 2026-01-01 00:00"
    )  # Releases that show a link for the first time are kept.
    target.published()
    (old,) = [path for path in target.site() if path.startswith("assets/style.") and not is_twin(path)]
    other_style.write_text(other_style.read_text() + "/* new */")
    target.published()
    sheets = [path for path in target.site() if path.startswith("assets/style.")]
    assert {old, f"{old}.gz"} <= set(sheets)
    assert len(sheets) == 4
    target.published()
    assert target.number == 2

    for number in range(2):
        target.project.replace("content/en/japan.md", "title: ", f"title: {number}")
        target.published("--keep", "1")
    assert old not in target.site()


def test_a_file_that_was_tampered_with_is_put_right(target: Target) -> None:
    """If somebody tampered with the live site, the next publish makes a release with the right files."""
    target.published()
    page = target.folder / "current/site" / JAPAN_PAGE
    right = page.read_bytes()
    page.write_bytes(right.replace(b"</body>", b"<p>tampered</p></body>"))
    target.published()

    assert target.number == 2
    assert target.site()[JAPAN_PAGE] == right


def test_leftovers_of_killed_runs_are_swept(target: Target) -> None:
    """The next publish removes what killed runs left: an unfinished release, a complete release that was never live, and an
    unfinished link.
    """
    target.published()
    releases = target.folder / "releases"
    (releases / ".unfinished-2/site").mkdir(parents=True)
    shutil.copytree(releases / target.name, releases / "3-0123456789ab")
    (target.folder / ".unfinished-link").symlink_to("nowhere")
    target.project.replace("content/en/japan.md", "title: ", "title: X")
    target.published()

    assert sorted(entry.name for entry in releases.iterdir()) == sorted(
        [*(line["release"] for line in target.journal())]
    )
    assert not os.path.lexists(target.folder / ".unfinished-link")


def test_a_live_release_without_a_line_gets_one(target: Target) -> None:
    """If a publisher was killed before it wrote the journal line of the live release, the next publish adds the line."""
    target.published()
    (target.folder / "journal.jsonl").write_text("")
    target.published()

    assert [(line["result"], line["release"]) for line in target.journal()] == [
        ("found", target.name),
        ("unchanged", target.name),
    ]


def test_a_publisher_waits_for_another_one(target: Target) -> None:
    """While another process holds the lock, a publish reports this and waits.

    The lock file is also the target's marker, and stays.
    """
    target.published()
    marker = target.folder / MARKER
    with open(marker) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [sys.executable, "build.py", "publish", str(target.folder)],
            cwd=target.project.root,
            env=target.project.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr
        assert "Another publisher is at work" in process.stderr.readline()
        target.project.replace("content/en/japan.md", "title: ", "title: Saved while it waits, ")
    process.communicate(timeout=30)

    assert process.returncode == 0
    assert "Saved while it waits" in target.page()
    assert marker.is_file()


@pytest.mark.parametrize("make", ["file", "folder", "link", "dist"])
def test_a_place_that_is_not_ours_is_left_alone(target: Target, make: str) -> None:
    """A publish exits with 2 if the target is a file, a foreign folder, a link or a build's output, and changes nothing there."""
    if make == "file":
        target.folder.write_text("mine")
    elif make == "folder":
        target.project.write("../www/mine.txt", "mine")
    elif make == "link":
        target.folder.symlink_to(target.project.root)
    else:
        assert command(target.project, "build", "--out", str(target.folder)).returncode == 0
    before = tree(target.folder.parent)
    done = target.publish()

    assert done.returncode == 2
    assert "did not make it" in done.stderr
    assert tree(target.folder.parent) == before


def test_a_lock_that_was_deleted_is_asked_for(target: Target) -> None:
    """If a published site has no lock file, a publish refuses it and prints the command to type.

    After that command, it succeeds.
    """
    target.published()
    (target.folder / MARKER).unlink()

    done = target.publish()

    assert done.returncode == 2
    assert f"make the lock again: touch {target.folder / MARKER}" in done.stderr
    (target.folder / MARKER).touch()
    assert target.publish().returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ftp://host/site"], "must be a folder, or a bucket"),
        (["www", "--keep", "0"], '--keep: "0" is not a whole number above 0.'),
        (["www", "--probe", "ftp://host"], "--probe:"),
        (["www", "--by", "\udcff"], "--by must be one line of plain text"),
        (["www", "--by", "two\nlines", "--watch"], "--by must be one line of plain text"),
        (["content/www"], "is inside the sources"),
        (["nowhere/www"], "is not a folder. Make it first"),
        (["www", "--state", "japan=open"], "unrecognized arguments"),
        (["www", "--at", "2026-01-01 00:00"], "unrecognized arguments"),
    ],
)
def test_wrong_use_is_said_before_anything_is_done(project: Project, arguments: list[str], said: str) -> None:
    """`publish` exits with 2 for arguments that it cannot carry out.

    It has no options for a preview or another moment.
    """
    before = tree(project.root)
    done = command(project, "publish", *arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert tree(project.root) == before


def test_the_page_of_a_preview_is_refused(target: Target) -> None:
    """The publisher refuses pages with the mark that `build --state` puts on a preview, wherever such a page comes from."""
    assert command(target.project, "build", "--state", "japan=open", "--out", "preview").returncode == 0
    files = target.project.published("preview")

    with pytest.raises(GateRefused, match="is a page of a preview"):
        refuse_previews(files)
    target.published()
    refuse_previews(target.site())


def test_problems_leave_everything_as_it_was(target: Target) -> None:
    """If a page is broken and no state has changed, a publish exits with 1 and changes no byte.

    It reports the problem, and what visitors still get.
    """
    name = target.published()
    before = target.everything()
    target.project.write("content/en/broken.md", "no front matter")
    done = target.publish()

    assert done.returncode == 1
    assert "content/en/broken.md:1:" in done.stderr
    assert (
        f"NOT PUBLISHED. Visitors still get release {name}: japan: quota_reached, link hidden" in done.stderr
    )
    assert target.everything() == before
    assert target.journal()[-1]["result"] == "refused"


def test_a_disk_that_lies_is_found_before_the_switch(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a file reads back with different bytes, a publish exits with 1 and does not switch."""
    name = target.published()
    target.project.replace("content/en/japan.md", "title: ", "title: X")

    def spoil(folder: Path, files: Mapping[str, bytes]) -> None:
        if folder.name == "site":
            (folder / "release.json").write_bytes(b"{}")
        read_back(folder, files)

    monkeypatch.setattr(staging, "read_back", spoil)
    done = target.publish()

    assert (done.returncode, target.name) == (1, name)
    assert "reads back with different bytes" in done.stderr


@pytest.mark.parametrize("links", [True, False])
def test_each_file_on_the_disk_is_read_back(
    target: Target, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """A file of both trees is read back once. If the disk has no hard links, each of its two copies is read back."""
    read: dict[str, set[str]] = {}

    def note(folder: Path, files: Mapping[str, bytes]) -> None:
        read[folder.name] = set(files)
        read_back(folder, files)

    def refuse(old: str, new: str) -> None:
        raise OSError(errno.EPERM, "no hard links here", old, None, new)

    monkeypatch.setattr(staging, "read_back", note)
    if not links:
        monkeypatch.setattr(os, "link", refuse)
    assert target.publish().returncode == 0
    site, hidden = target.folder / "current/site", target.folder / "current/hidden"
    copies = {path for path in read["site"] if not (hidden / path).samefile(site / path)}
    assert read["hidden"] == copies
    assert ("en/status/index.html" in copies, "robots.txt" in copies) == (True, not links)


def test_json_says_what_is_live(target: Target) -> None:
    """Standard output is one JSON object that names the release and each programme's state."""
    done = target.publish("--format", "json")

    printed = json.loads(done.stdout)
    assert printed["release"] == target.name
    assert printed["switched"] is True
    assert printed["programmes"]["south-korea"] == {"state": "open", "linkShown": True}
