"""Maps look-alikes of the characters of Markdown, YAML and addresses, for example from a Japanese keyboard, to plain
characters.

`scan.lookalikes` is the table for conversation starters' addresses.
"""

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
    """Returns the text with each look-alike replaced by the plain character. The length stays the same."""
    return text if text.isascii() or not _LOOKALIKE.search(text) else text.translate(PLAIN)


def describe(character: str) -> str:
    """Describes the character: `"：" (fullwidth colon)`. For a blank, which is invisible, returns only the name."""
    name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
    article = "an" if name[0] in "aeiou" else "a"
    return f"{article} {name}" if character.isspace() else f'"{character}" ({name})'


def explain_lookalikes(text: str) -> str:
    """Explains the first look-alike in `text`: ` It has "＃" (fullwidth number sign): type "#".`; "" if there is none."""
    found = _LOOKALIKE.search(text)
    if not found:
        return ""
    plain = to_plain(found[0])
    typed = {" ": "a blank", '"': "a straight quote", "'": "a straight quote"}.get(plain, f'"{plain}"')
    return f" It has {describe(found[0])}: type {typed}."
