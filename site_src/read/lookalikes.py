"""Characters that look like those of Markdown, YAML or an address, for example those of a Japanese or Korean keyboard."""

from __future__ import annotations

import re
import unicodedata

# Full-width forms, and the characters that word processors and phones put in place of plain ones.
PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(typed): ord(plain)
    for plain, others in {
        " ": "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000",
        '"': "“”„‟«»〝〞",
        "'": "‘’‚‛",
        "-": "‐‑‒–—―−",
        ":": "﹕∶꞉",
        "[": "【〔",
        "]": "】〕",
    }.items()
    for typed in others
}
_LOOKALIKE = re.compile(f"[{''.join(map(chr, PLAIN))}]")


def to_plain(text: str) -> str:
    """The text with each look-alike replaced by the plain character; as long as `text`."""
    return text if text.isascii() or not _LOOKALIKE.search(text) else text.translate(PLAIN)


def describe(character: str) -> str:
    """`"：" (fullwidth colon)`; only the name for a blank, because it is invisible."""
    name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
    article = "an" if name[0] in "aeiou" else "a"
    return f"{article} {name}" if character.isspace() else f'"{character}" ({name})'


def explain_lookalikes(text: str) -> str:
    """` It has "＃" (fullwidth number sign): type "#".` for the first look-alike in `text`; "" if it has none."""
    found = _LOOKALIKE.search(text)
    if not found:
        return ""
    plain = to_plain(found[0])
    typed = {" ": "a blank", '"': "a straight quote", "'": "a straight quote"}.get(plain, f'"{plain}"')
    return f" It has {describe(found[0])}: type {typed}."
