"""Generates projects of any size for benchmarks: the repository's own content, and guides in every language."""

from __future__ import annotations

import random
import re
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

_HUGO = {
    "hugo.toml": 'baseURL = "https://hugo.test/"\ndefaultContentLanguage = "en"\ndefaultContentLanguageInSubdir = true\n'
    'disableKinds = ["taxonomy", "term", "RSS"]\n'
    + "".join(f'[languages.{code}]\ncontentDir = "content/{code}"\n' for code in LANGUAGES),
    "layouts/_default/baseof.html": """<!DOCTYPE html>
<html lang="{{ .Language.Lang }}"><head><meta charset="utf-8"><title>{{ .Title }}</title>
<meta name="description" content="{{ .Description }}"><link rel="canonical" href="{{ .Permalink }}">
{{ range .AllTranslations }}<link rel="alternate" hreflang="{{ .Language.Lang }}" href="{{ .Permalink }}">{{ end }}</head><body>
<nav>{{ range .AllTranslations }}<a href="{{ .RelPermalink }}">{{ .Language.Lang }}</a>{{ end }}</nav>
{{ $here := . }}<nav>{{ range where .Site.Pages.ByWeight "Weight" ">" 0 }}<a href="{{ .RelPermalink }}"
{{- if eq . $here }} aria-current="page"{{ end }}>{{ .Title }}</a>{{ end }}</nav>
<main><h1>{{ .Title }}</h1>{{ .Content }}{{ block "below" . }}{{ end }}</main>
<footer>{{ range .Site.Home.Sections }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}</footer></body></html>
""",
    "layouts/_default/single.html": '{{ define "below" }}{{ end }}',
    "layouts/_default/list.html": '{{ define "below" }}<ul>{{ range .Pages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul>{{ end }}',
}


def write_site(root: Path, pages: int, in_menu: bool = False) -> None:
    """Writes a project with `pages` pages in total over four languages, but at least as many as the real content.

    Every generated page has a different text. With `in_menu`, every page has an `order`; otherwise, the main menu is that of the
    real content.
    """
    for name in ("content", "site_src"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("build.py", "quota_state.yaml"):
        shutil.copy(ROOT / name, root)
    there = sum(1 for language in LANGUAGES for _ in (root / "content" / language).glob("*.md"))
    for path, text in _guides(max(0, pages - there), in_menu):
        file = root / "content" / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")


def add_programmes(root: Path, programmes: int) -> None:
    """Adds copies of the programme japan until there are `programmes`. Each copy has its own name, addresses, pages and log."""
    content = root / "content"
    model = (content / "programmes/japan.yaml").read_text(encoding="utf-8")
    log = ""
    for number in range(len(list((content / "programmes").iterdir())), programmes):
        id = f"land-{number:02}"
        typed = re.sub(
            r"^  (en|nl|ja|ko): (?:Japan|日本|일본)$", rf"  \1: Land {number:02}", model, flags=re.MULTILINE
        )
        typed = typed.replace("working-holiday/japan", f"working-holiday/{id}")
        (content / f"programmes/{id}.yaml").write_text(typed, encoding="utf-8")
        for file in sorted(content.glob("*/japan.md")):
            page = file.read_text(encoding="utf-8")
            page = re.sub("^order: .*$", f"order: {20 + number}", page, flags=re.MULTILINE)
            page = re.sub(
                "^((?:menu_)?title): (.*)$", rf"\1: 'Land {number:02}: \2'", page, flags=re.MULTILINE
            )
            page = page.replace("programme: japan", f"programme: {id}")
            file.with_stem(id).write_text(page, encoding="utf-8")
        log += f"{id}:\n  - state: open\n    from: 2026-04-01 00:00\n"
        if number % 2:
            log += "  - state: quota_reached\n    from: 2026-04-01 11:42\n"
    with (root / "quota_state.yaml").open("a", encoding="utf-8") as state_file:
        state_file.write(log)


def write_hugo_site(root: Path, pages: int, in_menu: bool = False) -> None:
    """Writes a Hugo site with `pages` generated pages of the same kind, and templates that make the same menus."""
    for name, text in _HUGO.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    for path, text in _guides(pages, in_menu):
        file = root / "content" / path
        if len(file.relative_to(root).parts) == 3:
            file = file.with_suffix("") / "_index.md"  # a page with pages below it
        file.parent.mkdir(parents=True, exist_ok=True)
        in_hugo = text.replace("order: ", "weight: ", 1).replace("contact:ind", "https://ind.nl/en")
        file.write_text(in_hugo, encoding="utf-8")


def _guides(pages: int, in_menu: bool) -> Iterator[tuple[str, str]]:
    """Yields the path (below `content/`) and text of each page. Every language has the same number of pages."""
    for number in range(pages // len(LANGUAGES)):
        guide, place = divmod(number, _PAGES_IN_A_GUIDE)
        name = f"guide-{guide:03}" if place == 0 else f"guide-{guide:03}/page-{place:02}"
        order = f"order: {1000 + number}\n" if in_menu else ""
        for language in LANGUAGES:
            front = (
                f"---\ntitle: Guide {guide}, page {place} ({language})\n"
                f"description: What page {place} of guide {guide} says in {language}, with steps, a table and more to read.\n"
                f"{order}updated: 2026-11-26\n---\n"
            )
            yield f"{language}/{name}.md", front + "\n".join(_body(language, guide, place))


def edit_page(root: Path, number: int) -> None:
    """Changes the text of one page in one language. The new text depends on `number`."""
    file = root / "content/en/privacy.md"
    text = file.read_text(encoding="utf-8").partition("\n\nEdited for the ")[0]
    file.write_text(f"{text.rstrip()}\n\nEdited for the {number}th time.\n", encoding="utf-8")


def _body(language: str, guide: int, place: int) -> Iterator[str]:
    """Yields the blocks of about 2.5 KB of Markdown, of the kinds that real pages contain."""
    chance = random.Random(f"{language} {guide} {place}")  # noqa: S311 - the text must be the same each time, and is not secret

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
