"""`check` reports links to a conversation starter's host, addresses typed without https://, and an unchecked logo."""

from __future__ import annotations

import pytest

from site_src.builder import Builder
from site_src.problems import Problem
from site_src.read.tree import load_tree
from tests.support.project import Project

SETTINGS, PAGE, JAPAN = "content/site.yaml", "content/en/index.md", "content/programmes/japan.yaml"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>\n'
LOGO_DIGITS = "12323b6ac68a"


def problems(project: Project) -> list[Problem]:
    """Returns all problems that check reports for the project."""
    return list(Builder().read(load_tree(project.root)).problems)


def append(project: Project, text: str) -> int:
    """Adds a paragraph at the end of a page. Returns its line."""
    page = (project.root / PAGE).read_text(encoding="utf-8")
    project.write(PAGE, f"{page}\n{text}\n")
    return page.count("\n") + 2


@pytest.mark.parametrize("host", ["start.request.test", "www.start.request.test"])
def test_no_page_may_link_to_the_host_of_a_starter(project: Project, host: str) -> None:
    """A conversation starter's host in `outbound_hosts` is an error on its line, and the message says what to type instead."""
    project.replace(SETTINGS, "[ind.nl]", f"[ind.nl, {host}]")

    (problem,) = (found for found in problems(project) if found.rule == "address")

    assert (problem.path, problem.line, problem.severity) == (SETTINGS, 9, "error")
    assert f"{host} is the host of japan's conversation starter" in problem.message
    assert f'add "shared_hosts: [{host}]" instead' in problem.message


def test_a_host_may_be_shared_when_the_settings_say_so(project: Project) -> None:
    """With `shared_hosts`, pages may link to other addresses of the host.

    An address that leads to the conversation starter is still refused.
    """
    project.replace(SETTINGS, "[ind.nl]", "[ind.nl]\nshared_hosts: [ind.nl]")
    project.replace(JAPAN, "https://start.request.test/japan/en", "https://ind.nl/whp/request-japan")
    assert problems(project) == []

    append(project, "See [this](https://ind.nl/whp/request-korea).")
    assert problems(project) == []
    for text in (
        "[a](https://ind.nl/whp/request-japan.html)",
        "ind.nl/whp/request\u2011japan",
        "i n d . n l/whp/request-japan or",
    ):
        line = append(project, text)
        assert [(found.line, found.rule) for found in problems(project)] == [(line, "typed-address")], text
        project.replace(PAGE, text, "")


@pytest.mark.parametrize(
    "text",
    [
        "Go to bit.ly/x1y2z.",
        "Go to **bit**.ly/x1y2z.",
        "Go to `BIT.LY/x1y2z`.",
        "Go to bit&#46;ly/x1y2z.",
        "Go to bit\u2024ly/x1y2z or b\u0456t.ly/q.",
        "- bit.ly/x\n- more",
        "(bit.ly?x=1)",
    ],
)
def test_an_address_without_https_is_on_a_listed_host(project: Project, text: str) -> None:
    """An address without https://, which people can type, is an error on its line if its host is not listed."""
    line = append(project, text)

    (problem,) = problems(project)

    assert (problem.path, problem.line, problem.rule) == (PAGE, line, "link")
    assert 'bit.ly, which is not in "outbound_hosts"' in problem.message


def test_in_front_matter_it_is_an_error_too(project: Project) -> None:
    """An address without https:// in a description is reported with its line."""
    project.replace(PAGE, "description: ", "description: See t.co/abc. ")

    (problem,) = problems(project)

    assert (problem.line, problem.rule) == (3, "link")


@pytest.mark.parametrize(
    "text",
    [
        "See ind.nl/en, small.test/en/ and https://ind.nl/a.b/c.",
        "Write to someone@office.nl, e.g. on 1/2, i.e. 12.5/3 or A/B.",
        "[Korea](south-korea.md), 24/7; yes/no.",
        "ワーキング・ホリデーです。PDF/紙 をご覧ください。",
        "신청은 선착순입니다.예/아니오",
        "The last word.\n\nAnd/or the next.",
    ],
)
def test_ordinary_text_has_no_such_address(project: Project, text: str) -> None:
    """Listed hosts, mail addresses, fractions, names of files and sentences are not taken for addresses."""
    append(project, text)

    assert [found for found in problems(project) if found.rule == "link"] == []


def test_a_person_looks_at_each_new_logo(project: Project) -> None:
    """A logo gives a warning until `logo_checked` has its digest. A changed logo gives a warning again."""
    project.replace(SETTINGS, "facts:\n", "logo: logo.svg\nfacts:\n")
    project.write("content/logo.svg", LOGO)
    (new,) = problems(project)
    assert (new.rule, new.severity, new.line) == ("logo-checked", "warning", 14)
    assert "no QR code" in new.message
    assert f'"logo_checked: {LOGO_DIGITS}"' in new.message

    project.replace(SETTINGS, "logo: logo.svg\n", f"logo: logo.svg\nlogo_checked: {LOGO_DIGITS}\n")
    assert problems(project) == []

    project.write("content/logo.svg", LOGO.replace("8 8", "9 9"))
    (changed,) = problems(project)
    assert (changed.rule, changed.line) == ("logo-checked", 15)
    assert "has changed since it was reviewed" in changed.message


@pytest.mark.parametrize(
    "text", ['<a href="https://elsewhere.test>list</a>', "<a href='https://elsewhere.test>list</a>"]
)
def test_a_tag_with_an_open_quotation_mark_does_not_hide_a_host(project: Project, text: str) -> None:
    """Visitors see such a tag as typed, so the host in it is an error on its line, and not only a refusal of the gate."""
    line = append(project, text)

    found = [(found.line, found.rule) for found in problems(project) if found.severity == "error"]

    assert (line, "link") in found


@pytest.mark.parametrize(
    "text",
    [
        "x &#47;&#47;elsewhere.test",
        "https:&#47;/elsewhere.test",
        "https:\\/\\/elsewhere.test",
        "x \\//elsewhere.test",
        '<abbr title="//elsewhere.test">z</abbr>',
        '<span lang="//elsewhere.test">z</span>',
    ],
)
def test_an_address_that_only_the_page_shows_is_an_error_on_its_line(project: Project, text: str) -> None:
    """An address that references, backslashes or attributes hide in the source is one error on its line."""
    line = append(project, text)

    assert [(found.line, found.rule, found.severity) for found in problems(project)] == [
        (line, "link", "error")
    ]
