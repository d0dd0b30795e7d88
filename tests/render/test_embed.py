"""The embedded notice shows the state without the link, and its own links open our pages in the whole window."""

from __future__ import annotations

import pytest

from site_src.states import State
from tests.gate.test_links_by_state import LOGS
from tests.site.test_notice_facts import facts
from tests.site.test_notices_by_state import page
from tests.support.html_pages import parse, text
from tests.support.project import Project


@pytest.mark.parametrize("state", LOGS)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_an_embed_says_what_the_page_says(project: Project, state: State, language: str) -> None:
    """An embedded notice has the title, text and facts of the programme's page, but not the conversation starter."""
    project.set_log("japan", *LOGS[state])

    data = project.built().files[f"embed/{language}/japan.html"]

    embed, own = parse("embed", data), page(project, f"{language}/japan")
    notice, original = embed.one("quota-notice"), own.one("quota-notice")
    assert text(original.findall("h2")[0]) in text(notice.findall("h1")[0])
    assert [text(line) for line in original.findall("p")][:1] == [text(line) for line in notice.findall("p")][
        :1
    ]
    assert facts(embed) == facts(own)
    assert embed.with_class("conversation-starter") == []
    assert b"request.test" not in data


def test_every_link_leaves_the_frame(project: Project) -> None:
    """Each link of an embedded notice opens in the whole window, because our pages refuse to be framed."""
    for notice in ("open", "quota_reached"):
        file = f"content/en/_notices/{notice}.md"
        project.write(
            file,
            (project.root / file).read_text(encoding="utf-8")
            + "\nSee [home](index.md) and [the IND](contact:ind).\n",
        )

    files = project.built().files

    for programme in ("japan", "south-korea"):
        links = list(parse("embed", files[f"embed/en/{programme}.html"]).elements("a"))
        assert len(links) == 3
        assert {link.get("target") for link in links} == {"_top"}
        assert links[-1].get("href") == f"https://small.test/en/{programme}/"


def test_an_embed_is_not_for_search_engines(project: Project) -> None:
    """An embedded notice is marked noindex, and its canonical address is the programme's page."""
    embed = parse("embed", project.built().files["embed/nl/japan.html"])

    (robots,) = (meta for meta in embed.elements("meta") if meta.get("name") == "robots")
    assert robots.get("content") == "noindex"
    assert [link.get("href") for link in embed.head_links("canonical")] == ["https://small.test/nl/japan/"]
    (style,) = embed.head_links("stylesheet")
    assert style.get("href", "").startswith("/assets/embed.")
