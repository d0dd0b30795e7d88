"""Each colour of text or shapes has enough contrast with every background that it may be on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product

import pytest

from tests.support.project import REPOSITORY

STYLE = (REPOSITORY / "site_src/render/static/style.css").read_text(encoding="utf-8")
WORDS, SHAPES = 4.5, 3.0  # The values are from WCAG 2.2, 1.4.3 and 1.4.11.
TINTS = ("open", "again", "closed", "waiting")
# Foreground, background, and least contrast. A tint is the background of a notice or a state's label.
PAIRS: Mapping[tuple[str, str], float] = {
    **{(words, "ground"): WORDS for words in ("text", "quiet", "link", *TINTS)},
    **{(words, f"{tint}-ground"): WORDS for words, tint in product(("text", "link"), TINTS)},
    **{(tint, f"{tint}-ground"): WORDS for tint in TINTS},
    ("on-brand", "brand"): WORDS,
    ("on-link", "link"): WORDS,
    ("on-preview", "preview"): WORDS,
    ("line", "ground"): SHAPES,
    ("focus", "ground"): SHAPES,
    **{("focus", f"{tint}-ground"): SHAPES for tint in TINTS},
}


def tokens(style: str) -> dict[str, dict[str, str]]:
    """Maps each token to its colour, `#rrggbb`, in light and in dark mode."""
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return {"light": _colours(light), "dark": {**_colours(light), **_colours(dark)}}


def _colours(block: str) -> dict[str, str]:
    found: list[tuple[str, str]] = re.findall(r"--([a-z-]+): #([0-9a-f]{3}|[0-9a-f]{6});", block)
    return {
        name: "#" + (code if len(code) == 6 else "".join(2 * digit for digit in code)) for name, code in found
    }


def contrast(one: str, other: str) -> float:
    """Returns the contrast ratio of two colours, from 1 to 21, as WCAG 2.2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def faint(style: str) -> list[str]:
    """Returns a line for each pair with too little contrast, in light or in dark mode."""
    return [
        f"{scheme}: --{front} on --{back} is {ratio:.2f}"
        for scheme, colours in tokens(style).items()
        for (front, back), least in PAIRS.items()
        if (ratio := contrast(colours[front], colours[back])) < least
    ]


def test_every_pair_of_tokens_has_contrast() -> None:
    """In light and dark mode, text has a contrast of at least 4.5 to 1 with its backgrounds, and shapes of 3 to 1."""
    assert faint(STYLE) == []


def test_every_colour_is_a_token_and_every_token_is_judged() -> None:
    """Each colour is a token, each token is in a tested pair, and dark mode has the same tokens as light mode."""
    light, dark = tokens(STYLE).values()
    judged = {name for pair in PAIRS for name in pair}
    assert set(light) == set(dark) == {*judged, "logo-ground"}  # The owner of a logo chooses its colours.
    rules = re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)
    assert re.findall(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", rules) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("--quiet: #50555a", "--quiet: #90959a"),
        ("--closed-ground: #471b17", "--closed-ground: #974b47"),
        ("--focus: #fff", "--focus: #333"),
        ("--line: #767c82", "--line: #c9ced3"),
    ],
)
def test_a_faint_colour_is_seen(old: str, new: str) -> None:
    """A token that is too pale in light or dark mode is reported."""
    assert old in STYLE

    assert [line for line in faint(STYLE.replace(old, new)) if old.partition(":")[0] in line]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_computed_as_wcag_has_it(one: str, other: str, ratio: float) -> None:
    """The ratio computed for known pairs of colours is the published one, in either order."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)
