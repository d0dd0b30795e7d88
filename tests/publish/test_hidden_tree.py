"""The second tree of a release is the same site without links.

Visitors get it while no publisher vouches for the state.
"""

from __future__ import annotations

import gzip
import json
import os

import pytest

from site_src.states import State
from tests.support.building import draft_site, find_refusals, read_inputs
from tests.support.project import NOON, Project, at, tree
from tests.support.published import JAPAN_PAGE, LINK, Target


@pytest.fixture
def opened(target: Target) -> Target:
    """A published site on which Japan is open."""
    target.project.set_log("japan", "open 2026-01-01 00:00")
    target.published()
    assert target.shows_link()
    return target


def test_no_link_is_in_the_hidden_tree(opened: Target) -> None:
    """No file of the hidden tree contains the address while the site shows the link.

    Each page of the programme gives the reason.
    """
    hidden = tree(opened.folder / "current/hidden")

    assert hidden.keys() == tree(opened.folder / "current/site").keys()
    assert not [path for path, data in hidden.items() if LINK.encode() in data or b"start.request" in data]
    page = hidden[JAPAN_PAGE].decode()
    assert 'data-state="unconfirmed"' in page
    assert "We cannot confirm the state now" in page
    assert "Reload this page in a minute." in page


def test_machines_learn_that_the_state_is_not_confirmed(opened: Target) -> None:
    """In the hidden tree, the JSON has the state unconfirmed and accepts no request.

    The feed and the calendar are the same as in the site.
    """
    site, hidden = (opened.folder / "current" / name for name in ("site", "hidden"))
    programme = json.loads((hidden / "api/v1/programmes/japan.json").read_text())

    assert (programme["state"], programme["acceptingRequests"]) == ("unconfirmed", False)
    assert (programme["conversationStarter"], programme["since"]) == (None, None)
    for name in ("feed.xml", "calendar.ics"):
        assert (hidden / "en/japan" / name).read_bytes() == (site / "en/japan" / name).read_bytes()


def test_equal_files_are_one_file(opened: Target) -> None:
    """A page without quota content is the same file in both trees, so a release takes little more room."""
    site, hidden = (opened.folder / "current" / name for name in ("site", "hidden"))
    same = [path for path, data in tree(site).items() if data == (hidden / path).read_bytes()]

    assert len(same) > 10
    assert all(os.path.samefile(site / path, hidden / path) for path in same)


def test_the_manifest_has_the_difference(opened: Target) -> None:
    """The manifest lists the hidden files that differ from the site's, and `releases --verify` finds a changed one."""
    manifest = opened.manifest
    assert manifest.hidden is not None
    assert JAPAN_PAGE in manifest.hidden
    assert "en/404.html" not in manifest.hidden
    page = opened.folder / "current/hidden" / JAPAN_PAGE
    page.write_text("changed")

    done = opened.project.run("releases", str(opened.folder), "--verify")

    assert done.returncode == 1
    assert f"hidden/{JAPAN_PAGE}: was changed" in done.stderr


def test_a_link_in_the_hidden_tree_is_refused(project: Project) -> None:
    """In the hidden tree, the gate refuses each page and file that shows a programme as open, and names its path."""
    draft = draft_site(read_inputs(project.root), at(NOON), is_hidden=True)
    shown = draft_site(read_inputs(project.root), at(NOON))
    assert find_refusals(draft.files, draft.expected) == []
    assert shown.site.programmes["south-korea"].state is State.OPEN

    for path in ("en/south-korea/index.html", "api/v1/programmes.json", "en/index.html"):
        mixed = {**draft.files, path: shown.files[path]}
        assert {refusal.path for refusal in find_refusals(mixed, draft.expected)} == {path}


def test_each_text_has_a_packed_twin(opened: Target) -> None:
    """Each text above a minimum size has a compressed file beside it, with the same bytes at each publish."""
    for name in ("site", "hidden"):
        files = tree(opened.folder / "current" / name)
        page = files[f"{JAPAN_PAGE}.gz"]
        assert gzip.decompress(page) == files[JAPAN_PAGE]
        assert page[4:8] == bytes(4), "the time of packing would make other bytes each time"
        assert not [path for path in files if path.endswith(".gz.gz")]
    before = opened.manifest
    opened.project.replace("content/en/index.md", "title: ", "title: New ")
    opened.published()
    assert opened.manifest.files[f"{JAPAN_PAGE}.gz"].sha256 != ""
    assert opened.manifest.files["en/404.html.gz"] == before.files["en/404.html.gz"]


@pytest.mark.parametrize(
    "twin",
    [
        gzip.compress(b"<p>https://start.request.test/japan/en</p>", mtime=0),
        b"not packed",
        b"",
        gzip.compress(b"x", mtime=0) + gzip.compress(b"more", mtime=0),
    ],
    ids=["other-bytes", "not-packed", "empty", "two-members"],
)
def test_a_twin_that_is_not_its_file_is_refused(project: Project, twin: bytes) -> None:
    """The gate accepts a compressed file only if it unpacks to exactly the file beside it."""
    draft = draft_site(read_inputs(project.root), at(NOON))
    right = gzip.compress(draft.files["robots.txt"], mtime=0)
    assert find_refusals({**draft.files, "robots.txt.gz": right}, draft.expected) == []
    named = right[:3] + b"\x08" + right[4:10] + b"start.request.test\0" + right[10:]

    for data in (twin, named):
        refusals = map(str, find_refusals({**draft.files, "robots.txt.gz": data}, draft.expected))
        assert "robots.txt.gz: is not the compressed form of robots.txt." in refusals


def test_a_release_without_a_hidden_tree_is_left_alone(opened: Target) -> None:
    """A release of an older version without a hidden tree can be read. The next publish makes a release with one."""
    manifest = opened.folder / "current/manifest.json"
    document = json.loads(manifest.read_text())
    del document["hidden"]
    manifest.write_text(json.dumps(document))
    assert opened.manifest.hidden_files == {}

    opened.published()

    assert opened.manifest.hidden is not None
    assert (opened.folder / "current/hidden" / JAPAN_PAGE).is_file()


def test_two_builds_in_one_second_have_other_times(project: Project) -> None:
    """Changed content of the same length gets a later modification time.

    Web servers compute ETags from the size and the modification time in whole seconds.
    """
    stamps = []
    for places in (21, 51, 81):
        project.set_log("japan", "open 2026-01-01 00:00", "places_available 2026-03-01 00:00")
        log = project.root / "quota_state.yaml"
        log.write_text(
            log.read_text().replace("state: open", "state: quota_reached") + f"    places: {places}\n"
        )
        project.run("build", "--at", NOON)
        page = (project.root / "dist/en/japan/index.html").stat()
        stamps.append((int(page.st_mtime), page.st_size))
    assert len(set(stamps)) == 3
    assert len({size for _, size in stamps}) == 1

    assert (project.root / "dist/robots.txt").stat().st_nlink > 1, (
        "an unchanged file is linked, and keeps its time"
    )
