"""A publish names each published address that disappears, and what to do about it."""

from __future__ import annotations

from tests.support.published import Target


def test_an_address_that_vanishes_is_named_once(target: Target) -> None:
    """If a page is deleted in all languages, the publish that removes it prints one note.

    Later publishes print none.
    """
    root = target.project.root
    for language in ("en", "nl"):
        (root / f"content/{language}/extra.md").write_text(
            "---\ntitle: Extra\ndescription: More.\nupdated: 2026-11-01\n---\n\nText.\n"
        )
    assert target.publish().returncode == 0
    for language in ("en", "nl"):
        (root / f"content/{language}/extra.md").unlink()
    done, again = target.publish(), target.publish()

    assert done.returncode == 0
    assert "/en/extra/, /nl/extra/: was published and does not exist any more" in done.stderr
    assert 'add "moved_from: [extra]" to the front matter' in done.stderr
    assert "gone" not in again.stderr


def test_a_page_that_moved_has_not_vanished(target: Target) -> None:
    """A publish does not report a page that was renamed with moved_from, or one that is missing in one language only."""
    root = target.project.root
    page = "---\ntitle: Extra\ndescription: More.\nupdated: 2026-11-01\n---\n\nText.\n"
    for language in ("en", "nl"):
        (root / f"content/{language}/extra.md").write_text(page)
    assert target.publish().returncode == 0
    (root / "content/nl/extra.md").unlink()
    (root / "content/en/extra.md").unlink()
    (root / "content/en/other.md").write_text(page.replace("---\n\n", "moved_from: [extra]\n---\n\n"))
    done = target.publish()

    assert done.returncode == 0
    assert "gone" not in done.stderr
