"""Whole sites, built and parsed, for the rules that every page must follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.building import build_site, read_inputs
from tests.support.html_pages import HtmlPage, parsed
from tests.support.project import NOON, Project, at, make_project
from tests.support.real_site import copy_of_repository

FRONT = "---\ntitle: {title}\ndescription: About {title}.\nupdated: 2026-11-22\n---\n"
# These pages are up to two folders deep and partly translated, with links in both directions.
NESTED = {
    "en/guides/index.md": "Read on [money](money.md#cash), or go [home](../index.md).",
    "en/guides/money.md": "## Cash\n\nBack to [the guides](index.md) or to [Japan](../japan.md#quota-notice).",
    "en/guides/money/banks.md": "See [cash](../money.md#cash).",
    "en/loose/leaf.md": "This folder has no page of its own.",
    "nl/guides/money.md": "## Contant\n\nZie [de gidsen](index.md) en [Japan](../japan.md).",
}


@dataclass(frozen=True)
class Site:
    """A built site, parsed. The notices for partners' pages are in a separate field."""

    project: Project
    base_url: str
    files: dict[str, bytes]
    pages: dict[str, HtmlPage]
    embeds: dict[str, HtmlPage]

    @property
    def base(self) -> str:
        """The folder in the site's address: "", or for example "/whp"."""
        return urlsplit(self.base_url).path

    @property
    def routed(self) -> list[HtmlPage]:
        """The pages that have a route in a language. The choice of language and the 404 pages are not among them."""
        found = [page for path, page in self.pages.items() if path.endswith("/index.html")]
        assert len(found) >= 8
        return found

    def has_own_text(self, page: HtmlPage) -> bool:
        """Returns whether the page has a file in its own language."""
        stem = self.project.root / "content" / page.path.removesuffix("index.html")
        return (stem / "index.md").is_file() or stem.with_suffix(".md").is_file()

    def original(self, page: HtmlPage) -> str:
        """Returns the route of the page in the default language."""
        return page.route.replace(f"/{page.language}/", "/en/", 1)


def nested(folder: Path) -> Project:
    """The small site with pages in folders."""
    project = make_project(folder)
    for path, body in NESTED.items():
        project.write(
            f"content/{path}", FRONT.format(title=path.split("/")[-1].removesuffix(".md").title()) + body
        )
    return project


SITES: Mapping[str, tuple[Callable[[Path], Project], str]] = {
    "small": (make_project, "https://small.test"),
    "nested": (nested, "https://small.test"),
    "nested-below-a-folder": (nested, "https://small.test/working/holiday"),
    "on-this-machine": (make_project, "http://localhost:8000"),
    "real": (copy_of_repository, "https://working-holiday.example"),
    "real-below-a-folder": (copy_of_repository, "https://ind.test/whp"),
}


def whole_site(name: str, folder: Path) -> Site:
    """Makes one of SITES in the folder."""
    make, base_url = SITES[name]
    project = make(folder / name)
    files = dict(build_site(read_inputs(project.root), at(NOON), base_url).files)
    embeds = {path: page for path, page in parsed(files).items() if path.startswith("embed/")}
    pages = {path: page for path, page in parsed(files).items() if path not in embeds}
    return Site(project, base_url, files, pages, embeds)
