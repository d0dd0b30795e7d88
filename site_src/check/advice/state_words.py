"""Patterns, by language, for sentences that name the state of the quota, and for words that make them a condition or question."""

from __future__ import annotations

import re


def _compile(patterns: dict[str, str]) -> dict[str, re.Pattern[str]]:
    return {
        language: re.compile(pattern, re.IGNORECASE | re.DOTALL) for language, pattern in patterns.items()
    }


# Texts that say how many places remain. The number of places in a year must not match.
REMAINING = {
    "en": r"\b\d+ (?:places|spots|slots)\b[^.]{0,80}\b(?:left|remain(?:ing)?)\b|\b(?:remaining|last) \d+ (?:places|spots|slots)\b",
    "nl": r"\b\d+ (?:plaatsen|plekken)\b[^.]{0,80}\b(?:over(?=\s*(?:[.!?]|$))|resterend)|\b(?:resterende|laatste) \d+ (?:plaatsen|plekken)\b",
    "ja": r"(?:残り|あと)[^。]{0,6}\d+\s*[名人枠]|\d+\s*[名人枠][^。]{0,6}残",
    "ko": r"\d+\s*(?:명|자리)[^.]{0,8}남|(?:남은|잔여)[^.]{0,8}\d+\s*(?:명|자리)",
}
# Sentences about the present state, which become wrong at the next change.
PRESENT_STATE = _compile(
    {
        "en": r"\b(?:now|currently|at present|at the moment|at this moment|today|already)\b.*\b(?:open|closed|full|reached|available|left)\b"
        r"|\b(?:open|closed|full|reached|available|left)\b.*\b(?:now|currently|at present|at the moment|today|already)\b"
        r"|\b(?:quota|registration)\b.*\b(?:is|has been|are)\b.*\b(?:full|closed|exhausted|reached)\b"
        r"|\b(?:still|no(?: more)?) (?:places|spots)\b.*\b(?:left|available)\b",
        "nl": r"\b(?:nu|momenteel|op dit moment|vandaag|inmiddels)\b.*\b(?:open|gesloten|gestopt|dicht|vol|bereikt|beschikbaar)\b"
        r"|\b(?:open|gesloten|gestopt|dicht|vol|bereikt|beschikbaar)\b.*\b(?:nu|momenteel|op dit moment|vandaag|inmiddels)\b"
        r"|\b(?:quotum|registratie)\b.*\b(?:vol|gesloten|dicht|bereikt)\b"
        r"|\b(?:nog|geen) (?:\d+ )?(?:plaatsen|plekken)\b",
        "ja": r"(?:現在|ただいま|ただ今|今(?![後回年度])|いま|本日|すでに|既に).*"
        r"(?:受付中|受け付けて|募集中|定員|空き|締め切|終了|停止|満員|埋ま|残って)",
        "ko": r"(?:현재|지금|오늘|이미|이제).*(?:접수 중|접수하고|마감|정원[이은]|자리[가는]|찼|받고 있|중단|열려|종료)",
    }
)
# Words that make such a sentence a condition or a question.
CONDITIONS = _compile(
    {
        "en": r"\b(?:if|when|whether|while|once|until|unless|only|as soon as|before|after|may|can|or)\b|\?",
        "nl": r"\b(?:als|wanneer|of|terwijl|zodra|zolang|tot|tenzij|alleen|voordat|nadat|kan|kunt|kunnen|mag|mogen|indien)\b|\?",
        "ja": "とき|場合|間だけ|まで|なら|かどうか|されると|達すると|たら|れば|次第|確認|こと[はがも]|[?？]",
        "ko": "때|(?<![화반측서장표])면|경우|동안|까지|전에|직전|[는은]지|수 있|[?？]",
    }
)

# Sentences that state whether people can register, or whether there are places. PRESENT_STATE misses these sentences,
# because they contain no word for "now", or contain a verb that CONDITIONS counts as a condition ("can").
ANSWERS = _compile(
    {
        "en": r"^(?=.*\b(?:can|can't|cannot|may)\b)(?=.*\bpre-?regist)"
        r"(?=.*\b(?:now|again|currently|at present|at the moment|at this moment|today|still|no longer|yet|until further notice)\b)"
        r"|\bquota\b.*\b(?:is|has been|was)\b.*\b(?:full|exhausted|filled|used up|reached)\b"
        r"|\b(?:places|spots)\b.*\b(?:are|have been)\b.*\b(?:taken|gone|filled|used up)\b"
        r"|\bthere are (?:no|still|again|now)\b.*\b(?:places|spots)\b|\bthere are (?:places|spots)\b.*\b(?:again|left|now)\b"
        r"|\bpre-?registration\b.*\b(?:has|was) (?:now |been )*(?:opened|closed|ended|stopped|suspended|started)\b"
        rf"|{REMAINING['en']}",
        "nl": r"^(?=.*\bkun(?:t|nen|nt)?\b)(?=.*\b(?:pre-?regist|aanmeld|aanvra))"
        r"(?=.*\b(?:nu|weer|opnieuw|momenteel|op dit moment|vandaag|voorlopig|inmiddels|nog (?:steeds|altijd|geen|niet)|niet meer|geen .* meer)\b)"
        r"|\bquotum\b.*\b(?:is|werd|was)\b.*\b(?:vol|op|bereikt)\b"
        r"|\b(?:plaatsen|plekken)\b.*\bzijn\b.*\b(?:vergeven|weg|bezet|op|vol)\b"
        r"|\ber zijn (?:nog|weer|nu|geen|opnieuw)\b.*\b(?:plaatsen|plekken)\b"
        r"|\bpre-?registratie\b.*\bis\b.*\b(?:geopend|gesloten|gestopt|begonnen|gestart|afgelopen)\b"
        rf"|{REMAINING['nl']}",
        "ja": r"(?:現在|ただいま|ただ今|今(?![後回年度])|いま|本日|再び|再度|まだ|もう|当面|引き続き).*(?:申し込|登録|申請).*(?:め|でき|せ|受け付けて)(?:い?ます|い?ません)(?!か)"
        r"|定員(?:に|が)(?:達し|埋まり|いっぱいになり)(?:ました|ています)(?!か)|満員(?:です|になりました)"
        r"|空き(?:枠)?[はが](?:あり|出て?い?|なくなり|残っており?い?|出)(?:ます|ません|ました)(?!か)"
        r"|受け?付け?[はがを](?:終了|停止|開始|再開|締め切り?)(?:し|され)?(?:て?い?ます|ました)(?!か)|(?:受付中|募集中)です(?!か)"
        rf"|{REMAINING['ja']}",
        "ko": r"(?:지금|현재|오늘|다시|아직|이제|당분간|여전히).*(?:신청|등록).*수 (?:있|없)(?:습니다|어요|다)"
        r"|정원(?:이|은)? (?:(?:모두|다|이미|벌써) )*(?:찼습니다|찼어요|마감되었습니다|마감됐습니다)|정원에 (?:도달|이르)\S*습니다"
        r"|(?:빈 )?자리(?:가|는) (?:(?:다시|아직|더|더 이상|지금|이제|남아) )*(?:없|있|남았|났|생겼)(?:습니다|어요)"
        r"|(?:접수|등록|신청)(?:가|는|이|은) (?:(?:모두|다시|이미|지금|이제|일시) )*(?:마감|종료|중단|시작|재개)(?:되었|됐|했)(?:습니다|어요)|접수 중입니다"
        rf"|{REMAINING['ko']}",
    }
)
# Words that make such an answer a condition, a question or a report of the past.
ANSWER_CONDITIONS = _compile(
    {
        "en": r"\b(?:if|when|whether|while|once|until(?! further notice)|unless|as soon as|before|after|or|in 20\d\d)\b|\?",
        "nl": r"\b(?:als|wanneer|of|terwijl|zodra|zolang|tot(?!dat)|totdat|tenzij|voordat|nadat|indien|in 20\d\d)\b|\?",
        "ja": "とき|場合|間だけ|まで|なら|かどうか|か(?=、|は|を|確認)|されると|達すると|たら|れば|次第|20\\d\\d年|[?？]",
        "ko": "때|(?<![화반측서장표])면|경우|동안|까지|전에|직전|[는은]지|20\\d\\d년|[?？]",
    }
)
