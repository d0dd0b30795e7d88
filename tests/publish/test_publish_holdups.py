"""Faults that must not delay a closing.

They are broken content that only the closing shows, a fault of another programme, a broken log, and a crash
while reading.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from site_src.convert.converter import Converter
from site_src.publish.manifest import MANIFEST_FILE, digest
from site_src.render.renderer import Renderer
from site_src.site.model import Site
from site_src.states import State
from tests.support.published import Target

OPEN = "open 2026-01-01 00:00"
CLOSED = "quota_reached 2026-04-01 11:42"
NOW = "site_src.publish.publisher.present_moment"
# South Korea is open in the small site. Each test closes one programme while the other one has a fault.
KOREA = ("open 2026-01-01 00:00", "quota_reached 2026-05-01 09:00")


def publish_both(target: Target, *japan: str) -> None:
    """Publishes with this log of Japan, and with South Korea open."""
    target.project.set_log("japan", *japan)
    target.project.set_log("south-korea", KOREA[0])
    target.published()
    assert target.shows_link("south-korea")


def add_to_log(target: Target, text: str) -> None:
    """Adds lines to the end of the quota log."""
    file = target.project.root / "quota_state.yaml"
    file.write_text(file.read_text() + text)


def test_an_old_log_of_one_programme_does_not_hold_up_another(target: Target) -> None:
    """A log that lacks Japan's published closing still closes South Korea.

    Japan stays hidden, the exit code is 4, and the message names the cure.
    """
    publish_both(target, OPEN, CLOSED)
    target.project.set_log("japan", OPEN)
    target.project.set_log("south-korea", *KOREA)
    done = target.publish()

    assert done.returncode == 4
    assert not target.shows_link("japan")
    assert not target.shows_link("south-korea")
    assert 'data-state="quota_reached"' in target.page()
    assert "japan: quota_reached from 2026-04-01 09:42:00 UTC is published" in done.stderr
    assert "git pull" in done.stderr


def test_a_clock_that_was_ahead_at_one_closing_does_not_hold_up_another(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a clock that was an hour ahead published Japan's closing, South Korea still closes after the clock is corrected.

    Japan stays hidden.
    """
    publish_both(target, OPEN)
    now = datetime.now(UTC).replace(microsecond=0)
    ahead = now + timedelta(minutes=50)
    target.project.set_log("japan", OPEN, f"quota_reached {ahead:%Y-%m-%d %H:%M:%S}+00:00")
    with monkeypatch.context() as clock:
        clock.setattr(NOW, lambda: now + timedelta(hours=1))
        target.published()
    target.project.set_log("south-korea", *KOREA)
    done = target.publish()

    assert done.returncode == 4
    assert not target.shows_link("japan")
    assert not target.shows_link("south-korea")
    assert "Correct the clock." in done.stderr


MISTAKES = {
    "unknown-state": "  - state: quota_reachd\n    from: 2026-06-01 00:00\n",
    "no-time": "  - state: quota_reached\n",
    "same-state": "  - state: open\n    from: 2026-06-01 00:00\n",
    "order": "  - state: quota_reached\n    from: 2025-06-01 00:00\n",
    "doubtful-end": "  - state: suspended\n    from: 2036-06-01 00:00\n",
    "foretold-quota": "  - state: quota_reached\n    from: {ahead}\n",
    "conflict": "<<<<<<< HEAD\n  - state: quota_reached\n    from: 2026-06-01 00:00\n=======\n>>>>>>> other\n",
    "open-quote": '  - state: "quota_reached\n    from: 2026-06-01 00:00\n',
    "cut-off": "  - state: quota_reached\n    fr",
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_one_log_hides_only_that_programme(target: Target, mistake: str) -> None:
    """A mistake in South Korea's events hides only its link.

    Japan's closing and new content are published, and the exit code is 4.
    """
    publish_both(target, OPEN)
    target.project.set_log("japan", OPEN, CLOSED)
    target.project.set_log("south-korea", KOREA[0])
    right = (target.project.root / "quota_state.yaml").read_text()
    add_to_log(target, mistake.format(ahead=f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d 12:00}"))
    target.project.replace("content/en/index.md", "title: ", "title: Newer ")
    done = target.publish()

    assert done.returncode == 4
    assert not target.shows_link("japan")
    assert 'data-state="quota_reached"' in target.page()
    assert not target.shows_link("south-korea")
    assert "Newer" in target.page("en/index.html")
    assert "quota_state.yaml:" in done.stderr
    target.project.write("quota_state.yaml", right)
    target.published()
    assert target.shows_link("south-korea")


@pytest.mark.parametrize("text", ["", "<<<<<<< HEAD\njapan: [", "japan:\n  - st", None])
def test_a_log_that_cannot_be_read_hides_what_it_cannot_vouch_for(target: Target, text: str | None) -> None:
    """If the log cannot be read at all, no link is shown.

    A programme that was already closed keeps its own notice.
    """
    publish_both(target, OPEN, CLOSED)
    log = target.project.root / "quota_state.yaml"
    whole = log.read_bytes()
    log.unlink()
    if text is not None:
        log.write_text(text)
    done = target.publish()

    assert done.returncode == 4
    assert not target.shows_link("south-korea")
    assert 'data-state="quota_reached"' in target.page()
    assert "delete the file" not in done.stderr
    assert target.publish().returncode == 1  # Nothing has changed since, and the fault is still there.
    log.write_bytes(whole)
    target.published()
    assert target.shows_link("south-korea")


def test_a_known_schedule_takes_effect_while_the_log_is_broken(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scheduled suspension that the live release records is published at its time, even if the log is broken by then."""
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    publish_both(target, OPEN, f"suspended {end:%Y-%m-%d %H:%M:%S}+00:00")
    target.project.write("quota_state.yaml", "<<<<<<< HEAD\n")
    monkeypatch.setattr(NOW, lambda: end + timedelta(seconds=1))
    target.published(code=4)

    assert not target.shows_link("japan")
    assert any(event.starts == end for event in target.manifest.events["japan"])


def test_an_older_log_is_refused_after_the_closing_was_edited_out_of_the_manifest(target: Target) -> None:
    """If the manifest no longer has the digest that the journal records, the states in the journal decide."""
    publish_both(target, OPEN, CLOSED)
    file = target.folder / "current" / MANIFEST_FILE
    manifest = json.loads(file.read_text())
    manifest["events"]["japan"].pop()
    file.write_text(json.dumps({**manifest, "states": {**manifest["states"], "japan": "open"}}))
    target.project.set_log("japan", OPEN)
    done = target.publish()

    assert done.returncode in (1, 4)
    assert not target.shows_link("japan")
    assert "japan: was published as quota_reached at " in done.stderr


def memory_is_short(*_: Any) -> None:
    """Raises MemoryError, as Python does under `ulimit -v`."""
    raise MemoryError


def nest_folders(folder: Path, number: int) -> None:
    """Makes deeply nested folders."""
    for _ in range(number):
        folder = folder / "d"
        folder.mkdir()


CRASHES: dict[str, Callable[[Target], object]] = {
    "keys-in-keys": lambda target: target.project.write(
        "content/en/deep.md", "---\n" + "? " * 330 + "x\n---\nText\n"
    ),
    "flow-keys-in-keys": lambda target: target.project.write(
        "content/en/deep.md", "---\ntitle: " + "{" * 400 + "x" + "}: 1" * 400 + "\n---\nText\n"
    ),
    "nested-folders": lambda target: nest_folders(target.project.root / "content/en", 1100),
    "a-long-slug": lambda target: target.project.replace(
        "content/en/index.md", "title: ", f"moved_from:\n  - {'long' * 75}\ntitle: "
    ),
}


@pytest.fixture
def target_without_depths(target: Target) -> Iterator[Target]:
    """A target whose deeply nested folders are deleted after the test.

    Python's own function recurses too deep for them.
    """
    yield target
    subprocess.run(["rm", "-rf", str(target.project.root / "content/en/d")], check=True)


@pytest.mark.parametrize("name", CRASHES)
def test_a_text_that_exhausts_python_does_not_hold_up_a_closing(
    target_without_depths: Target, name: str
) -> None:
    """A rule refuses a text that would exhaust Python, and names its file and line.

    The closing is published over the last good content (exit code 4).
    """
    target = target_without_depths
    publish_both(target, OPEN)
    CRASHES[name](target)
    target.project.set_log("japan", OPEN, CLOSED)
    done = target.publish()

    assert done.returncode == 4
    assert not target.shows_link("japan")
    assert "Traceback" not in done.stderr
    assert "\ncontent/en" in f"\n{done.stderr}"


STEPS = ["converter", "checker", "assembler", "renderer"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RecursionError("too deep"), "RecursionError: too deep"),
        (MemoryError(), "MemoryError"),
        (OSError(36, "File name too long"), "File name too long"),
    ],
)
def test_whatever_a_step_raises_the_closing_goes_over_kept_content(
    target: Target, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception, said: str
) -> None:
    """If the present content causes a crash, a closing still hides the link and exits with 4.

    Standard error has the traceback.
    """
    publish_both(target, OPEN)
    target.project.replace("content/en/index.md", "title: ", "title: Crashing ")
    target.project.set_log("japan", OPEN, CLOSED)
    module, name = {
        "converter": ("site_src.convert.converter.Converter", "convert_texts"),
        "checker": ("site_src.check.checker.Checker", "check_changed"),
        "assembler": ("site_src.site.assemble.Assembler", "assemble"),
        "renderer": ("site_src.render.renderer.Renderer", "render"),
    }[step]
    owner: Any = getattr(__import__(module.rpartition(".")[0], fromlist=["x"]), module.rpartition(".")[2])
    real = getattr(owner, name)

    def crash(self: Any, first: Any, *rest: Any) -> Any:
        if "Crashing" in repr(first):
            raise error
        return real(self, first, *rest)

    monkeypatch.setattr(owner, name, crash)
    done = target.publish()

    assert done.returncode == 4
    assert not target.shows_link("japan")
    assert said in done.stderr
    assert ("Traceback" in done.stderr) is (said != "File name too long")
    assert target.journal()[-1]["result"] == "state-only"


def test_a_crash_without_a_change_of_state_is_reported_and_changes_nothing(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If changed content causes a crash and no state has changed, a publish exits with 1 and reports the crash.

    The site stays.
    """
    publish_both(target, OPEN)
    name = target.name
    target.project.replace("content/en/index.md", "title: ", "title: Crashing ")
    monkeypatch.setattr(Converter, "convert_texts", memory_is_short)
    done = target.publish()

    assert done.returncode == 1
    assert target.name == name
    assert "MemoryError" in done.stderr
    assert "NOT PUBLISHED" in done.stderr


NOTICE = "content/en/_notices/quota_reached.md"


@pytest.fixture
def notice_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the gate refuse the closing of Japan over content whose notice contains the word "broken".

    Every check of texts passes.
    """
    rendered = Renderer.render

    def render(self: Renderer, site: Site) -> dict[str, bytes]:
        files = rendered(self, site)
        if (
            b"broken" in files["en/japan/index.html"]
            and site.programmes["japan"].state is State.QUOTA_REACHED
        ):
            files["en/japan/index.html"] += b'<a href="https://elsewhere.test/">x</a>'
        return files

    monkeypatch.setattr(Renderer, "render", render)


def break_the_notice(target: Target) -> None:
    """Adds the word to the notice that is shown when the quota is reached."""
    notice = target.project.root / NOTICE
    notice.write_text(notice.read_text() + "\nThis notice is broken.\n")


@pytest.mark.usefixtures("notice_is_broken")
def test_content_that_only_the_closing_shows_is_refused_while_open(target: Target) -> None:
    """While the link is shown, a publish refuses a notice that the gate would refuse after the closing.

    The closing is then published over the last good content.
    """
    publish_both(target, OPEN)
    name = target.name
    break_the_notice(target)
    done = target.publish()

    assert done.returncode == 3
    assert "when japan is closed: leads to elsewhere.test" in done.stderr
    assert target.name == name
    target.project.set_log("japan", OPEN, CLOSED)
    target.published(code=4)
    assert not target.shows_link("japan")
    assert target.shows_link("south-korea")


@pytest.mark.usefixtures("notice_is_broken")
def test_an_opening_over_content_that_cannot_close_again_is_refused(target: Target) -> None:
    """If the gate would refuse the closing over this content, an opening is refused.

    This holds even if the content was published while every programme was suspended.
    """
    break_the_notice(target)
    for programme in ("japan", "south-korea"):
        target.project.set_log(programme, "suspended 2026-01-01 00:00")
    target.published()
    target.project.set_log("japan", "suspended 2026-01-01 00:00", "open 2026-02-01 00:00")
    done = target.publish()

    assert done.returncode == 3
    assert "when japan is closed: leads to elsewhere.test" in done.stderr
    assert not target.shows_link("japan")


@pytest.mark.usefixtures("notice_is_broken")
def test_an_opening_that_is_refused_does_not_hold_up_the_closing_of_another_programme(target: Target) -> None:
    """If Japan cannot open because of a broken notice, South Korea still closes in the same publish.

    Japan stays hidden (exit code 4).
    """
    target.project.set_log("japan", "suspended 2026-01-01 00:00")
    target.project.set_log("south-korea", KOREA[0])
    target.project.replace("content/en/_labels.yaml", "{notice}", "{notice} ")
    target.published()
    target.project.set_log("japan", "suspended 2026-01-01 00:00", "open 2026-02-01 00:00")
    target.project.set_log("south-korea", KOREA[0], "suspended 2026-05-01 09:00")
    kept = target.folder / "current/inputs" / NOTICE
    break_the_notice(target)
    kept.write_bytes((target.project.root / NOTICE).read_bytes())
    manifest = target.folder / "current" / MANIFEST_FILE
    found = json.loads(manifest.read_text())
    found["inputs"][NOTICE] = {"sha256": digest(kept.read_bytes()), "size": len(kept.read_bytes())}
    manifest.write_text(json.dumps(found))
    done = target.publish()

    assert done.returncode == 4, done.stderr
    assert not target.shows_link("japan")
    assert not target.shows_link("south-korea")


def test_a_closing_is_not_rehearsed(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publish over published content that shows no further link rehearses nothing.

    A publish that opens a programme rehearses the closing of each open programme.
    """
    publish_both(target, OPEN)
    rehearsed: list[frozenset[str]] = []
    monkeypatch.setattr(
        "site_src.publish.publisher.rehearse_closings", lambda *given: rehearsed.append(given[-2])
    )
    target.project.set_log("japan", OPEN, CLOSED)
    target.published()
    suspended = "suspended 2026-10-04 09:00"
    target.project.set_log("japan", OPEN, CLOSED, suspended)
    target.published()
    assert rehearsed == []
    target.project.set_log("japan", OPEN, CLOSED, suspended, "places_available 2026-10-05 09:00")
    target.published()
    assert rehearsed == [{"japan", "south-korea"}]


@pytest.mark.parametrize("kib", [60_000, 90_000])
def test_a_process_without_memory_hides_the_link_or_says_that_it_does_not(target: Target, kib: int) -> None:
    """A publish under `ulimit -v` hides the link or exits with a non-zero code. The next publish hides the link."""
    publish_both(target, OPEN)
    target.project.set_log("japan", OPEN, CLOSED)
    script = f"ulimit -v {kib}; exec {sys.executable} build.py publish {target.folder}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=target.project.root,
        env=target.project.environment(),
        capture_output=True,
        check=False,
    )

    assert not target.shows_link("japan") or done.returncode
    target.published()
    assert not target.shows_link("japan")
