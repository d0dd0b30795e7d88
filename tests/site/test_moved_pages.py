"""A reader who opens the old address of a moved page finds the new one, on every host."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_src.gate.gate import GateRefused
from tests.gate.test_gate import JAPAN, case_of
from tests.support.building import build_site, read_inputs, verify
from tests.support.commands import command
from tests.support.hosted_sites import hosted_site, with_moved
from tests.support.html_pages import parsed, text
from tests.support.project import NOON, Project, at


@pytest.mark.parametrize("folder", ["", "/whp"])
@pytest.mark.parametrize("old", ["whp-japan", "guides/japan"])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_page_is_at_the_old_address(tmp_path: Path, language: str, old: str, folder: str) -> None:
    """In every language, the old address has a page that links to the new one and is marked noindex."""
    project = hosted_site(tmp_path / "project")
    base_url = f"https://small.test{folder}"
    pages = parsed(build_site(read_inputs(project.root), at(NOON), base_url).files)
    page = pages[f"{language}/{old}/index.html"]

    assert page.language == language
    assert [meta.get("content") for meta in page.elements("meta") if meta.get("name") == "robots"] == [
        "noindex"
    ]
    assert [link.get("href") for link in page.head_links("canonical")] == [f"{base_url}/{language}/japan/"]
    assert page.head_links("alternate") == []
    (main,) = page.elements("main")
    assert [link.get("href") for link in main.iter("a")] == [f"{folder}/{language}/japan/"]
    assert {"en": "This page has moved", "nl": "Deze pagina is verplaatst"}[language] in page.title
    assert text(next(main.iter("a"))) == text(next(pages[f"{language}/japan/index.html"].elements("h1")))


def test_an_old_address_shows_no_state(tmp_path: Path) -> None:
    """The old address of a programme's page has neither notice nor link, even while the programme is open."""
    project = hosted_site(tmp_path / "project")
    project.set_log("japan", "open 2026-04-01 00:00")
    files = project.built().files
    page = parsed(files)["en/whp-japan/index.html"]

    assert b"start.request.test" in files["en/japan/index.html"]
    assert b"start.request.test" not in files["en/whp-japan/index.html"]
    assert page.with_class("quota-notice") == page.with_class("conversation-starter") == []


def test_nobody_is_sent_on_by_the_page_itself(tmp_path: Path) -> None:
    """The page at the old address does not redirect by itself, because that would move the reader without warning."""
    data = hosted_site(tmp_path / "project").built().files["nl/whp-japan/index.html"]

    assert b"http-equiv" not in data
    assert b"<script" not in data


def test_a_page_that_is_not_translated(project: Project) -> None:
    """If the moved page is not translated, its old address gives the title in the default language.

    Its canonical link leads to the original.
    """
    project.write(
        "content/en/more.md",
        "---\ntitle: More & better\ndescription: More.\nmoved_from: [less]\nupdated: 2026-03-02\n---\nText.\n",
    )
    page = parsed(project.built().files)["nl/less/index.html"]

    (main,) = page.elements("main")
    (link,) = main.iter("a")
    assert (link.get("href"), link.get("lang"), text(link)) == ("/nl/more/", "en", "More & better")
    assert [link.get("href") for link in page.head_links("canonical")] == ["https://small.test/en/more/"]


def test_a_translation_may_say_it_too(project: Project) -> None:
    """An old address applies to every language, whichever language's file names it. Several files may name the same one."""
    with_moved(project, "en/japan.md", "old")
    with_moved(project, "nl/japan.md", "old", "older")
    files = project.built().files

    assert {f"{language}/{old}/index.html" for language in ("en", "nl") for old in ("old", "older")} <= set(
        files
    )
    assert files["_redirects"].decode().count("/en/old/ /en/japan/ 301\n") == 1


def test_a_preview_marks_old_addresses_too(tmp_path: Path) -> None:
    """In a preview, the page at an old address is marked once, like every other page."""
    project = hosted_site(tmp_path / "project")
    done = command(project, "build", "--at", NOON, "--state", "japan=open", "--out", "preview")
    assert done.returncode == 0
    page = parsed(project.published("preview"))["en/whp-japan/index.html"]

    named = [meta.get("content") for meta in page.elements("meta") if meta.get("name") == "robots"]
    assert (named, len(page.with_class("preview"))) == (["noindex"], 1)


@pytest.mark.parametrize(
    "leak",
    [
        f'<p><a href="{JAPAN}">Ask</a></p>',
        '<section class="quota-notice" data-programme="japan" data-state="open"></section>',
        '<meta http-equiv="refresh" content="0; url=/en/japan/">',
        '<p><a href="https://elsewhere.test/">More</a></p>',
    ],
)
def test_the_gate_reads_old_addresses_too(tmp_path: Path, leak: str) -> None:
    """The gate refuses a page at an old address that has a closed link, a state, a redirect or a host that is not listed."""
    case = case_of(hosted_site(tmp_path / "project"))
    path = "en/whp-japan/index.html"
    leaking = case.files[path].replace(b"</main>", leak.encode() + b"</main>")
    verify(case.files, case.expected)

    assert leaking != case.files[path]
    assert [refusal.path for refusal in case.refused(path, leaking)] != []


def test_a_leak_in_a_title_is_refused(tmp_path: Path) -> None:
    """The gate refuses a closed programme's address in the label that the page at an old address shows."""
    project = hosted_site(tmp_path / "project")
    inputs = read_inputs(project.root)
    words = inputs.manuscript.content.labels["en"].model_copy(update={"moved": f"Moved: {JAPAN}"})
    inputs.manuscript.content.labels["en"] = words  # type: ignore[index]
    with pytest.raises(GateRefused) as refused:
        build_site(inputs, at(NOON))

    assert {refusal.path for refusal in refused.value.refusals} >= {"en/whp-japan/index.html"}
