"""Reads the texts of the desk, in English and Dutch, from `words.yaml`. Also chooses the language of a request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

LANGUAGES: Mapping[str, str] = {"en": "English", "nl": "Nederlands"}
# The texts by key and language.
WORDS: Mapping[str, Mapping[str, str]] = yaml.safe_load(
    Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
)


def say(language: str, key: str, **values: object) -> str:
    """Returns the text `key` in the language, with the values filled in."""
    return WORDS[key][language].format(**values)


def choose_language(accepted: str) -> str:
    """Returns "nl" if the value of a header Accept-Language (RFC 9110, 12.5.4) prefers Dutch to English, otherwise "en"."""
    weights = {"en": 0.0, "nl": 0.0}
    for part in accepted.split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.partition("-")[0].lower()
        if language in weights:
            try:
                weights[language] = max(weights[language], float(weight or 1))
            except ValueError:
                continue
    return "nl" if weights["nl"] > weights["en"] else "en"
