"""The page shows everything that an editor types, and ids are valid in every language."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from site_src.builder import Builder
from site_src.convert.markdown import MarkdownConverter
from site_src.convert.markdown_rules import NO_TAG, TAG
from site_src.convert.markup import FRAME_IDS
from site_src.read.tree import load_tree
from tests.convert.test_page_texts import FRONT, article, written
from tests.support.html_pages import parse, parsed, text
from tests.support.project import Project


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ask <your name> first.", "Ask <your name> first."),
        ("</surname> and <e-mail>", "</surname> and <e-mail>"),
        ("a<b and c>d", "a<b and c>d"),
        ("x<i or y>z", "x<i or y>z"),
        ("<p class=>", "<p class=>"),
        ("Give your <title> and <address>.", "Give your <title> and <address>."),
        ("Type <code>, then **go**", "Type <code>, then go"),
        ("<div>\n\nFill in <date>.\n\n</div>", "Fill in <date>."),
        ("`<your name>` stays", "<your name> stays"),
        ("## Form C#", "Form C#"),
        ("## Form ##", "Form"),
        ("2027. 4. 1.부터 받습니다.", "2027. 4. 1.부터 받습니다."),
        ("In\n\n2019. So it was.", "2019. So it was."),
    ],
)
def test_what_looks_like_markup_and_is_prose_is_shown(project: Project, typed: str, shown: str) -> None:
    """Words within angle brackets, `#` after a letter, and a year with a dot are shown as typed."""
    assert shown in " ".join(article(written(project, typed)).split())


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("<o:p>word</o:p>", "word"),
        ('<x-tag data-a="1">word</b>', "word"),
        ("<FONT color=red>word</FONT>", "word"),
        ("<script src=x async>alert(1)</script>word", "word"),
        ("<input disabled>word", "word"),
        ("<a onclick='x()' href=\"index.md\">word</a >", "word"),
    ],
)
def test_tags_are_no_prose(typed: str, left: str) -> None:
    """Tags of present or former HTML, or of a word processor, are never shown as text."""
    html = MarkdownConverter(for_pages=True).convert(typed).html

    assert "&lt;" not in html
    assert left in html
    assert "onclick" not in html


def test_each_bracket_begins_a_tag_or_prose() -> None:
    """A text that is a tag is never also taken for prose, whatever its attributes contain."""
    for tag in ("<b>", "</B >", "<a href=x>", "<td colspan='2' lang=\"nl\">", "<br/>", "<h2 일=x>"):
        assert TAG.fullmatch(tag), tag
        assert not NO_TAG.match(tag), tag


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("<ruby>申<rt>しん</rt>請<rt>せい</rt></ruby>", "<ruby>申<rt>しん</rt>請<rt>せい</rt></ruby>"),
        ("<ruby><rb>旅券</rb><rt>りょけん</rt></ruby>", "<ruby>旅券<rt>りょけん</rt></ruby>"),
        ("<bdi>אנה</bdi> a<wbr>b", "<bdi>אנה</bdi> a<wbr>b"),
        ("one\\\ntwo", "one<br>\ntwo"),
    ],
)
def test_readings_names_and_line_ends_pass(typed: str, html: str) -> None:
    """Furigana, `<bdi>` and `<wbr>` are kept in the page. A backslash at the end of a line becomes a line break."""
    assert MarkdownConverter(for_pages=True).convert(typed).html == f"<p>{html}</p>"


def test_footnotes_are_numbered_as_they_are_used(project: Project) -> None:
    """Footnotes are numbered in the order of their marks, not of their notes. Each back link has its note's number."""
    page = written(project, "Two.[^b] Three.[^c] One.[^a]\n\n[^a]: A.\n[^b]: B.\n[^c]: C.\n")

    assert [text(mark) for mark in page.with_class("footnote-ref")] == ["1", "2", "3"]
    assert [text(item)[:2] for item in page.one("footnote").iter("li")] == ["B.", "C.", "A."]
    assert [back.get("title", "")[-1] for back in page.with_class("footnote-backref")] == ["1", "2", "3"]


def test_what_one_text_loses_is_not_blamed_on_the_next() -> None:
    """The words that one text loses are not reported for the text that is converted next."""
    converter = MarkdownConverter(for_pages=True)
    bad = "A.[^1]\n\n[^1]: x\n\n[^1]: y\n\n[Note]: word\n\n| a |\n|---|\n| 1 | 2 |\n"

    assert len(converter.convert(bad).lost) == 3
    assert converter.convert("Plain.").lost == frozenset()
    assert converter.convert("Plain <b>text</b>.").lost == frozenset()


def test_no_page_has_an_id_twice(project: Project) -> None:
    """A heading whose words would give an id that the page template uses gets a different id."""
    names = (*FRAME_IDS, "status japan", "changes japan", "status-south-korea")
    headings = "\n\n".join(f"## {name.replace('-', ' ')}\n\nText." for name in names)
    for page in ("index", "status", "japan"):
        file = project.root / f"content/en/{page}.md"
        project.write(f"content/en/{page}.md", f"{file.read_text(encoding='utf-8')}\n\n{headings}\n")

    for built in parsed(project.built().files).values():
        assert not [id for id, times in Counter(built.ids).items() if times > 1], built.path


def test_the_frame_has_no_other_ids(project: Project) -> None:
    """FRAME_IDS contains every id that the page template uses, except those with a programme's name."""
    for page in ("index", "status", "japan", "south-korea"):
        for language in ("en", "nl"):
            file = project.root / f"content/{language}/{page}.md"
            if file.exists():
                front = file.read_text(encoding="utf-8").split("---")[1]
                project.write(f"content/{language}/{page}.md", f"---{front}---\nText.\n")

    found = {id for page in parsed(project.built().files).values() for id in page.ids}
    assert {id for id in found if "." not in id} <= FRAME_IDS


BODY = {
    "en": "## Money\n\nOne.\n\n### How much {: #sum}\n\nTwo.\n\n## Ask\n\nThree.\n",
    "nl": "## Geld\n\nEen. Zie [vragen](#vragen) en [geld](#money).\n\n### Hoeveel\n\nTwee.\n\n## Vragen\n\nDrie.\n",
}


def test_a_translation_has_the_ids_of_the_original(project: Project) -> None:
    """Headings of a translation have the ids of the original's headings. Links may use these ids or the translated words."""
    for language, body in BODY.items():
        project.write(f"content/{language}/money.md", FRONT + body)
    project.write(
        "content/nl/status.md", FRONT + "[a](money.md#hoeveel) [b](money.md#sum) [c](money.md#vragen)\n"
    )

    files = project.built().files
    page, status = (parse(name, files[f"nl/{name}/index.html"]) for name in ("money", "status"))

    assert [heading.get("id") for heading in page.root.iter("h2", "h3")] == ["money", "sum", "ask"]
    (own,) = page.elements("article")
    assert [link.get("href") for link in own.iter("a")] == ["#ask", "#money"]
    (other,) = status.elements("article")
    links = [str(link.get("href")) for link in other.iter("a")]
    assert [link for link in links if "/money/" in link] == [
        "/nl/money/#sum",
        "/nl/money/#sum",
        "/nl/money/#ask",
    ]


def test_a_translation_of_other_headings_has_its_own_ids(project: Project) -> None:
    """If a translation's headings do not match the original's, they get ids of their own.

    A link to an id of the original leads to the top of the page, not to a wrong part.
    """
    project.write("content/en/money.md", FRONT + BODY["en"] + "\n## More\n\nFour.\n")
    project.write("content/nl/money.md", FRONT + BODY["nl"].replace("[geld](#money)", "meer"))
    project.write("content/nl/status.md", FRONT + "[a](money.md#ask)\n")

    files = project.built().files
    page, status = (parse(name, files[f"nl/{name}/index.html"]) for name in ("money", "status"))

    assert [heading.get("id") for heading in page.root.iter("h2", "h3")] == ["geld", "hoeveel", "vragen"]
    (other,) = status.elements("article")
    links = [str(link.get("href")) for link in other.iter("a")]
    assert [link for link in links if "/money/" in link] == ["/nl/money/"]


def test_a_translation_keeps_an_id_that_was_typed(project: Project) -> None:
    """An id typed in a translation stays, and no other heading gets the same id from the original."""
    project.write("content/en/money.md", FRONT + "## Money\n\nOne.\n\n## Ask\n\nTwo.\n")
    project.write("content/nl/money.md", FRONT + "## Geld\n\nEen.\n\n## Vragen {: #money}\n\nTwee.\n")

    page = parse("money", project.built().files["nl/money/index.html"])

    assert [heading.get("id") for heading in page.elements("h2") if heading.get("id") in page.ids][:2] == [
        "geld",
        "money",
    ]


def test_decomposed_letters_mean_the_same(project: Project) -> None:
    """Decomposed Unicode, as macOS writes it, gives the same page and ids as composed Unicode. Links work in both forms."""
    body = "## Één café\n\nZie [hier staat het](#één-café).\n\n## 신청\n\n[신청](#신청)\n"
    project.write("content/en/one.md", FRONT + body)
    half = body.replace("## Één café", unicodedata.normalize("NFD", "## Één café"))
    project.write(
        "content/en/two.md", FRONT + half.replace("## 신청", unicodedata.normalize("NFD", "## 신청"))
    )
    project.write("content/en/three.md", unicodedata.normalize("NFD", FRONT + body))

    assert Builder().read(load_tree(project.root)).problems == ()
    files = project.built().files
    articles = [
        next(parse(name, files[f"en/{name}/index.html"]).elements("article"))
        for name in ("one", "two", "three")
    ]
    assert len({text(found) for found in articles}) == 1
    assert len({tuple(heading.get("id") for heading in found.iter("h2")) for found in articles}) == 1
