"""Gives the headings of a translation the ids of the original, so that links to a heading work in every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from site_src.convert.markup import ID, Markup
from site_src.read.content import PageSource


class Translation(NamedTuple):
    """A translation and its original as converted, the ids that the translation inherits, and the translation with these ids."""

    own: Markup
    original: Markup
    ids: Mapping[str, str]
    markup: Markup


def inherit_ids(
    pages: Mapping[tuple[str, str], PageSource],
    markups: Mapping[str, Markup],
    default: str,
    earlier: Mapping[str, Translation],
) -> dict[str, Translation]:
    """Maps the path of each translation that has an original to the translation with the original's ids of headings.

    Links in the text stay as typed. `earlier` contains results that are used for unchanged pages.
    """
    found: dict[str, Translation] = {}
    for (language, slug), page in pages.items():
        original = pages.get((default, slug))
        if original is None or language == default:
            continue
        own, first, before = markups[page.path], markups[original.path], earlier.get(page.path)
        if before and before.own is own and before.original is first:
            found[page.path] = before
        else:
            ids = _match_headings(own, first)
            found[page.path] = Translation(own, first, ids, _rename(own, ids) if ids else own)
    return found


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
        html=ID.sub(lambda found: f' id="{ids.get(found[1], found[1])}"', translation.html),
        anchors=tuple(ids.get(anchor, anchor) for anchor in translation.anchors),
        headings=tuple(headings),
    )
