"""`check` gives advice on wording in four languages, and gives none on correct wording."""

from __future__ import annotations

import shutil

import pytest

from site_src.builder import Builder
from site_src.check.advice import advise
from site_src.problems import Problem
from site_src.read.tree import load_tree
from tests.support.project import REPOSITORY

CASES: tuple[tuple[str, str, str], ...] = (
    ("en", "An answer comes within 14 days.", "typed-figure"),
    ("en", "Apply within three months.", "typed-figure"),
    ("en", "You stay at most 1 year.", "typed-figure"),
    ("en", "You are at least 18 years old.", "typed-figure"),
    ("en", "There are about 150 places in Japan.", "typed-figure"),
    ("en", "It took 15 days on 14 June, in room 14.", ""),
    ("en", "Once in 1 year it took [[answer_within_days]] days.", ""),
    ("en", "One place is enough, and 1 place is left over.", ""),
    ("nl", "Het antwoord komt binnen 14 dagen.", "typed-figure"),
    ("nl", "Vraag dit aan binnen drie maanden.", "typed-figure"),
    ("nl", "Er zijn 200 plekken.", "typed-figure"),
    ("nl", "In het ene jaar duurde het 2 uur.", ""),
    ("ja", "回答は14日以内に届きます。", "typed-figure"),
    ("ja", "3か月以内に申請してください。", "typed-figure"),
    ("ja", "定員は200名です。", "typed-figure"),
    ("ja", "最長1年滞在できます。", "typed-figure"),
    ("ja", "6月14日に届きました。1年につき1回です。", ""),
    ("ko", "결과는 14일 이내에 옵니다.", "typed-figure"),
    ("ko", "정원은 200명입니다.", "typed-figure"),
    ("ko", "만 18세 이상입니다.", "typed-figure"),
    ("ko", "11월 14일에 왔습니다.", ""),
    ("en", "The period begins on 1 April.", "typed-date"),
    ("en", "It begins April 1st, 2027.", "typed-date"),
    ("en", "On 1 April 2019 the rule changed.", ""),
    ("nl", "De periode begint op 1 januari.", "typed-date"),
    ("ja", "受付は4月1日に始まります。", "typed-date"),
    ("ja", "2025年1月1日から担当しています。", ""),
    ("ko", "1월 1일에 시작합니다.", "typed-date"),
    ("en", "Registration is open now.", "state-in-text"),
    ("en", "You cannot pre-register now.", "state-in-text"),
    ("en", "You can pre-register now.", "state-in-text"),
    ("en", "You can pre\u2011register again.", "state-in-text"),
    ("en", "Japanese nationals cannot pre-register at the moment.", "state-in-text"),
    ("en", "The quota has been reached.", "state-in-text"),
    ("en", "All places have been taken.", "state-in-text"),
    ("en", "There are places again.", "state-in-text"),
    ("en", "Pre-registration has been suspended.", "state-in-text"),
    ("en", "You can pre-register now or ask the IND.", ""),
    ("en", "You can pre-register as soon as there are places again.", ""),
    ("en", "In 2025 the quota was reached within a few hours.", ""),
    ("en", "Can you pre-register now?", ""),
    ("en", "No more places available.", "state-in-text"),
    ("en", "You see the link while registration is open now.", ""),
    ("en", "Is the quota full at the moment?", ""),
    ("en", "The shop is open.", ""),
    ("nl", "De pre-registratie is nu open.", "state-in-text"),
    ("nl", "Het quotum is vol.", "state-in-text"),
    ("nl", "U kunt nu pre-registratie aanvragen.", "state-in-text"),
    ("nl", "Op dit moment kunt u geen pre-registratie aanvragen.", "state-in-text"),
    ("nl", "U kunt weer pre\u2011registratie aanvragen.", "state-in-text"),
    ("nl", "Het quotum is bereikt.", "state-in-text"),
    ("nl", "Alle plaatsen zijn vergeven.", "state-in-text"),
    ("nl", "Er zijn weer plaatsen vrij.", "state-in-text"),
    ("nl", "De pre-registratie is begonnen.", "state-in-text"),
    ("nl", "U kunt pre-registratie aanvragen zodra er weer plaatsen zijn.", ""),
    ("nl", "Kunt u nu pre-registratie aanvragen?", ""),
    ("nl", "Als het quotum vol is, ziet u geen link.", ""),
    ("ja", "現在、受付中です。", "state-in-text"),
    ("ja", "現在、事前登録を申し込めます。", "state-in-text"),
    ("ja", "今は事前登録を申し込むことができません。", "state-in-text"),
    ("ja", "再び申し込めます。", "state-in-text"),
    ("ja", "定員に達しました。", "state-in-text"),
    ("ja", "空きはありません。", "state-in-text"),
    ("ja", "受付は終了しました。", "state-in-text"),
    ("ja", "定員に達すると、申し込むことはできません。", ""),
    ("ja", "2025年は数時間で定員に達しました。", ""),
    ("ja", "現在、事前登録を申し込めますか。", ""),
    ("ja", "お知らせの「定員に達しました」をご覧ください。", ""),
    ("ko", "현재 접수 중입니다.", "state-in-text"),
    ("ko", "지금 사전 등록을 신청할 수 있습니다.", "state-in-text"),
    ("ko", "아직 신청하실 수 없습니다.", "state-in-text"),
    ("ko", "정원이 모두 찼습니다.", "state-in-text"),
    ("ko", "자리가 다시 생겼습니다.", "state-in-text"),
    ("ko", "접수가 모두 마감되었습니다.", "state-in-text"),
    ("ko", "접수가 마감되었습니다.", "state-in-text"),
    ("ko", "자리가 나면 다시 신청할 수 있습니다.", ""),
    ("ko", "지금 신청할 수 있나요?", ""),
    ("ko", "지금 신청할 수 있는지 확인하십시오.", ""),
    ("en", "Click [here](index.md).", "link-text"),
    ("en", "Look [here, in the list of conditions](index.md).", ""),
    ("nl", "[Klik hier](index.md) voor meer.", "link-text"),
    ("ja", "詳しくは[こちら](index.md)。", "link-text"),
    ("ko", "[여기를 클릭하세요](index.md).", "link-text"),
    ("ko", "[정원 현황](index.md)을 보십시오.", ""),
    ("en", "You may work for 12 weeks.", "claim"),
    ("en", "At most 112 weeks, or 12 weekdays.", ""),
    ("ja", "同じ雇用主のもとで12週間働けます。", "claim"),
    ("ko", "12주 동안 일할 수 있습니다.", "claim"),
    ("ja", "手数料は81ユーロです。", "claim"),
    ("ko", "수수료는 81유로입니다.", "claim"),
    ("nl", "De leges zijn €81,00.", "claim"),
    ("nl", "Vul formulier 7518 in.", "claim"),
    ("ja", "様式7518を使ってください。", "claim"),
    ("en", "You have 90 days to apply.", "claim"),
    ("en", "A formal 2024 meeting in Europe 2000.", ""),
    ("en", "He said: `**not bold**` and 2 ** 3.", "markdown-sign"),
    ("en", "He said: `**not bold**`, **bold** and snake_case_word.", ""),
    ("en", "Set `[text](` in code.", ""),
    ("en", "See [the list][l].\n\n[l]: index.md", ""),
    ("en", "- one\n    - two\n        - three\n- four", ""),
    ("en", "- one\n  goes on\n- two\n\n    more of two\n\n- three", ""),
    ("en", "1. one\n\n   - two", "list"),
    ("en", "It was -5 degrees\n- or so it felt.", "list"),
    ("en", "1 - 2 is less\nthan 0", ""),
    ("en", "<abbr title='x'>y</abbr> <!-- <div onclick> --> `<font>`", ""),
    ("en", "a < b and b > c, <https://ind.nl/en>", ""),
    ("en", "A <marquee>text</marquee>.", "cleaned-html"),
    ("en", "Text.\n{: .note #here lang=nl}", ""),
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    """Maps the path of each file to its advice, on the real site with a page for each case."""
    root = tmp_path_factory.mktemp("advice")
    shutil.copytree(REPOSITORY / "content", root / "content")
    shutil.copy(REPOSITORY / "quota_state.yaml", root)
    for number, (language, text, _) in enumerate(CASES):
        meta = f"title: Case {number}\ndescription: A case.\nupdated: 2026-11-22\n"
        path = root / "content" / language / f"case-{number}.md"
        path.write_text(f"---\n{meta}---\n{text}\n", encoding="utf-8")
    manuscript = Builder().read(load_tree(root)).manuscript
    assert manuscript is not None
    by_path: dict[str, list[Problem]] = {}
    for problem in advise(manuscript, max(page.meta.updated for page in manuscript.content.pages)):
        by_path.setdefault(problem.path, []).append(problem)
    return by_path


@pytest.mark.parametrize(
    ("number", "language", "text", "rule"),
    [(number, *case) for number, case in enumerate(CASES)],
    ids=[f"{language}-{text[:40]}" for language, text, _ in CASES],
)
def test_advice(number: int, language: str, text: str, rule: str, found: dict[str, list[Problem]]) -> None:
    """A text gets advice of exactly the expected rule, on its own lines. A correct text gets no advice."""
    path = f"content/{language}/case-{number}.md"
    problems = [problem for problem in found.get(path, []) if not problem.rule.startswith("translation")]

    assert {problem.rule for problem in problems} == ({rule} if rule else set()), problems
    assert all(6 <= problem.line <= 6 + text.count("\n") for problem in problems)
    assert all(problem.severity == "warning" for problem in problems)


def test_the_real_site_gets_no_advice_on_wording(found: dict[str, list[Problem]]) -> None:
    """The real texts in four languages get no advice except on missing translations."""
    real = {problem.rule for path, problems in found.items() if "case-" not in path for problem in problems}
    assert real <= {"translation-missing"}
