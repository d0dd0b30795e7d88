"""Gives the headings of a translation the ids of the original, so that links to a heading work in every language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from site_src.convert.markup import Markup
from site_src.read.content import PageSource

_ID = re.compile(r'(?<=\sid=")([^"]*)(?=")')


def inherit_ids(
    pages: Mapping[tuple[str, str], PageSource], markups: dict[str, Markup], default: str
) -> dict[str, Mapping[str, str]]:
    """Gives each translation in `markups` the heading ids of its original. Links in the text stay as typed.

    Maps the path of each changed translation to the replaced ids: from the own id of a heading to the original's.
    """
    own_ids: dict[str, Mapping[str, str]] = {}
    for (language, slug), page in pages.items():
        original = pages.get((default, slug))
        if original is None or language == default:
            continue
        if ids := _match_headings(markups[page.path], markups[original.path]):
            own_ids[page.path] = ids
            markups[page.path] = _rename(markups[page.path], ids)
    return own_ids


def _match_headings(translation: Markup, original: Markup) -> Mapping[str, str]:
    """Maps the id of each heading to the id of the original's, or none if the levels of the headings differ.

    Leaves out a heading whose id the translator typed, and an id that another element of the translation has.
    """
    if [heading.level for heading in translation.headings] != [
        heading.level for heading in original.headings
    ]:
        return {}
    pairs = [
        (own.id, first.id)
        for own, first in zip(translation.headings, original.headings, strict=True)
        if own.id and first.id and not own.explicit
    ]
    kept = {*translation.anchors} - {own for own, _ in pairs}
    return {own: first for own, first in pairs if first not in kept}


def _rename(translation: Markup, ids: Mapping[str, str]) -> Markup:
    headings = (heading._replace(id=ids.get(heading.id, heading.id)) for heading in translation.headings)
    return replace(
        translation,
        html=_ID.sub(lambda found: ids.get(found[1], found[1]), translation.html),
        anchors=tuple(ids.get(anchor, anchor) for anchor in translation.anchors),
        headings=tuple(headings),
    )
