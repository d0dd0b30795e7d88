"""A change of state never waits for content.

A log that is older than the published one does not show the link again.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from site_src.publish.publisher import Publisher
from site_src.read.tree import Tree, load_tree
from site_src.render.renderer import Renderer
from site_src.site.model import Site
from site_src.states import State
from tests.support.commands import Done, command
from tests.support.project import Project
from tests.support.published import Target
from tests.support.quota_desk import days_ahead


def quota(target: Target, *words: str) -> Done:
    """Runs `quota …`, which must succeed."""
    done = command(target.project, "quota", *words, "--yes")
    assert done.returncode == 0, done.stderr
    return done


def opened(target: Target) -> Target:
    """The target, published with Japan open."""
    quota(target, "set", "japan", "open")
    target.published()
    assert target.shows_link()
    return target


def broken_page(project: Project) -> None:
    """Adds a page without front matter."""
    project.write("content/en/broken.md", "no front matter")


def broken_settings(project: Project) -> None:
    """Makes the settings unreadable, including the time zone."""
    project.write("content/site.yaml", "title: [")


def no_settings(project: Project) -> None:
    """Deletes the settings."""
    (project.root / "content/site.yaml").unlink()


def other_zone(project: Project) -> None:
    """Sets a time zone that does not exist."""
    project.replace("content/site.yaml", "Europe/Amsterdam", "Europe/Amsterdm")


def broken_programme(project: Project) -> None:
    """Breaks the programme's own file, and with it the address that must be hidden."""
    project.write("content/programmes/japan.yaml", "scheme: [")


def gone_programme(project: Project) -> None:
    """Deletes the programme's file, which the log still has."""
    (project.root / "content/programmes/japan.yaml").unlink()


def missing_notice(project: Project) -> None:
    """Deletes the notice that the closing shows."""
    (project.root / "content/en/_notices/quota_reached.md").unlink()


def new_programme_not_in_log(project: Project) -> None:
    """Adds a programme's file that is not in the log yet."""
    shutil.copy(
        project.root / "content/programmes/japan.yaml", project.root / "content/programmes/taiwan.yaml"
    )


def no_content(project: Project) -> None:
    """Deletes the whole content folder."""
    shutil.rmtree(project.root / "content")


def not_utf8(project: Project) -> None:
    """Writes a page that is not UTF-8."""
    project.write("content/nl/japan.md", b"\xff\xfe\x00")


BREAKAGES = [
    broken_page,
    broken_settings,
    no_settings,
    other_zone,
    broken_programme,
    missing_notice,
    new_programme_not_in_log,
    not_utf8,
]


@pytest.mark.parametrize("break_it", BREAKAGES, ids=lambda breakage: breakage.__name__)
def test_a_closing_gets_through_whatever_is_broken_in_content(
    target: Target, break_it: Callable[[Project], None]
) -> None:
    """Whatever is broken in content, a closing hides the link in one call.

    The exit code is 4, the problems are listed, and the last good content stays.
    """
    opened(target)
    page = target.page("en/index.html")
    quota(target, "set", "japan", "quota_reached")
    break_it(target.project)
    done = target.publish()

    assert done.returncode == 4
    assert not target.shows_link()
    assert target.shows_link("south-korea")
    assert re.search(r"^(content|quota_state\.yaml).*:\d+: ", done.stderr)
    assert "content/ was left out" in done.stderr
    assert target.page("en/index.html").count("</p>") == page.count("</p>")
    assert target.journal()[-1]["result"] == "state-only"
    assert target.publish().returncode == 1
    assert target.numbers == [2, 1]


@pytest.mark.parametrize("break_it", [gone_programme, no_content], ids=["gone-programme", "no-content"])
def test_a_programme_without_its_file_is_closed_by_the_log(
    target: Target, break_it: Callable[[Project], None]
) -> None:
    """If a programme's file is deleted, the log still decides whether its link is shown."""
    opened(target)
    quota(target, "set", "japan", "quota_reached")
    break_it(target.project)

    target.published(code=4)
    assert not target.shows_link()


def test_a_programme_that_is_taken_out_does_not_hold_up_another_one(target: Target) -> None:
    """Japan closes although a page is broken and South Korea was removed from content and log.

    South Korea stays as it was.
    """
    opened(target)
    quota(target, "set", "japan", "quota_reached")
    (target.project.root / "content/programmes/south-korea.yaml").unlink()
    log = (target.project.root / "quota_state.yaml").read_text()
    target.project.write("quota_state.yaml", log[: log.index("# South Korea")])
    broken_page(target.project)

    target.published(code=4)
    assert not target.shows_link()
    assert target.shows_link("south-korea")


def test_an_opening_gets_through_too(target: Target) -> None:
    """An opening shows the link although a page is broken."""
    target.published()
    quota(target, "set", "japan", "open")
    broken_page(target.project)

    target.published(code=4)
    assert target.shows_link()


def test_mended_content_is_published_again(target: Target) -> None:
    """The next publish after the page is mended uses content/ and exits with 0."""
    opened(target)
    quota(target, "set", "japan", "quota_reached")
    broken_page(target.project)
    target.published(code=4)
    (target.project.root / "content/en/broken.md").unlink()
    target.project.replace("content/en/index.md", "title: ", "title: Mended ")

    target.published()
    assert "Mended" in target.page("en/index.html")
    assert not target.shows_link()


def test_what_the_gate_refuses_does_not_hold_up_a_closing(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If content passes every check but the gate refuses the closing, it is published over the last good content."""
    opened(target)
    quota(target, "set", "japan", "quota_reached")
    target.project.replace("content/en/index.md", "title: ", "title: Unknown host ")
    rendered = Renderer.render

    def with_foreign_host(self: Renderer, site: Site) -> dict[str, bytes]:
        files = rendered(self, site)
        page = files["en/index.html"]
        bad = page.replace(b"</main>", b'<a href="https://foreign.test/">x</a></main>')
        return {**files, "en/index.html": bad if b"Unknown host" in page else page}

    monkeypatch.setattr(Renderer, "render", with_foreign_host)
    done = target.publish()

    assert done.returncode == 4
    assert "leads to foreign.test" in done.stderr
    assert not target.shows_link()


def test_the_last_good_content_is_found_behind_a_damaged_one(target: Target) -> None:
    """If the live release's own inputs are damaged on the disk, a publish uses an earlier release's content."""
    target.published()
    target.project.replace("content/en/index.md", "title: ", "title: Newer ")
    opened(target)
    (target.folder / "current/inputs/content/en/index.md").write_text("damaged")
    quota(target, "set", "japan", "quota_reached")
    broken_page(target.project)

    target.published(code=4)
    assert not target.shows_link()
    assert "Newer" not in target.page("en/index.html")


def test_a_damaged_manifest_does_not_hold_up_a_closing(target: Target) -> None:
    """If the live release's manifest cannot be read, a publish reports this and goes on without the manifest."""
    opened(target)
    (target.folder / "current/manifest.json").write_text("{")
    quota(target, "set", "japan", "quota_reached")
    done = target.publish()

    assert done.returncode == 0
    assert "manifest.json: cannot be understood" in done.stderr
    assert not target.shows_link()
    assert target.number == 2


def test_an_old_copy_of_the_log_brings_nothing_back(target: Target) -> None:
    """A publish refuses a log that lacks a published event, whether the log would show or hide the link."""
    old = (target.project.root / "quota_state.yaml").read_bytes()
    quota(target, "set", "japan", "open")
    middle = (target.project.root / "quota_state.yaml").read_bytes()
    target.published()
    target.project.write("quota_state.yaml", old)
    done = target.publish()
    assert done.returncode == 1
    assert "is published (release 1), but quota_state.yaml does not contain it" in done.stderr
    assert target.shows_link()

    target.project.write("quota_state.yaml", middle)
    quota(target, "set", "japan", "quota_reached")
    target.published()
    target.project.write("quota_state.yaml", middle)
    assert target.publish().returncode == 1
    assert not target.shows_link()


def test_a_closing_gets_through_though_history_was_edited(target: Target) -> None:
    """A closing hides the link and prints a message if somebody has removed events from the log by hand."""
    old = (target.project.root / "quota_state.yaml").read_bytes()
    opened(target)
    target.project.write("quota_state.yaml", old)
    quota(target, "set", "japan", "suspended")
    done = target.publish()

    assert done.returncode == 0
    assert "The link is hidden anyway" in done.stderr
    assert not target.shows_link()


def test_a_clock_that_went_back_shows_no_link_again(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the clock is set to before the closing, the link stays hidden. The message names the clock as the cause."""
    opened(target)
    quota(target, "set", "japan", "quota_reached")
    target.published()
    events = target.manifest.events["japan"]
    monkeypatch.setattr("site_src.publish.publisher.present_moment", lambda: events[-2].starts)
    for code in (4, 1):
        done = target.publish()
        assert done.returncode == code
        assert "by this machine's clock it is in the future. Correct the clock." in done.stderr
        assert not target.shows_link()


def test_a_slow_publisher_brings_no_older_state_back(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a publisher holds the lock during a closing, it publishes the state of the time when it began.

    The next publish closes.
    """
    opened(target)
    slow = Publisher(target.project.root, target.folder, "slow", 20)
    target.project.replace("content/en/index.md", "title: ", "title: Slow ")

    def read_slowly(root: Path) -> Tree:
        tree = load_tree(root)
        quota(target, "set", "japan", "quota_reached")
        return tree

    monkeypatch.setattr("site_src.publish.publisher.load_tree", read_slowly)
    assert slow.publish().release.manifest.states["japan"] is State.OPEN
    monkeypatch.undo()
    target.published()

    assert not target.shows_link()
    assert "Slow" in target.page("en/index.html")


def test_a_clock_that_was_ahead_does_not_keep_the_link(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a wrong clock published an opening too early, the link is hidden again as soon as the clock is right."""
    target.project.set_log("japan", "quota_reached 2020-04-01 11:42", f"open {days_ahead(90)}")
    with monkeypatch.context() as clock:
        later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=120)
        clock.setattr("site_src.publish.publisher.present_moment", lambda: later)
        target.published()
        assert target.shows_link()
    done = target.publish()

    assert done.returncode == 0
    assert "The link is hidden anyway. Correct the clock." in done.stderr
    assert not target.shows_link()
