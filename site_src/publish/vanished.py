"""Finds addresses of pages that visitors may know and that a new release no longer has."""

from __future__ import annotations

from collections.abc import Collection, Iterator

_PAGE = "/index.html"


def describe_vanished(published: Collection[str], files: Collection[str]) -> Iterator[str]:
    """A sentence for each page, in whatever languages, that is in the files `published` and not in `files`.

    A page that was renamed with `moved_from` has a file at its earlier address, which leads on, so it has not vanished.
    """
    languages = {path.partition("/")[0] for path in files if path.count("/") == 1 and path.endswith(_PAGE)}
    gone: dict[str, list[str]] = {}
    for path in sorted(published):
        language, _, rest = path.partition("/")
        if path not in files and language in languages and rest.endswith(_PAGE):
            gone.setdefault(rest.removesuffix(_PAGE), []).append(f"/{path.removesuffix('index.html')}")
    for slug, addresses in gone.items():
        yield (
            f"{', '.join(addresses)}: was published and is gone, so visitors who know the address get an error. "
            f'If another page replaces it, add "moved_from: [{slug}]" to the front matter of that page.'
        )
