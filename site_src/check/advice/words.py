"""Words of each language for advice: units, vague link texts, statements about now, and conditions.

A language that is not in a table gets no advice of that kind; nothing else depends on the tables.
"""

from __future__ import annotations

import re

# Link texts that have no meaning in a screen reader's list of links, in all languages of the site.
VAGUE_LINK_TEXTS = frozenset(
    """
    here | click here | click | more | read more | learn more | more info | more information | details | link | this link
    this page | this site | see here | go | read on
    hier | klik hier | klik | meer | lees meer | lees verder | meer info | meer informatie | deze link | deze pagina | deze site
    zie hier | verder | klik op deze link | klik hier voor meer informatie | lees hier meer | meer weten | via deze link
    ここ | こちら | こちらから | ここをクリック | こちらをクリック | クリック | 詳細 | 詳しくはこちら | もっと見る | 続きを読む | リンク | このページ
    詳細はこちら | 詳しくは | 詳しく見る | 詳細を見る | こちらのリンク | こちらのページ
    여기 | 여기를 클릭 | 여기를 클릭하세요 | 여기를 클릭하십시오 | 클릭 | 이곳 | 더 보기 | 더보기 | 자세히 | 자세히 보기 | 링크 | 이 페이지 | 바로가기
    바로 가기 | 여기에서 | 여기서 | 클릭하세요 | 자세한 내용 | 더 알아보기 | 자세히 알아보기
    """.replace("\n", "|")
    .replace(" | ", "|")
    .replace("    ", "")
    .split("|")
) - {""}

# What follows a figure, by the word in a fact's name and by language. The day in a date is not a number of days.
UNITS: dict[str, dict[str, str]] = {
    "places": {
        "en": r"(?:places|spots|slots)\b",
        "nl": r"(?:plaatsen|plekken)\b",
        "ja": "[名人枠]",
        "ko": "(?:명|자리)",
    },
    "days": {"en": r"days?\b", "nl": r"dag(?:en)?\b", "ja": "日", "ko": "일"},
    "weeks": {"en": r"weeks?\b", "nl": r"we(?:ek|ken)\b", "ja": "週", "ko": "주"},
    "months": {
        "en": r"months?\b",
        "nl": r"maand(?:en)?\b",
        "ja": "[かカヵヶケ箇]月",
        "ko": "(?:개월|달(?!러))",
    },
    "years": {"en": r"years?\b", "nl": r"ja(?:ar|ren)\b", "ja": "年", "ko": "년"},
    "age": {"en": r"years?\b", "nl": r"jaar\b", "ja": "[歳才]", "ko": "[세살]"},
}
# Words that make a figure a limit. A figure without them is often not a fact: "1 year" is a common phrase.
LIMITS = {
    "en": r"(?:at most|up to|maximum of|no more than)\s+",
    "nl": r"(?:maximaal|hooguit|hoogstens|ten hoogste|niet meer dan)\s+",
    "ja": r"(?:最長|最大|最高|遅くとも|多くとも)\s*",
    "ko": r"(?:최대|최장|늦어도|많아야)\s*",
}
NUMBER_WORDS: dict[str, dict[str, int]] = {
    "en": {
        word: number
        for number, word in enumerate(
            "two three four five six seven eight nine ten eleven twelve thirteen fourteen".split(), start=2
        )
    }
    | {"eighteen": 18, "thirty": 30, "ninety": 90},
    "nl": {
        word: number
        for number, word in enumerate(
            "twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien".split(), start=2
        )
    }
    | {"achttien": 18, "dertig": 30, "negentig": 90},
}

# Sentences about the present state, which become wrong at the next change.
PRESENT_STATE = {
    "en": re.compile(
        r"\b(?:now|currently|at present|at the moment|at this moment|today|already)\b.*\b(?:open|closed|full|reached|available|left)\b"
        r"|\b(?:open|closed|full|reached|available|left)\b.*\b(?:now|currently|at present|at the moment|today|already)\b"
        r"|\b(?:quota|registration)\b.*\b(?:is|has been|are)\b.*\b(?:full|closed|exhausted|reached)\b"
        r"|\b(?:still|no(?: more)?) (?:places|spots)\b.*\b(?:left|available)\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "nl": re.compile(
        r"\b(?:nu|momenteel|op dit moment|vandaag|inmiddels)\b.*\b(?:open|gesloten|gestopt|dicht|vol|bereikt|beschikbaar)\b"
        r"|\b(?:open|gesloten|gestopt|dicht|vol|bereikt|beschikbaar)\b.*\b(?:nu|momenteel|op dit moment|vandaag|inmiddels)\b"
        r"|\b(?:quotum|registratie)\b.*\b(?:vol|gesloten|dicht|bereikt)\b"
        r"|\b(?:nog|geen) (?:\d+ )?(?:plaatsen|plekken)\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "ja": re.compile(
        r"(?:現在|ただいま|ただ今|今(?![後回年度])|いま|本日|すでに|既に).*"
        r"(?:受付中|受け付けて|募集中|定員|空き|締め切|終了|停止|満員|埋ま|残って)",
        re.DOTALL,
    ),
    "ko": re.compile(
        r"(?:현재|지금|오늘|이미|이제).*(?:접수 중|접수하고|마감|정원[이은]|자리[가는]|찼|받고 있|중단|열려|종료)",
        re.DOTALL,
    ),
}
# Words that make such a sentence a condition or a question.
CONDITIONS = {
    "en": re.compile(
        r"\b(?:if|when|whether|while|once|until|unless|only|as soon as|before|after|may|can|or)\b|\?",
        re.IGNORECASE,
    ),
    "nl": re.compile(
        r"\b(?:als|wanneer|of|terwijl|zodra|zolang|tot|tenzij|alleen|voordat|nadat|kan|kunt|kunnen|mag|mogen|indien)\b|\?",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        "とき|場合|間だけ|まで|なら|かどうか|されると|達すると|たら|れば|次第|確認|こと[はがも]|[?？]"
    ),
    "ko": re.compile("때|(?<![화반측서장표])면|경우|동안|까지|전에|직전|[는은]지|수 있|[?？]"),
}


def primary(language: str) -> str:
    """The language without its script and country: `en` for `en-GB`."""
    return language.partition("-")[0]
