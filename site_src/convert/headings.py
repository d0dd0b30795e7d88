"""Gives a translation's headings the ids of the original's, so that one link leads to the same part in every language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from site_src.convert.markup import Markup

_ID = re.compile(r'(?<=\sid=")([^"]*)(?=")')


def match_headings(translation: Markup, original: Markup) -> Mapping[str, str]:
    """Maps each heading's own id to the id that it inherits; empty if the levels of the headings do not match.

    An id that the translation's editor typed stays. A heading does not inherit an id that another element has.
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
    replaced = {own for own, _ in pairs}
    kept = {anchor for anchor in translation.anchors if anchor not in replaced}
    return {own: first for own, first in pairs if first not in kept}


def inherit_ids(translation: Markup, ids: Mapping[str, str]) -> Markup:
    """The translation with the ids that `match_headings` found; its links stay as typed."""
    return replace(
        translation,
        html=_ID.sub(lambda found: ids.get(found[1], found[1]), translation.html),
        anchors=tuple(ids.get(anchor, anchor) for anchor in translation.anchors),
        headings=tuple(
            heading._replace(id=ids.get(heading.id, heading.id)) for heading in translation.headings
        ),
    )
