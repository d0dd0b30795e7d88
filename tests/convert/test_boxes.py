"""Boxes with a title: which lines become a box, in pages and notices, and in which language the title is."""

from __future__ import annotations

import pytest

from site_src.convert.markdown import MarkdownConverter
from site_src.convert.markup import Words
from tests.convert.test_page_texts import FRONT, written
from tests.support.html_pages import parse, text
from tests.support.project import Project

WORDS = Words(box_titles=("Note", "Tip", "Important", "<b>Warning</b> *now*"))


@pytest.mark.parametrize("kind", ["note", "Tip", "IMPORTANT", "warning"])
def test_each_kind_has_its_title_and_class(project: Project, kind: str) -> None:
    """A box has the role `note`, the class of its kind, and its kind's label as the first words.

    The kind may be typed in upper or lower case.
    """
    page = written(project, f"> [!{kind}]\n> Look **out**.\n")

    box = page.one("box")
    assert (box.get("class"), box.get("role")) == (f"box box-{kind.lower()}", "note")
    assert text(box) == f"{kind.capitalize()} Look out."


def test_paragraphs_lists_and_facts_stay_in_the_box(project: Project) -> None:
    """A box contains all lines that begin with `>`, including lists, with facts filled in."""
    page = written(
        project,
        "> [!WARNING]\n> One.\n>\n> - [[japan.places_per_year]] places\n> - [home](index.md)\n>\n> Two.\n\nAfter.\n",
    )

    box = page.one("box")
    assert text(box) == "Warning One. 200 places home Two."
    assert [element.tag for element in box] == ["p", "p", "ul", "p"]


@pytest.mark.parametrize(("language", "title"), [("en", "Warning"), ("nl", "Waarschuwing")])
def test_the_title_is_in_the_language_of_the_text(project: Project, language: str, title: str) -> None:
    """On an untranslated page, the title of a box is in the language of the text."""
    project.write(f"content/{language}/text.md", FRONT + "> [!WARNING]\n> Text.\n")
    project.write("content/en/text.md", FRONT + "> [!WARNING]\n> Text.\n")

    page = parse("page", project.built().files[f"{language}/text/index.html"])

    assert text(page.one("box")) == f"{title} Text."


def test_a_notice_has_boxes(project: Project) -> None:
    """A box in a notice is shown on the page and in the embedded notice."""
    project.write(
        "content/en/_notices/quota_reached.md",
        "---\nlabel: Quota reached\ntitle: The quota is reached\n---\n> [!TIP]\n> Try next year.\n",
    )

    files = project.built().files

    for path in ("en/japan/index.html", "embed/en/japan.html"):
        assert b"box-tip" in files[path], path


def test_a_box_is_no_part_of_a_quotation_or_of_another_box() -> None:
    """A box directly after a quotation, another box or a line of text is separate. A box in a list item stays in the item."""
    html = (
        MarkdownConverter(for_pages=True)
        .convert(
            "> quote\n\n> [!NOTE]\n> a\n\n> [!TIP]\n> b\n\nText\n> [!NOTE]\n> c\n\n- item\n\n    > [!TIP]\n    > d",
            WORDS,
        )
        .html
    )

    assert html.count('role="note"') == 4
    assert "<blockquote>\n<p>quote</p>\n</blockquote>" in html
    assert html.endswith("<p>d</p>\n</div>\n</li>\n</ul>")


def test_no_html_makes_a_box() -> None:
    """HTML and Markdown in a label are plain text in a box's title. HTML in a page cannot set the role `note`."""
    converter = MarkdownConverter(for_pages=True)

    assert "&lt;b&gt;Warning&lt;/b&gt; *now*" in converter.convert("> [!WARNING]\n> x", WORDS).html
    assert converter.convert('<div class="box" role="note">x</div>', WORDS).html == '<div class="box">x</div>'
