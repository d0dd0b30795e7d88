"""From a `Site` to every published file: a mapping from path to bytes. No disk is written, no clock is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from site_src.availability import LinkShown
from site_src.site import Kind, Page, Site

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A link of a menu; `current` when it leads to the page on which it stands."""

    title: str
    address: str
    language: str
    current: bool


@dataclass(frozen=True, slots=True)
class Menus:
    """The ways from a page to the others."""

    main: tuple[MenuLink, ...]
    footer: tuple[MenuLink, ...]
    parents: tuple[MenuLink, ...]
    languages: tuple[MenuLink, ...]


def render(site: Site) -> dict[str, bytes]:
    """Every file of the site by its path, `en/japan/index.html`; the same site gives the same bytes."""
    assets = _assets()
    files = {f"assets/{name}": data for name, data in assets.values()}
    base_path = urlsplit(site.base_url).path
    environment = _environment()
    environment.globals.update(
        site=site,
        base_path=base_path,
        assets={logical: f"{base_path}/assets/{name}" for logical, (name, _) in assets.items()},
        shown=lambda status: isinstance(status.link, LinkShown),
    )
    templates = {kind: environment.get_template(f"{kind}.html") for kind in Kind}
    for page in site.pages:
        text = templates[page.kind].render(
            page=page,
            language=site.languages[page.language],
            menus=_menus(site, page, base_path),
        )
        files[f"{page.route.strip('/')}/index.html"] = _bytes(text)
    not_found = environment.get_template("404.html")
    for language in site.languages.values():
        home = site.page(language.code, "")
        text = not_found.render(page=None, language=language, menus=_menus(site, home, base_path))
        files[f"{language.code}/404.html"] = _bytes(text)
    choice = environment.get_template("languages.html")
    files["index.html"] = _bytes(choice.render(page=None, language=site.languages[site.default_language]))
    return dict(sorted(files.items()))


def _environment() -> Environment:
    """Escapes everything, and refuses a name that is not there instead of printing nothing."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["filled"] = _filled
    return environment


def _filled(label: str, **values: object) -> Markup:
    """A label with its placeholders filled; what is filled in may be markup, the label itself never is."""
    return escape(label).format(**values)


def _assets() -> Mapping[str, tuple[str, bytes]]:
    """Each static file's published name and bytes; the name carries a hash of the bytes, so it can be kept for ever."""
    assets = {}
    for file in sorted((_HERE / "static").iterdir()):
        data = file.read_bytes()
        assets[file.name] = (f"{file.stem}.{hashlib.sha256(data).hexdigest()[:12]}{file.suffix}", data)
    return assets


def _menus(site: Site, page: Page, base_path: str) -> Menus:
    def link(target: Page, title: str | None = None) -> MenuLink:
        return MenuLink(
            title or target.title, base_path + target.route, target.source_language, target is page
        )

    beside = [other for other in site.pages if other.language == page.language and other.slug]
    in_menu = sorted(
        (other for other in beside if other.order is not None),
        key=lambda other: (other.order or 0, other.slug),
    )
    in_footer = [other for other in beside if other.order is None]
    parts = page.slug.split("/")
    above = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    home = site.languages[page.language].labels.home
    parents = [link(other) for other in beside if other.slug in above]
    return Menus(
        main=tuple(map(link, in_menu)),
        footer=tuple(map(link, in_footer)),
        parents=(link(site.page(page.language, ""), home), *parents) if page.slug else (),
        languages=tuple(
            MenuLink(
                other.labels.language_name,
                base_path + site.page(code, page.slug).route,
                code,
                code == page.language,
            )
            for code, other in site.languages.items()
        ),
    )


def _bytes(text: str) -> bytes:
    """UTF-8, without the blank lines and indentation that only the templates need."""
    lines = (line.strip() for line in text.split("\n"))
    return ("\n".join(line for line in lines if line) + "\n").encode()
