"""Dated texts are published on their second, and no closing waits for them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from site_src.publish.publisher import Publisher
from tests.publish.test_resident import PATIENCE, watching
from tests.support.published import JAPAN_PAGE, Target

PAGE = "content/en/japan.md"
WORDS = "A part with a date."


def add_block(target: Target, moment: datetime, text: str = WORDS, path: str = PAGE) -> None:
    """Adds a block, shown from this moment on, to a text."""
    body = (target.project.root / path).read_text(encoding="utf-8")
    target.project.write(path, f"{body}\n:::from {moment:%Y-%m-%d %H:%M:%S}Z\n{text}\n:::\n")


def seconds_ahead(seconds: float) -> datetime:
    """Returns a whole second in the future."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)


def test_a_resident_publishes_a_dated_text_on_its_second(target: Target) -> None:
    """A resident publisher publishes a dated block although no file changed.

    The block is live on its second, not before.
    """
    moment = seconds_ahead(6)
    add_block(target, moment)
    with watching(target):
        while WORDS not in target.page(JAPAN_PAGE):
            assert datetime.now(UTC) < moment + timedelta(seconds=PATIENCE)
            time.sleep(0.005)
        seen = datetime.now(UTC)

    assert seen >= moment
    assert target.manifest.instant >= moment


def test_the_next_change_is_that_of_a_dated_text(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """The publisher's next change is the moment of the next dated block.

    At that moment, a publish shows the block.
    """
    now, moment = seconds_ahead(0), seconds_ahead(600)
    add_block(target, moment)
    publisher = Publisher(target.project.root, target.folder, "test", 5)
    publisher.publish()

    assert publisher.next_change(now) == moment
    assert publisher.next_change(moment) > moment
    assert WORDS not in target.page(JAPAN_PAGE)
    monkeypatch.setattr("site_src.publish.publisher.present_moment", lambda: moment)
    assert publisher.publish().switched
    assert WORDS in target.page(JAPAN_PAGE)
    assert not publisher.publish().switched


@pytest.mark.parametrize("text", [":::from tomorrow\nText.\n:::", ":::from 2090-01-01 00:00\nText."])
def test_a_closing_does_not_wait_for_a_wrong_block(target: Target, text: str) -> None:
    """If a dated block has a mistake, a closing is published over the content before that mistake."""
    target.project.set_log("japan", "open 2026-01-01 00:00")
    target.published()
    body = (target.project.root / PAGE).read_text(encoding="utf-8")
    target.project.write(PAGE, f"{body}\n{text}\n")
    target.project.set_log("japan", "open 2026-01-01 00:00", "quota_reached 2026-04-01 11:42")

    target.published(code=4)

    assert not target.shows_link()
