"""No page contains an address that was replaced.

Older content is not published again if it contains the present address.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from site_src.publish.retired import find_retired
from tests.support.commands import command
from tests.support.project import REPOSITORY, tree
from tests.support.published import Target

OLD, NEW = "https://start.request.test/japan/en", "https://forms.new.test/japan/en"
FILE, PAGE = "content/programmes/japan.yaml", "content/en/index.md"
REASON = "shows the conversation starter, at an address from the content of another release"


def change_address(target: Target, old: str = OLD, new: str = NEW) -> None:
    """Gives Japan a different address in the default language."""
    target.project.replace(FILE, f"en: {old}", f"en: {new}")


def append(target: Target, text: str) -> None:
    """Adds a paragraph at the end of a page."""
    path = target.project.root / PAGE
    target.project.write(PAGE, f"{path.read_text(encoding='utf-8')}\n{text}\n")


def allow(target: Target, host: str) -> None:
    """Allows pages to link to the host."""
    target.project.replace("content/site.yaml", "[ind.nl", f"[{host}, ind.nl")


@pytest.fixture
def typed_before(target: Target) -> Target:
    """Release 1 has a link to the address that Japan gets in release 2. Japan is closed in both."""
    allow(target, "forms.new.test")
    append(target, f"See [the form]({NEW}).")
    target.published()
    target.project.replace(PAGE, f"See [the form]({NEW}).", "See below.")
    target.project.replace("content/site.yaml", "[forms.new.test, ", "[")
    change_address(target)
    target.published()
    assert (target.number, NEW in target.page("en/index.html")) == (2, False)
    return target


@pytest.mark.parametrize("state", ["open", "suspended"])
@pytest.mark.parametrize(
    "text",
    ["See [this]({}).", "See `{}` and more.", ":::from 2090-01-01 00:00\nSee `{}` and more.\n:::"],
    ids=["link", "text", "hidden"],
)
def test_an_address_that_was_changed_is_in_no_page(target: Target, state: str, text: str) -> None:
    """A page with an address of an earlier release is refused in every state, even if links to its host are allowed."""
    target.project.set_log("japan", f"{state} 2026-01-01 00:00")
    target.published()
    change_address(target)
    for language in ("en", "nl"):
        target.project.replace(
            "content/programmes/south-korea.yaml",
            f"{language}: https://start.request",
            f"{language}: https://korea",
        )
    target.project.replace(FILE, "nl: https://start.request", "nl: https://forms.new")
    target.published()
    assert target.shows_link() is (state == "open")
    allow(target, "start.request.test")
    append(target, text.format(OLD))

    done = target.publish()

    assert "en/index.html: japan: " in done.stderr
    assert REASON in done.stderr
    assert done.returncode == 3
    assert target.number == 2


@pytest.mark.parametrize("state", ["quota_reached", "open"])
def test_a_roll_back_does_not_bring_the_present_address_back(typed_before: Target, state: str) -> None:
    """A roll-back refuses content that has the present address in a text, whether the programme is closed or open."""
    if state == "open":
        command(typed_before.project, "quota", "set", "japan", "places_available", "--yes")
    before = typed_before.everything()

    done = typed_before.command("rollback", "1", "--yes")

    assert done.returncode == 3
    assert "en/index.html: japan: " in done.stderr
    assert REASON in done.stderr
    assert typed_before.everything() == before


def test_a_fallback_does_not_bring_the_present_address_back(typed_before: Target) -> None:
    """A publish that cannot use content/ or the live content does not fall back on older content with the present address."""
    typed_before.project.replace(PAGE, "title: ", "titel: ")
    live = typed_before.folder / "current" / "inputs" / PAGE
    live.write_bytes(live.read_bytes() + b"\nchanged\n")
    command(typed_before.project, "quota", "set", "japan", "places_available", "--yes")

    done = typed_before.publish()

    assert done.returncode != 0
    assert typed_before.number == 2
    assert NEW not in typed_before.page("en/index.html")


def test_a_roll_back_brings_the_address_of_its_content_back(target: Target) -> None:
    """A roll-back restores the address of its release, and no page contains the wrong address."""
    target.project.set_log("japan", "open 2026-01-01 00:00")
    target.published()
    change_address(target)
    target.published()
    assert NEW in target.page()

    assert target.command("rollback", "--yes").returncode == 0
    assert OLD in target.page()
    assert NEW not in target.page()


def test_a_release_without_a_manifest_is_known_as_well(target: Target) -> None:
    """The address in a release's content is found even if the release has no manifest."""
    target.published()
    (target.folder / "current" / "manifest.json").unlink()
    content = tree(target.project.root / "content")
    other = {f"content/{path}": data.replace(OLD.encode(), NEW.encode()) for path, data in content.items()}

    assert find_retired(target.folder, other, other) == {"japan": (OLD,)}


STARTERS = {
    "block": "conversation_starter:\n  en: https://a.test/x,1\n  nl: https://a.test/y\nnames: https://b.test",
    "braces": '"conversation_starter": {en: https://a.test/x,1, nl: "https://a.test/y"} # https://b.test',
    "next-line": "conversation_starter:\r\n\r\n# https://b.test\r\n  en: https://a.test/x,1\r\n\r\n  nl:\r\n    https://a.test/y",
    "broken": "{[:\nconversation_starter:\n  en: https://a.test/x,1\n  nl: 'https://a.test/y'\n}:",
}  # fmt: skip


@pytest.mark.parametrize("form", STARTERS)
def test_addresses_are_read_in_any_form(tmp_path: Path, form: str) -> None:
    """Exactly the addresses of a file's conversation starters are found, in any layout, even if the file is broken elsewhere."""
    present = {
        "content/programmes/x.yaml": STARTERS[form].encode(),
        "content/en/x.md": STARTERS["block"].encode(),
    }

    assert find_retired(tmp_path, {}, present) == {"x": ("https://a.test/x,1", "https://a.test/y")}
    assert find_retired(tmp_path, present, present) == {}


def test_the_addresses_of_the_real_programmes_are_read(tmp_path: Path) -> None:
    """The addresses of each real programme are found as the checks read them."""
    content = {f"content/{path}": data for path, data in tree(REPOSITORY / "content").items()}

    found = find_retired(tmp_path, {}, content)

    for programme in ("japan", "south-korea"):
        (own, *_) = (data for path, data in content.items() if path.endswith(f"/{programme}.yaml"))
        assert found[programme]
        assert all(f": {address}\n".encode() in own for address in found[programme])
        assert own.count(b": https://") == len(found[programme])
