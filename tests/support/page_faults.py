"""Rules for all pages of a site.

Each function gets the built files and returns a list of messages with the fault and its place.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from urllib.parse import urlsplit

from tests.support.html_pages import HtmlPage, dead_links, language_of, parsed

Files = Mapping[str, bytes]

# The budgets of design.md, in transferred bytes (gzip), and in requests of a first visit.
HTML_WEIGHT, STYLE_WEIGHT, FIRST_VIEW, REQUESTS = 6 * 1024, 3 * 1024, 14_000, 3
ACTIVE = "script style iframe img form input button object embed base".split()
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "headers")
# Letters that occur in only one of the site's languages.
_LETTERS = {"ja": re.compile(r"[\u3040-\u30ff]"), "ko": re.compile(r"[\uac00-\ud7a3]")}
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SPOKEN = ("alt", "aria-label", "title")


def headings(files: Files) -> Iterator[str]:
    """Each page has a title and exactly one h1, which is the first heading, and skips no level."""
    for page in parsed(files).values():
        levels = [int(str(e.tag)[1]) for e in page.elements() if re.fullmatch("h[1-6]", str(e.tag))]
        if levels.count(1) != 1 or levels[0] != 1 or not page.title:
            yield f"{page.path}: headings {levels}, title {page.title!r}"
        for before, after in pairwise(levels):
            if after > before + 1:
                yield f"{page.path}: h{after} comes after h{before}"


def titles(files: Files) -> Iterator[str]:
    """No two pages of a language have the same title."""
    # The 404 page at the root is a copy of the default language's.
    pages = [page for path, page in parsed(files).items() if path != "404.html"]
    for (language, title), count in Counter((page.language, page.title) for page in pages).items():
        if count > 1:
            yield f"{language}: {count} pages have the title {title!r}"


def languages(files: Files) -> Iterator[str]:
    """Each page names its language, and words in Japanese or Korean letters are marked as such."""
    for page in parsed(files).values():
        if not page.language:
            yield f"{page.path}: has no language"
        (body,) = page.elements("body")
        for element in body.iter():
            if not isinstance(element.tag, str):
                continue
            words = [element.text or "", *(element.get(name, "") for name in _SPOKEN)]
            # The text after an element is in the language of that element's parent.
            words_by_owner = [(element, " ".join(words))]
            words_by_owner += [(element, child.tail or "") for child in element]
            for owner, said in words_by_owner:
                spoken = _language_of_letters(said)
                if spoken and language_of(owner) not in spoken:
                    yield f'{page.path}: "{said.strip()[:30]}" is marked as {language_of(owner) or "nothing"}'


def _language_of_letters(said: str) -> set[str]:
    certain = {code for code, letters in _LETTERS.items() if letters.search(said)}
    return certain or ({"ja", "ko"} if _HAN.search(said) else set())


def alternates(files: Files) -> Iterator[str]:
    """The translations that a page names also name the page. A page that names any also names itself.

    The choice of language is not a translation: home pages name it for readers of other languages (x-default).
    """
    pages = parsed(files)
    named = {
        page.route: {
            link.get("hreflang", ""): urlsplit(link.get("href", "")).path
            for link in page.head_links("alternate")
            if link.get("hreflang", "x-default") != "x-default"
        }
        for page in pages.values()
        if page.route != "/"
    }
    base = _base(pages)
    for page in pages.values():
        there = named.get(page.route, {})
        if there and there.get(page.language) != base + page.route:
            yield f"{page.path}: names translations, and not itself"
        for code, route in there.items():
            if named.get(route.removeprefix(base), {}).get(page.language) != base + page.route:
                yield f"{page.path}: the {code} page does not name it back"


def _base(pages: Mapping[str, HtmlPage]) -> str:
    (canonical,) = pages["index.html"].head_links("canonical")
    return urlsplit(canonical.get("href", "")).path.rstrip("/")


def references(files: Files) -> Iterator[str]:
    """No id is on a page twice. Elements that label or describe another one exist."""
    for page in parsed(files).values():
        ids = Counter(page.ids)
        for name, count in ids.items():
            if count > 1:
                yield f"{page.path}: the id {name} stands {count} times"
        for element in page.elements():
            for attribute in REFERENCES:
                for wanted in set(element.get(attribute, "").split()) - ids.keys():
                    yield f"{page.path}: {attribute} means {wanted}, which is not there"


def links(files: Files) -> Iterator[str]:
    """Each address of this site leads to one of its files, and each fragment to an id in that file."""
    yield from dead_links(files, _base(parsed(files)))


def landmarks(files: Files) -> Iterator[str]:
    """Each page has one main. Several menus have different names, and a notice has a heading and no role."""
    for page in parsed(files).values():
        if len(list(page.elements("main"))) != 1:
            yield f"{page.path}: has no main, or several"
        names = [nav.get("aria-label", "") for nav in page.elements("nav")]
        if "" in names or len(names) != len(set(names)):
            yield f"{page.path}: menus are called {names}"
        for notice in page.with_class("quota-notice"):
            embedded = page.path.startswith("embed/")
            heading = notice.find("h1" if embedded else "h2")
            if notice.get("role") or heading is None or notice.get("aria-labelledby") != heading.get("id"):
                yield f"{page.path}: the notice is not named by its own heading"
            before = notice.getprevious()
            if not embedded and (before is None or before.tag != "h1"):
                yield f"{page.path}: the notice does not follow the h1"


def tables(files: Files) -> Iterator[str]:
    """Each table has headers with a scope, and rows of equal length."""
    for page in parsed(files).values():
        for table in page.elements("table"):
            rows = [[str(cell.tag) for cell in row] for row in table.iter("tr")]
            if not rows or set(rows[0]) != {"th"} or len({len(row) for row in rows}) != 1:
                yield f"{page.path}: a table has the rows {rows[:3]}"


def passive(files: Files) -> Iterator[str]:
    """No page runs, embeds, submits or loads anything except the site's own style sheet and icon."""
    for page in parsed(files).values():
        for element in page.elements():
            # Structured data is not a script: a browser does not run it.
            if element.tag in ACTIVE and element.get("type") != "application/ld+json":
                yield f"{page.path}: has <{element.tag}>"
            for name in element.attrib:
                if name.startswith("on") or name == "style":
                    yield f"{page.path}: has the attribute {name}"
        loaded = [link.get("href", "") for rel in ("stylesheet", "icon") for link in page.head_links(rel)]
        for address in loaded:
            if urlsplit(address).netloc or "/assets/" not in address:
                yield f"{page.path}: loads {address}"
        if len(loaded) + 1 > REQUESTS:
            yield f"{page.path}: needs {len(loaded) + 1} requests"


def weight(files: Files) -> Iterator[str]:
    """The weights of a page, the style sheet and a whole first view are within the budgets."""
    packed = {path: len(gzip.compress(data, mtime=0)) for path, data in files.items()}
    assets = sum(size for path, size in packed.items() if path.startswith("assets/"))
    for path, size in packed.items():
        if path.endswith(".css") and size > STYLE_WEIGHT:
            yield f"{path}: {size} bytes"
        if path.endswith(".html") and (size > HTML_WEIGHT or size + assets > FIRST_VIEW):
            yield f"{path}: {size} bytes, {size + assets} with what it loads"


def still(files: Files) -> Iterator[str]:
    """No style sheet animates or loads anything, so readers need not ask for reduced motion."""
    for path, data in files.items():
        if path.endswith(".css"):
            for word in ("animation", "transition", "scroll-behavior", "@font-face", "@import", "url("):
                if word in data.decode():
                    yield f"{path}: has {word}"


RULES: Mapping[str, Callable[[Files], Iterator[str]]] = {
    rule.__name__: rule
    for rule in (
        headings,
        titles,
        languages,
        alternates,
        references,
        links,
        landmarks,
        tables,
        passive,
        weight,
        still,
    )
}
