"""Each rule for pages finds its fault when the fault is planted into the repository's own pages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.page_faults import RULES
from tests.support.project import NOON
from tests.support.real_site import copy_of_repository

PROGRAMME, STATUS, HOME = "en/japan/index.html", "en/status/index.html", "nl/index.html"
# This text stays long even when it is compressed.
NOISE = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(220))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The repository's own site."""
    return copy_of_repository(Path(tmp_path_factory.mktemp("planted")) / "site").built(NOON).files


@pytest.mark.parametrize(
    ("rule", "path", "old", "new"),
    [
        pytest.param("headings", HOME, "<h1>", "<h1>More</h1><h1>", id="two-h1"),
        pytest.param("headings", HOME, "h1>", "h2>", id="no-h1"),
        pytest.param("headings", PROGRAMME, "h3", "h4", id="level-skipped"),
        pytest.param("headings", HOME, "<title>Working Holiday in Nederland – Working Holiday Nederland</title>", "<title></title>", id="no-title"),
        pytest.param("titles", "en/about/index.html", "<title>About this site –", "<title>Privacy –", id="title-of-another"),
        pytest.param("languages", "ja/index.html", '<html lang="ja">', "<html>", id="page-without-language"),
        pytest.param("languages", STATUS, "</h1>", "</h1><p>定員に達しました</p>", id="japanese-without-lang"),
        pytest.param("languages", STATUS, ' lang="ja" hreflang="ja"', ' hreflang="ja"', id="japanese-link-without-lang"),
        pytest.param("languages", "ja/status/index.html", "</h1>", "</h1><p>정원이 찼습니다</p>", id="korean-in-japanese"),
        pytest.param("languages", STATUS, "</h1>", '</h1><p title="日本">x</p>', id="japanese-in-an-attribute"),
        pytest.param("languages", STATUS, "</h1>", "</h1>東京", id="japanese-behind-an-element"),
        pytest.param("languages", "ko/japan/index.html", '<article lang="en">', '<article lang="en"><p>일본</p>', id="reader's-words-in-another-text"),
        pytest.param("alternates", HOME, 'hreflang="nl" href="', 'hreflang="nl" href="/x', id="page-that-does-not-name-itself"),
        pytest.param("alternates", HOME, '<link rel="alternate" hreflang="ja"', '<link rel="other"', id="translation-not-named-back"),
        pytest.param("references", STATUS, 'id="timeline"', 'id="text"', id="id-twice"),
        pytest.param("references", STATUS, 'id="timeline-note"', "", id="label-that-is-not-there"),
        pytest.param("links", HOME, 'href="/nl/status/"', 'href="/nl/state/"', id="dead-link"),
        pytest.param("links", STATUS, 'href="#text"', 'href="#words"', id="dead-fragment"),
        pytest.param("landmarks", HOME, "main", "div", id="no-main"),
        pytest.param("landmarks", HOME, 'aria-label="Talen"', "", id="menu-without-name"),
        pytest.param("landmarks", HOME, 'aria-label="Talen"', 'aria-label="Hoofdmenu"', id="two-menus-of-one-name"),
        pytest.param("landmarks", PROGRAMME, '<section class="quota-notice"', '<section class="quota-notice" role="alert"', id="notice-that-shouts"),
        pytest.param("landmarks", PROGRAMME, "</h1>", "</h1><p>First this.</p>", id="notice-not-first"),
        pytest.param("landmarks", PROGRAMME, '<h2 id="quota-notice-title">', '<h2 id="other">', id="notice-without-its-heading"),
        pytest.param("tables", STATUS, "th", "td", id="table-without-heads"),
        pytest.param("tables", STATUS, "</td></tr>", "</td><td>x</td></tr>", id="rows-of-unequal-length"),
        pytest.param("passive", HOME, "</main>", "<script>x()</script></main>", id="script"),
        pytest.param("passive", HOME, "<h1>", '<h1 style="color: red">', id="style-in-the-page"),
        pytest.param("passive", HOME, "<h1>", '<h1 onclick="x()">', id="script-in-an-attribute"),
        pytest.param("passive", HOME, 'rel="stylesheet" href="', 'rel="stylesheet" href="https://evil.test', id="style-from-elsewhere"),
        pytest.param("passive", HOME, "</head>", '<link rel="stylesheet" href="/assets/more.css"></head>', id="four-requests"),
        pytest.param("weight", HOME, "</main>", f"<!-- {NOISE} --></main>", id="heavy-page"),
        pytest.param("weight", "style", "* {", f"/* {NOISE[:6000]} */ * {{", id="heavy-style"),
        pytest.param("still", "style", "* {", "a { transition: all 1s } * {", id="movement"),
        pytest.param("still", "style", "* {", "@font-face { font-family: x } * {", id="web-font"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_seen(
    files: Mapping[str, bytes], rule: str, path: str, old: str, new: str
) -> None:
    """The rule accepts the pages before its fault is planted, and refuses them afterwards."""
    (found,) = [name for name in files if name == path or name.startswith(f"assets/{path}.")]
    text = files[found].decode()
    assert old in text

    faults = list(RULES[rule]({**files, found: text.replace(old, new).encode()}))

    assert list(RULES[rule](files)) == []
    assert faults


def test_every_rule_has_a_planted_fault() -> None:
    """Every rule has at least one planted fault."""
    (mark,) = [mark for mark in test_a_planted_fault_is_seen.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {case.values[0] for case in mark.args[1]} == set(RULES)
