"""Published pages as a browser sees them. They are parsed by lxml, which does not know our templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import unquote, urlsplit

import lxml.html
from lxml.html import HtmlElement


@dataclass(frozen=True)
class HtmlPage:
    """A parsed HTML file. `path` is its path in the output."""

    path: str
    root: HtmlElement

    @property
    def route(self) -> str:
        """The page's route below the site's address: `/en/japan/`."""
        return "/" + self.path.removesuffix("index.html")

    @cached_property
    def ids(self) -> list[str]:
        """Every id in the page. An id that occurs more than once is repeated."""
        return [str(element.get("id")) for element in self.elements() if element.get("id") is not None]

    @property
    def language(self) -> str:
        """The language of the whole page."""
        return self.root.get("lang", "")

    def elements(self, tag: str | None = None) -> Iterator[HtmlElement]:
        """Returns the page's elements in order, without comments and processing instructions."""
        return (element for element in self.root.iter(tag) if isinstance(element.tag, str))

    def with_class(self, name: str) -> list[HtmlElement]:
        """Returns the elements that have the class."""
        return [element for element in self.elements() if name in element.get("class", "").split()]

    def one(self, name: str) -> HtmlElement:
        """Returns the only element that has the class."""
        (element,) = self.with_class(name)
        return element

    def head_links(self, rel: str) -> list[HtmlElement]:
        """Returns the links of this kind in the page's head."""
        return [link for link in self.elements("link") if link.get("rel") == rel]

    @property
    def title(self) -> str:
        """The title in the browser's tab."""
        (title,) = self.elements("title")
        return text(title)


def parsed(files: Mapping[str, bytes]) -> dict[str, HtmlPage]:
    """Maps the path of each HTML file in `files` to its page."""
    pages = {path: parse(path, data) for path, data in files.items() if path.endswith(".html")}
    assert pages
    return pages


@lru_cache(maxsize=2048)
def parse(path: str, data: bytes) -> HtmlPage:
    """Parses one file. The page must not be changed, because it is cached for the same bytes."""
    return HtmlPage(path, lxml.html.document_fromstring(data))


def text(element: HtmlElement) -> str:
    """Returns the words in the element, with one space between them."""
    return " ".join(str(element.text_content()).split())


def language_of(element: HtmlElement) -> str:
    """Returns the language that the page gives for the element's own words."""
    for above in (element, *element.iterancestors()):
        if above.get("lang"):
            return str(above.get("lang"))
    return ""


def dead_links(files: Mapping[str, bytes], base_path: str = "") -> list[str]:
    """Returns a line for each address of this site in a page that has no file, or whose id does not exist."""
    pages = parsed(files)
    dead = []
    for page in pages.values():
        for element in page.elements():
            address = element.get("href")
            if address is None or urlsplit(address).scheme:
                continue
            path = _target(page, address, base_path)
            fragment = unquote(urlsplit(address).fragment)
            if path not in files or (fragment and fragment not in pages[path].ids):
                dead.append(f"{page.path}: {address}")
    return dead


def _target(page: HtmlPage, address: str, base_path: str) -> str:
    parts = urlsplit(address)
    if parts.netloc or parts.query:
        return f"not of this site: {address}"
    if not parts.path:
        return page.path
    if not parts.path.startswith(f"{base_path}/"):
        return f"outside of the folder: {address}"
    path = unquote(parts.path).removeprefix(f"{base_path}/")
    return f"{path}index.html" if path.endswith("/") or not path else path
