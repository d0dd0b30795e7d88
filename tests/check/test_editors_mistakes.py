"""What editors type by mistake, by its kind: named with its rule, on its line; and what looks like a mistake and is none."""

from __future__ import annotations

import shutil

import pytest

from site_src.builder import Builder
from site_src.check.advice import advise
from site_src.problems import Problem
from site_src.read.tree import load_tree
from tests.support.project import NOON, REPOSITORY, at

# Language, text, the rule ("" for none), the line of the text on which it is (from 0), and words of the message.
CASES: tuple[tuple[str, str, str, int, str], ...] = (
    # full-width and other characters that look right
    ("ja", "文。\n\n［［japan.places_per_year］］名", "token", 2, "fullwidth left square bracket"),
    ("ja", "定員は【【japan.places_per_year】】名", "token", 0, '"[[japan.places_per_year]]"'),
    ("ja", "文。\n\n＃＃ 見出し", "markdown-sign", 2, 'Type "## "'),
    ("ja", "これは＊＊大事＊＊です。", "markdown-sign", 0, "full-width"),
    ("ja", "[状況］（status.md）をご覧ください。", "markdown-sign", 0, "full-width"),
    ("ja", "文。\n\n＞ 引用", "markdown-sign", 2, "fullwidth greater-than"),
    ("en", "[Japan](japan.md＃conditions)", "link", 0, "fullwidth number sign"),
    ("ja", "＃1の会社（１２３）で＊働く。「［注］」", "", 0, ""),
    # lines meant as a list
    ("en", "Text.\n\n◦ Passport\n◦ Photo", "list", 2, "a bullet"),
    ("ko", "・여권\n・사진", "list", 0, "no bullet here"),
    ("en", "— Passport\n— Photo", "list", 0, "no bullet here"),
    ("en", "-Passport\n\n-Photo", "list", 0, "no bullet here"),
    ("en", "*\u00a0Passport\n*\u00a0Photo", "list", 0, "no bullet here"),
    ("en", "(1) Ask\n(2) Wait", "list", 0, "a number"),
    ("en", "1.Ask\n2.Wait", "list", 0, "a number"),
    ("en", "a) Ask\nb) Wait", "list", 0, "a number"),
    ("ja", "１．申請\n\n２．待つ", "list", 0, "a number"),
    ("ja", "①申請\n②待つ", "list", 0, "circled"),
    ("ko", "가. 여권\n나. 사진", "list", 0, "a number"),
    ("ja", "（ア）旅券\n（イ）写真", "list", 0, "a number"),
    ("en", "✓ Passport", "list", 0, "a bullet"),
    ("en", "*First* of all.\n\n*Then* this.", "", 0, ""),
    ("en", "- [X] Passport", "markdown-sign", 0, '"[X]"'),
    ("en", "– is a dash.\n\nAnd -5 is a number.", "", 0, ""),
    ("en", "1) is the first.\n\nThe second is not here.", "", 0, ""),
    # lines not meant as a list or a quotation
    ("ko", "2027. 4. 1.부터 신청을 받습니다.", "", 0, ""),
    ("ko", "4. 1. 2027부터 신청을 받습니다.", "line-start", 0, "a date"),
    ("en", "Text.\n\n> 5 people.", "line-start", 2, "quotation"),
    ("en", "+ 31 70 is the number.", "line-start", 0, "\\+"),
    ("en", "3. Oktober is a day.", "line-start", 0, '"3\\."'),
    ("en", "1. one\n2. two\n\n3. three", "", 0, ""),
    ("en", "> He said so.", "", 0, ""),
    # text that would vanish
    ("en", "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 | 5 |", "lost-text", 3, "more cells"),
    ("en", "| a | b |\n|---|---|\n| 1 | 2 | |", "", 0, ""),
    ("en", "Text.\n\n[Note]: important", "lost-text", 2, "[note]:"),
    ("en", "See [it][x].\n\n[x]: index.md\n[y]: https://ind.nl/en", "", 0, ""),
    ("en", "A.[^1]\n\n[^1]: One.\n\n[^1]: Two.", "lost-text", 2, "only the last"),
    ("en", "## Costs {in euro}", "cleaned-html", 0, '"in"'),
    ("en", "Set <?php it ?> so.", "cleaned-html", 0, "<?"),
    ("en", 'A <span class="x>word</span>.', "cleaned-html", 0, "Close its quotes"),
    ("en", "Ask <your name>, <surname> or a<b and c>d.", "", 0, ""),
    ("en", "Text.\n\nWrite your <address> here.", "cleaned-html", 2, "never closed"),
    ("en", "Enter <code> there.", "cleaned-html", 0, "as typed"),
    ("ja", "<ruby>手続<rp>（</rp><rt>てつづ</rt></ruby>き、<bdi>X</bdi>、<wbr>", "", 0, ""),
    # tables, boxes
    ("en", "Text.\n\n| a | b |\n| 1 | 2 |", "markdown-sign", 2, "|---|---|"),
    (
        "en",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\nText.\n\n| c | d |\n| 3 | 4 |",
        "markdown-sign",
        6,
        "|---|---|",
    ),
    ("en", "Text.\n\na | b\nc | d", "markdown-sign", 2, "|---|---|"),
    ("en", "Text.\n\n!!! danger\n    Look out.", "box", 2, '"> [!WARNING]"'),
    ("en", "!!! tip\n    Look.", "box", 0, '"> [!TIP]"'),
    ("en", "??? note\n    Look.", "box", 0, '"> [!NOTE]"'),
    ("en", "::: warning\nLook.\n:::", "box", 0, '"> [!WARNING]"'),
    ("en", "> [!CAUTION]\n> Look.", "box", 0, "NOTE, TIP, IMPORTANT or WARNING"),
    ("en", "> [!NOTE]\n> Look.\n\n> [!note] Look.\n> Out.", "box", 3, "on the next line"),
    ("en", "[!NOTE]\nLook.", "box", 0, '"> [!NOTE]"'),
    ("en", "> [!NOTE]", "box", 0, "no text"),
    ("en", "> [!NOTE]\n>\n\nLook.", "box", 0, "no text"),
    ("en", "> [!NOTE]\n\n> Look.", "box", 0, "no text"),
    ("en", "> So.\n> [!NOTE]\n> Look.", "box", 1, "empty line before it"),
    ("ja", "文。\n\n> ［！NOTE］\n> 注意", "box", 2, "fullwidth"),
    ("en", "> [!Note]\n> Look.\n>\n> - one\n> - two", "", 0, ""),
    ("en", "\\> [!NOTE] and `> [!CAUTION]`, !!!", "", 0, ""),
    ("en", 'Text.\n\n<div class="box-tip">Text</div>', "reserved-name", 2, '"box-tip"'),
    # the list of a page's headings
    ("en", "[TOC]\n\n## One\n\n### Two", "", 0, ""),
    ("en", "Text.\n\n[toc]\n\n## One", "markdown-sign", 2, '"[TOC]"'),
    ("ja", "目次：［TOC］\n\n## 一", "markdown-sign", 0, "[TOC]"),
    ("en", "Text.\n\n[TOC]", "heading-order", 2, "there are none"),
    # addresses
    ("en", "Look at “https://ind.nl/en”.", "", 0, ""),
    ("en", "Text.\n\nLook at “https://ind.nl”.", "link", 2, "text that touches it"),
    ("ja", "https://ind.nlをご覧ください。", "link", 0, "https://ind.nl"),
    ("en", "Look at https://ind.example.org/x.", "link", 0, "outbound_hosts"),
    ("en", "Look at https://ind.nl, or (https://ind.nl).", "", 0, ""),
    (
        "en",
        "[Text](https://working-holiday.example/en/japan/#conditions)",
        "link",
        0,
        '"japan.md#conditions"',
    ),
    ("nl", "[Tekst](https://working-holiday.example/nl/about/)", "link", 0, '"about.md"'),
    ("en", "[Text](http://working-holiday.example/ko/questions/)", "link", 0, '"../ko/questions.md"'),
    ("en", "https://working-holiday.example/en/", "link", 0, "of this site"),
    ("en", "Text.\n\nWrite to <info@ind.nl>.", "link", 2, '"mailto:info@ind.nl"'),
    # the line of the mistake, and no other
    ("en", "[a page](japan.md#conditions)\n\n[a page](japan.md#condition)", "link", 2, 'mean "conditions"'),
    ("en", "## One\n\n# Two", "heading", 2, "first level"),
    ("en", "One\n---\n\nTwo\n===", "heading", 3, "first level"),
    ("en", "The text of a subscription.\n\n## Text {: #text}", "reserved-name", 2, '"text"'),
    ("en", "[to it](#one)\n\n## A {: #one}\n\n## B {: #one}", "duplicate-id", 2, '"one"'),
    ("en", "`[[places_a_year]]`\n\nIn Japan [[japan.places_a_year]].", "token", 2, "places_per_year"),
    # no guess between programmes
    ("en", "For Japan there are 150 places.", "typed-figure", 0, "Which one is meant?"),
    ("en", "There are [[places_per_year]] places.", "token", 0, 'japan.places_per_year]]" or'),
    # a place that is not there
    ("en", "[a](japan.md#zzzz)", "link", 0, "{: #zzzz}"),
    ("ko", "[일본](south-korea.md#조건)과 [조건](south-korea.md#conditions)", "", 0, ""),
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    """All problems of the real site with a page for each case, by the path of the page's file."""
    root = tmp_path_factory.mktemp("mistakes")
    shutil.copytree(REPOSITORY / "content", root / "content")
    shutil.copy(REPOSITORY / "quota_state.yaml", root)
    for number, (language, text, *_) in enumerate(CASES):
        meta = f"title: Case {number}\ndescription: A case.\nupdated: 2026-11-22\n"
        for code in {"en", language}:
            path = root / "content" / code / f"case-{number}.md"
            body = text if code == language else "Text."
            path.write_text(f"---\n{meta}---\n{body}\n", encoding="utf-8")
    reading = Builder().read(load_tree(root))
    assert reading.manuscript is not None
    by_path: dict[str, list[Problem]] = {}
    for problem in [*reading.problems, *advise(reading.manuscript, at(NOON).date())]:
        by_path.setdefault(problem.path, []).append(problem)
    return by_path


@pytest.mark.parametrize(
    ("number", "case"),
    list(enumerate(CASES)),
    ids=[f"{language}-{text[:30]!r}-{number}" for number, (language, text, *_) in enumerate(CASES)],
)
def test_names_the_mistake(
    number: int, case: tuple[str, str, str, int, str], found: dict[str, list[Problem]]
) -> None:
    """The text has problems of exactly this rule, the first on the line of the mistake, with what to type; or none."""
    language, _, rule, line, words = case
    problems = [
        problem
        for problem in found.get(f"content/{language}/case-{number}.md", [])
        if not problem.rule.startswith("translation")
    ]

    assert {problem.rule for problem in problems} == ({rule} if rule else set()), problems
    if rule:
        assert min(problem.line for problem in problems) == 6 + line, problems
        assert any(words in problem.message for problem in problems), problems
