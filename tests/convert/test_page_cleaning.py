"""Active HTML is removed from texts, template syntax is printed as text, and tokens in code stay as typed."""

from __future__ import annotations

import pytest

from site_src.problems import InputRefused
from tests.convert.test_page_texts import FRONT, article, written
from tests.support.building import read_inputs
from tests.support.html_pages import parse, text
from tests.support.project import Project


@pytest.mark.parametrize(
    ("body", "tag"),
    [
        pytest.param("<script>alert(1)</script>\n", "script", id="script"),
        pytest.param("Text <script src=//evil.test/x.js></script> more\n", "script", id="script-in-text"),
        pytest.param("<style>p { display: none }</style>\n", "style", id="style"),
        pytest.param('<iframe src="https://ind.nl"></iframe>\n', "iframe", id="iframe"),
        pytest.param("<svg onload=alert(1)><script>1</script></svg>\n", "svg", id="svg"),
        pytest.param("<form action=/x><input name=a><button>b</button></form>\n", "form", id="form"),
        pytest.param("<base href=https://evil.test>\n", "base", id="base"),
        pytest.param('<meta http-equiv="refresh" content="0">\n', "meta", id="meta"),
        pytest.param("<object data=x></object><embed src=x>\n", "object", id="object"),
        pytest.param("<template><p>x</p></template>\n", "template", id="template"),
        pytest.param("<noscript><style></noscript><script>1</script>\n", "noscript", id="noscript"),
    ],
)
def test_raw_html_that_acts_is_cleaned(project: Project, body: str, tag: str) -> None:
    """An element that runs, loads or submits something is removed from a page's text."""
    page = written(project, f"Before.\n\n{body}\nAfter.\n")

    (found,) = page.elements("article")
    assert "Before." in text(found)
    assert "After." in text(found)
    assert list(found.iter(tag, "script", "input", "button", "embed")) == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('<p onclick="alert(1)">Text.</p>\n', id="onclick"),
        pytest.param('<b onmouseover="alert(1)">Text.</b>\n', id="onmouseover"),
        pytest.param('<span style="position: fixed">Text.</span>\n', id="style"),
        pytest.param('<div hidden data-state="open" aria-hidden="true">Text.</div>\n', id="hidden"),
    ],
)
def test_attributes_that_act_are_cleaned(project: Project, body: str) -> None:
    """An attribute that runs something, hides text or restyles the page is removed, and the element's words stay."""
    page = written(project, body)

    (found,) = page.elements("article")
    assert "Text." in text(found)
    allowed = {"class", "id", "lang", "href"}
    assert {name for element in found.iter() for name in element.attrib} <= allowed


ACTING = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "http://ind.nl"]


@pytest.mark.parametrize("address", [*ACTING, "//ind.nl/x"])
def test_an_address_that_is_not_https_is_refused(project: Project, address: str) -> None:
    """A link that leads neither to a page nor to a contact or a listed host is reported with its line. Nothing is built."""
    project.write("content/en/text.md", f"{FRONT}\n[x]({address})\n")

    with pytest.raises(InputRefused) as refused:
        read_inputs(project.root)

    assert [(problem.path, problem.line, problem.rule) for problem in refused.value.problems] == [
        ("content/en/text.md", 7, "link")
    ]


@pytest.mark.parametrize("address", ACTING)
def test_an_address_that_acts_is_refused_in_raw_html(project: Project, address: str) -> None:
    """A link in HTML whose address is not https is a problem, because the cleaner would remove the address silently."""
    for typed in (
        f'<a href="{address}">there</a>',
        f"<A title=x HREF = '{address}'>there</A>",
        f"<a href={address}>x</a>",
    ):
        project.write("content/en/text.md", f"{FRONT}\nGo {typed} now.\n")

        with pytest.raises(InputRefused) as refused:
            read_inputs(project.root)

        assert {problem.rule for problem in refused.value.problems} == {"link"}


@pytest.mark.parametrize(
    "words",
    [
        "{{ 7*7 }}",
        "{% if true %}yes{% endif %}",
        "{# not a comment #}",
        "${7*7} #{7*7} <%= 7*7 %>",
        "{{ site.programmes }}",
        "{0.__class__} %(x)s %s",
    ],
)
def test_no_text_is_a_template(project: Project, words: str) -> None:
    """Template syntax in a title, description, body or notice is printed as typed."""
    front = f"---\ntitle: '{words}'\ndescription: 'About {words}'\norder: 1\nupdated: 2026-11-22\n---\n"
    project.replace("content/en/_notices/open.md", "You can ask", f"`{words}` You can ask")

    page = written(project, f"Typed: `{words}` end.\n", front)

    assert f"Typed: {words} end." in article(page)
    assert text(page.root.findall(".//h1")[0]) == words
    assert page.title.startswith(words)
    assert [e.get("content") for e in page.elements("meta") if e.get("name") == "description"] == [
        f"About {words}"
    ]
    notice = parse("notice", project.built().files["en/south-korea/index.html"]).one("quota-notice")
    assert f"{words} You can ask" in text(notice)


def test_labels_are_not_templates_or_markup(project: Project) -> None:
    """A label of the interface is printed as typed, even if it looks like HTML."""
    project.replace("content/en/_labels.yaml", "home: Home", "home: \"<b onclick='x'>Home</b> & co\"")

    files = project.built().files

    assert b"&lt;b onclick=&#39;x&#39;&gt;Home&lt;/b&gt; &amp; co" in files["en/japan/index.html"]


@pytest.mark.parametrize(
    ("body", "printed"),
    [
        pytest.param("`[[japan.places_per_year]]`", "[[japan.places_per_year]]", id="in-code"),
        pytest.param("    [[conversation-starter]]", "[[conversation-starter]]", id="in-an-indented-block"),
        pytest.param("`[[nothing]]` and [[japan.places_per_year]]", "[[nothing]] and 200", id="beside-one"),
        pytest.param("\\[[nothing]]", "[[nothing]]", id="escaped"),
        pytest.param("`{{ x }}` and [[japan.places_per_year]]", "{{ x }} and 200", id="beside-a-template"),
    ],
)
def test_tokens_in_code_stay(project: Project, body: str, printed: str) -> None:
    """A token in code or after a backslash is printed as typed, not filled in."""
    assert printed in article(written(project, f"Typed:\n\n{body}\n"))
