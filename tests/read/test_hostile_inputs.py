"""Mistakes and attacks in inputs end in a message with a file and a line, never in a traceback."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.support.commands import command
from tests.support.project import NOON, Project

STATUS = "content/en/status.md"
JAPAN = "content/en/japan.md"


def check_refusal(project: Project, *expected: str) -> None:
    """Checks that `check` exits with 1 and prints the expected texts."""
    done = command(project, "check", "--at", NOON)
    assert done.returncode == 1
    for text in expected:
        assert text in done.stderr


@pytest.mark.parametrize("path", ["quota_state.yaml", "content/site.yaml", "content/en/_labels.yaml", STATUS])
@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_a_character_that_is_none(project: Project, path: str, character: str) -> None:
    """The characters U+FFFE and U+FFFF, which YAML forbids, are refused, and the message names their line."""
    text = (project.root / path).read_text()
    first, rest = text.split("\n", 1)
    project.write(path, f"{first}\n{character}{rest}")

    check_refusal(project, f"{path}:2: has the invisible character U+{ord(character):04X} here.")


@pytest.mark.parametrize(
    "address", ["https://ind.nl／nl", "https://ind.nl？a=1", "<https://[foo/>", "https://[::1"]
)
def test_an_address_that_cannot_be_read(project: Project, address: str) -> None:
    """An address with full-width characters, as Japanese keyboards type them, is reported with its line."""
    project.replace(STATUS, "What the state is.", f"[the IND]({address})")

    check_refusal(project, f"{STATUS}:7: ")


def test_a_starter_in_raw_code(project: Project) -> None:
    """The token `[[conversation-starter]]` inside an HTML `code` element is reported with its line."""
    project.replace(JAPAN, "[[conversation-starter]]", "<code>[[conversation-starter]]</code>")

    check_refusal(project, f"{JAPAN}:12: [[conversation-starter]]")


@pytest.mark.parametrize("reference", ["&#x202e;", "&#xE000;", "&#2;", "&#x2028;"])
def test_an_invisible_character_as_a_reference(project: Project, reference: str) -> None:
    """An invisible character is also refused if it is typed as a character reference, such as `&#x202e;`."""
    project.replace(STATUS, "What the state is.", f"What {reference} is.")

    check_refusal(project, f'{STATUS}:7: has a reference "&#…;" to the invisible character ')


def test_an_address_in_its_unicode_form(project: Project) -> None:
    """If a conversation starter's host has an internationalised name, its address is also found in the Unicode form."""
    project.replace(
        "content/programmes/japan.yaml",
        "https://start.request.test/japan/en",
        "https://xn--bcher-kva.test/japan",
    )
    project.replace(STATUS, "What the state is.", "Go to bücher.test/japan now.")

    check_refusal(project, f"{STATUS}:7: has a conversation starter's address")


@pytest.mark.parametrize("name", ["index", "status"])
def test_a_programme_named_like_a_page_of_its_own(project: Project, name: str) -> None:
    """A programme may not have the name of the home page or the status page."""
    text = (project.root / "content/programmes/japan.yaml").read_text()
    project.write(f"content/programmes/{name}.yaml", text.replace("/japan/", "/third/"))

    check_refusal(project, f"content/programmes/{name}.yaml:1: ")


@pytest.mark.parametrize("path", ["quota_state.yaml", "content/site.yaml", "content/en/_labels.yaml"])
def test_a_folder_in_the_place_of_a_file(project: Project, path: str) -> None:
    """A folder that has the name of an expected file is reported with its path."""
    (project.root / path).unlink()
    (project.root / path).mkdir()

    check_refusal(project, f"{path}:1: is not a file.")


@pytest.mark.parametrize("path", ["content/nl", "content/en/_notices", "content/programmes"])
def test_a_file_in_the_place_of_a_folder(project: Project, path: str) -> None:
    """A file that has the name of an expected folder is reported, without a traceback."""
    (project.root / path).rename(project.root / "elsewhere")
    project.write(path, "text\n")

    check_refusal(project, path)


@pytest.mark.parametrize("locale", ["root", "rw"])
def test_a_locale_without_forms_of_its_own(project: Project, locale: str) -> None:
    """A locale for which CLDR has no date formats is accepted or reported as a problem. It causes no traceback."""
    text = (project.root / "content/nl/_labels.yaml").read_text()
    project.write("content/nl/_labels.yaml", text.replace("locale: nl", f"locale: {locale}"))

    done = command(project, "check", "--at", NOON)

    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)


def test_what_is_built_can_be_read_by_the_web_server(project: Project) -> None:
    """All users can read the files and folders of a build, even if the umask forbids it for new files."""
    old = os.umask(0o077)
    try:
        assert command(project, "build", "--at", NOON).returncode == 0
    finally:
        os.umask(old)

    built = (project.root / "dist").resolve()
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [built, *built.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o755}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o644}
    assert stat.S_IMODE(built.parent.stat().st_mode) == 0o755


def test_a_strangers_marker_above_is_no_matter(project: Project) -> None:
    """A file named `made-by-quotabord` in the folder above the project does not stop a build."""
    Path(project.root.parent / "made-by-quotabord").touch()

    assert command(project, "build", "--at", NOON).returncode == 0


def test_a_time_zone_of_the_machine_that_is_none(project: Project) -> None:
    """A build succeeds even if the variable TZ does not name a time zone."""
    done = project.run("build", "--at", NOON, env={"TZ": "Europe"})

    assert (done.returncode, done.stderr) == (0, "")


def test_kept_texts_that_cannot_be_used_are_made_again(project: Project) -> None:
    """A build converts the texts again if the cache file has invalid data or is a folder."""
    assert command(project, "build", "--at", NOON).returncode == 0
    kept = project.root / ".dist.builds/memo.sqlite"
    kept.write_text("[" * 100_000)
    assert command(project, "build", "--at", NOON).returncode == 0
    kept.unlink(missing_ok=True)
    kept.mkdir()
    project.replace(STATUS, "What the state is.", "What it is.")

    assert command(project, "build", "--at", NOON).returncode == 0
    assert b"What it is." in project.published()["en/status/index.html"]
