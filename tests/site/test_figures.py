"""Facts that are numbers: integers, decimals and amounts of money are printed in each language's own format."""

from __future__ import annotations

import pytest

from site_src.builder import Builder
from site_src.read.tree import load_tree
from site_src.site import cldr
from tests.support.html_pages import parse
from tests.support.project import Project

SPACE = "\u00a0"


@pytest.mark.parametrize(
    ("value", "english", "dutch"),
    [
        ("1234567", "1,234,567", "1.234.567"),
        ("0.5", "0.5", "0,5"),
        ("1234.25", "1,234.25", "1.234,25"),
        ("228\n    currency: EUR", "€228", f"€{SPACE}228"),
        ("1950.5\n    currency: EUR", "€1,950.50", f"€{SPACE}1.950,50"),
        ("about two hundred", "about two hundred", "about two hundred"),
    ],
)
def test_a_page_prints_it_in_its_language(project: Project, value: str, english: str, dutch: str) -> None:
    """Each language prints the same number from a programme's file in its own format."""
    project.replace("content/programmes/japan.yaml", "value: 200", f"value: {value}")
    front = "---\ntitle: Sum\ndescription: A sum.\nupdated: 2026-11-22\n---\n"
    for language in ("en", "nl"):
        project.write(f"content/{language}/sum.md", f"{front}It is [[japan.places_per_year]] now.\n")

    files = project.built().files

    for language, printed in (("en", english), ("nl", dutch)):
        page = parse("sum", files[f"{language}/sum/index.html"])
        (paragraph,) = [
            found for found in page.elements("p") if str(found.text_content()).startswith("It is")
        ]
        assert paragraph.text_content() == f"It is {printed} now."


@pytest.mark.parametrize(
    ("locale", "amount", "printed"),
    [("ja", "EUR 228", "€228"), ("ko", "EUR 0.5", "€0.50"), ("de", "EUR 1234.5", f"1.234,50{SPACE}€")],
)
def test_money_has_decimals_only_where_it_needs_them(locale: str, amount: str, printed: str) -> None:
    """A whole amount of money has no decimals, and any other amount has two."""
    assert cldr.money(locale, amount) == printed


@pytest.mark.parametrize(
    "value",
    [
        "1.200",
        "1,200",
        "12,5",
        '"1200"',
        "€ 81",
        "81 euro",
        "“200”",
        "２００",
        "1 200",
        "+200",
        "200 places",
        "100-200",
        "2e2",
        "約200",
    ],
)
def test_a_figure_that_is_text_is_reported(project: Project, value: str) -> None:
    """A text that looks like a number is an error with the form to type.

    As a text, it would be printed in the same form in every language.
    """
    project.replace("content/programmes/japan.yaml", "value: 200", f"value: {value}")

    (problem,) = Builder().read(load_tree(project.root)).problems
    assert (problem.path, problem.line, problem.rule) == ("content/programmes/japan.yaml", 11, "value")
    assert "1200 or 12.5" in problem.message


@pytest.mark.parametrize("code", ["euro", "€", "eur"])
def test_a_currency_has_a_code(project: Project, code: str) -> None:
    """A currency must be a code of three capital letters."""
    project.replace("content/programmes/japan.yaml", "value: 200", f"value: 200\n    currency: {code}")

    (problem,) = Builder().read(load_tree(project.root)).problems
    assert "such as EUR" in problem.message
