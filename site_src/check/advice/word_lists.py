"""Word lists for advice, by language: vague link texts, empty alternative texts, units, numbers. `state_words` has others.

If a list does not contain a language, texts in it get no advice of that kind.
"""

from __future__ import annotations

import re

# Link texts that have no meaning in a screen reader's list of links, in all languages of the site.
VAGUE_LINK_TEXTS = frozenset(
    re.split(
        r"\s*[|\n]\s*",
        """here | click here | click | more | read more | learn more | more info | more information | details | link | this link
        this page | this site | see here | go | read on
        hier | klik hier | klik | meer | lees meer | lees verder | meer info | meer informatie | deze link | deze pagina | deze site
        zie hier | verder | klik op deze link | klik hier voor meer informatie | lees hier meer | meer weten | via deze link
        ここ | こちら | こちらから | ここをクリック | こちらをクリック | クリック | 詳細 | 詳しくはこちら | もっと見る | 続きを読む | リンク | このページ
        詳細はこちら | 詳しくは | 詳しく見る | 詳細を見る | こちらのリンク | こちらのページ
        여기 | 여기를 클릭 | 여기를 클릭하세요 | 여기를 클릭하십시오 | 클릭 | 이곳 | 더 보기 | 더보기 | 자세히 | 자세히 보기 | 링크 | 이 페이지 | 바로가기
        바로 가기 | 여기에서 | 여기서 | 클릭하세요 | 자세한 내용 | 더 알아보기 | 자세히 알아보기""",
    )
)

# Alternative texts that say nothing about the picture, and beginnings that only call it a picture, in all languages of
# the site.
EMPTY_ALTERNATIVES = frozenset(
    "alt image picture photo graphic icon screenshot drawing figure decoration "
    "afbeelding plaatje foto illustratie figuur tekening decoratief decoratie "
    "画像 写真 図 イラスト 装飾 이미지 사진 그림 장식".split()
) | {"what it shows", "alt text", "alternative text"}
PICTURE_OF = re.compile(
    r"(?:an? |the )?(?:image|picture|photo|photograph|graphic|screenshot) of\s|(?:een |de )?(?:afbeelding|plaatje|foto|schermafbeelding) van\s",
    re.IGNORECASE,
)

# The words after a figure, by the word in a fact's name and by language. The day in a date is not a number of days.
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
_FROM_TWO = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen",
    "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien",
}
NUMBER_WORDS = {
    language: {word: number for number, word in enumerate(words.split(), start=2)}
    for language, words in _FROM_TWO.items()
}
NUMBER_WORDS["en"] |= {"eighteen": 18, "thirty": 30, "ninety": 90}
NUMBER_WORDS["nl"] |= {"achttien": 18, "dertig": 30, "negentig": 90}


def primary(language: str) -> str:
    """Returns the language without its script and country: `en` for `en-GB`."""
    return language.partition("-")[0]
