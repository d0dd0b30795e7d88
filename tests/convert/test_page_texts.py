"""What each Markdown construct that pages may use becomes in the published page."""

from __future__ import annotations

import pytest

from tests.support.html_pages import HtmlPage, parse, text
from tests.support.project import Project

FRONT = "---\ntitle: Text\ndescription: A text.\nupdated: 2026-11-22\n---\n"


def written(project: Project, body: str, front: str = FRONT) -> HtmlPage:
    """Returns the built page that has this text."""
    project.write("content/en/text.md", front + body)
    path = "en/text/index.html"
    return parse(path, project.built().files[path])


def article(page: HtmlPage) -> str:
    """Returns the text of the page's article."""
    (found,) = page.elements("article")
    return text(found)


def test_a_footnote_leads_there_and_back(project: Project) -> None:
    """A footnote's mark links to the note. The note links back to its mark, with a title that says so."""
    page = written(project, "A claim.[^1]\n\n[^1]: Its source.\n")

    (mark,) = page.with_class("footnote-ref")
    (back,) = page.with_class("footnote-backref")
    assert "Its source." in text(page.one("footnote"))
    assert mark.get("href", "")[1:] in page.ids
    assert back.get("href", "")[1:] in page.ids
    assert back.get("title") == "Back to the text of note 1"


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_footnote_speaks_the_language_of_its_page(project: Project, language: str) -> None:
    """The title of a note's back link is in the language of the page."""
    for code in ("en", "nl"):
        project.write(f"content/{code}/text.md", FRONT + "A claim.[^1]\n\n[^1]: Its source.\n")

    page = parse("page", project.built().files[f"{language}/text/index.html"])

    title = {"en": "Back to the text of note 1", "nl": "Terug naar de tekst bij noot 1"}[language]
    assert page.one("footnote-backref").get("title") == title


def test_a_definition_list_becomes_one(project: Project) -> None:
    """A line that begins with a colon becomes the definition of the line above it."""
    page = written(project, "Quota\n:   The number of places.\n")

    assert [text(term) for term in page.elements("dt")] == ["Quota"]
    assert [text(meaning) for meaning in page.elements("dd")] == ["The number of places."]


def test_a_table_has_heads_and_aligned_columns(project: Project) -> None:
    """Column and row headers are `th`. A right-aligned column has a class, not a style."""
    page = written(project, "| Topic | Sum |\n|---|--:|\n| Rent | 12 |\n")

    assert [(text(cell), cell.get("class")) for cell in page.elements("th")] == [
        ("Topic", None),
        ("Sum", "right"),
        ("Rent", None),
    ]
    assert [(text(cell), cell.get("class")) for cell in page.elements("td")] == [("12", "right")]
    assert not [element for element in page.elements() if element.get("style")]


def test_attribute_lists_give_ids_and_classes_only(project: Project) -> None:
    """An attribute list can set an id and classes. Its other attributes are removed."""
    page = written(project, "## Money {: #cash }\n\nText.\n{: .wide onclick=alert(1) style=color:red }\n")

    assert [heading.get("id") for heading in page.elements("h2")] == ["cash"]
    (paragraph,) = [found for found in page.with_class("wide") if found.tag == "p"]
    assert dict(paragraph.items()) == {"class": "wide"}


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        pytest.param("申請の方法", "申請の方法", id="japanese"),
        pytest.param("신청 방법", "신청-방법", id="korean"),
        pytest.param("Wat kost één aanvraag?", "wat-kost-één-aanvraag", id="dutch"),
        pytest.param("What you send", "what-you-send", id="english"),
    ],
)
def test_anchors_are_words_in_every_language(project: Project, heading: str, anchor: str) -> None:
    """In every language, a heading's anchor is made of the heading's words, and links to it work."""
    page = written(project, f"## {heading}\n\n## Other\n\nSee [above](#{anchor}).\n")

    assert [found.get("id") for found in page.elements("h2")] == [anchor, "other"]
    assert f"#{anchor}" in [link.get("href") for link in page.elements("a")]


def test_two_headings_of_the_same_words_have_two_anchors(project: Project) -> None:
    """Two headings with the same words on a page have two anchors."""
    page = written(project, "## 申請\n\n## 申請\n")

    assert len({heading.get("id") for heading in page.elements("h2")}) == 2


@pytest.mark.parametrize("first", ["aaa", "zzz"])
def test_a_definition_does_not_leak_to_another_page(project: Project, first: str) -> None:
    """A footnote or a link definition applies only to its own page, whichever page is read first."""
    other = {"aaa": "zzz", "zzz": "aaa"}[first]
    body = (
        "See [the office][office], and this.[^note]\n\n[office]: https://ind.nl/there\n[^note]: The note.\n"
    )
    project.write(f"content/en/{first}.md", FRONT + body)
    project.write(f"content/en/{other}.md", FRONT + "See [the office][office], and this.[^note]\n")

    files = project.built().files

    assert b"https://ind.nl/there" in files[f"en/{first}/index.html"]
    leaked = parse("other", files[f"en/{other}/index.html"])
    assert "[the office][office], and this.[^note]" in article(leaked)
    assert not leaked.with_class("footnote")


def test_the_same_footnote_on_two_pages_is_two_footnotes(project: Project) -> None:
    """Each page numbers its notes from one, and has its own text for them."""
    for name, source in (("one", "First source."), ("two", "Second source.")):
        project.write(f"content/en/{name}.md", FRONT + f"A claim.[^1]\n\n[^1]: {source}\n")

    files = project.built().files

    for name, own, foreign in (("one", "First", "Second"), ("two", "Second", "First")):
        page = parse(name, files[f"en/{name}/index.html"])
        assert [text(mark) for mark in page.with_class("footnote-ref")] == ["1"]
        assert f"{own} source." in article(page)
        assert f"{foreign} source." not in article(page)


def test_tokens_are_filled_in_headings_tables_and_links(project: Project) -> None:
    """A fact is filled in within headings, tables, links and emphasis."""
    page = written(
        project,
        "## For [[japan.places_per_year]] people\n\n| a |\n|---|\n| [[south-korea.places_per_year]] |\n\n"
        "[All [[answer_within_days]] days](index.md)\n\n- **[[answer_within_days]]**\n",
    )

    words = article(page)
    for part in ("For 200 people", "1,200", "All 14 days"):
        assert part in words
    assert "[[" not in words


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_list_of_headings_has_the_ids_of_the_original(project: Project, language: str) -> None:
    """`[TOC]` lists the second-level headings in the page's language, with ids that are equal in all languages."""
    project.write("content/en/text.md", FRONT + "[TOC]\n\n## Money *now*\n\n### How much\n\n## Work\n")
    project.write("content/nl/text.md", FRONT + "[TOC]\n\n## Geld\n\n### Hoeveel\n\n## Werk\n")

    page = parse("page", project.built().files[f"{language}/text/index.html"])

    links = [(link.get("href"), text(link)) for link in page.one("toc").iter("a")]
    words = {"en": ("Money now", "Work"), "nl": ("Geld", "Werk")}[language]
    assert links == [("#money-now", words[0]), ("#work", words[1])]
    assert {"money-now", "work"} <= set(page.ids)
