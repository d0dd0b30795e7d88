"""A project of any number of pages, for benchmarks: the repository's own content, and generated guides in every language."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "nl", "ja", "ko")
_PAGES_IN_A_GUIDE = 25
_WORDS = (
    "apply address answer bank card city desk document embassy employer form health house insurance letter month office "
    "passport permit photo place proof register rent request residence sticker study travel visa week work year you"
).split()


def write_site(root: Path, pages: int, in_menu: bool = False) -> None:
    """Writes a project with `pages` pages in all (files of four languages together, at least those of the real content) to `root`.

    Half of a page changes with its number, so that no two are the same. With `in_menu`, every page has an `order`;
    without it the main menu stays as it is.
    """
    for name in ("content", "site_src"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("build.py", "quota_state.yaml"):
        shutil.copy(ROOT / name, root)
    there = sum(1 for language in LANGUAGES for _ in (root / "content" / language).glob("*.md"))
    for number in range(max(0, pages - there) // len(LANGUAGES)):
        guide, place = divmod(number, _PAGES_IN_A_GUIDE)
        name = f"guide-{guide:03}" if place == 0 else f"guide-{guide:03}/page-{place:02}"
        for language in LANGUAGES:
            file = root / "content" / language / f"{name}.md"
            file.parent.mkdir(exist_ok=True)
            order = f"order: {1000 + number}\n" if in_menu else ""
            file.write_text(
                f"---\ntitle: Guide {guide}, page {place} ({language})\n"
                f"description: What page {place} of guide {guide} says in {language}, with steps, a table and more to read.\n"
                f"{order}updated: 2026-11-26\n---\n" + "\n".join(_body(language, guide, place)),
                encoding="utf-8",
            )


def edit_page(root: Path, number: int) -> None:
    """Changes the text of one page, in one language; another `number` gives another text."""
    file = root / "content/en/privacy.md"
    text = file.read_text(encoding="utf-8").partition("\n\nEdited for the ")[0]
    file.write_text(f"{text.rstrip()}\n\nEdited for the {number}th time.\n", encoding="utf-8")


def _body(language: str, guide: int, place: int) -> Iterator[str]:
    """About 2.5 KB of Markdown, of the kinds of blocks that real pages have."""
    chance = random.Random(f"{language} {guide} {place}")  # noqa: S311 - the same text each time, and no secret

    def sentence() -> str:
        return " ".join(chance.choices(_WORDS, k=12)).capitalize() + "."

    for section in range(4):
        yield f"## {sentence()[:-1]} {section}\n"
        yield f"{sentence()} {sentence()} **{sentence()}** Read more at [the IND](contact:ind).\n"
        yield from (f"- {sentence()}" for _ in range(4))
        yield f"\n{sentence()} {sentence()}\n"
    yield "| What | Where |\n|---|---|"
    yield from (f"| {chance.choice(_WORDS)} | {sentence()} |" for _ in range(4))
    yield ""
