"""Lists the HTML elements, attributes and link schemes that texts may have. `CLEANER` removes all others. Slow to import (nh3)."""

from __future__ import annotations

import nh3

ALLOWED_TAGS = frozenset(
    "a abbr b bdi blockquote br cite code dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li ol p pre q rp rt ruby "
    "s samp small span strong sub sup table tbody td tfoot th thead tr u ul var wbr".split()
)
# HTML no longer has <rb>. With or without the tag, its content is the text below the reading.
DROPPED_TAGS = frozenset(["rb"])
# The content of these elements is not text, and is removed with them.
REMOVED_WITH_CONTENT = frozenset(["script", "style"])
ALLOWED_ATTRIBUTES = {
    "*": {"class", "id", "lang"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
# `Markup.links` also keeps links with other schemes, so that a check can report them. The page does not contain them.
CLEANER = nh3.Cleaner(
    tags=set(ALLOWED_TAGS),
    clean_content_tags=set(REMOVED_WITH_CONTENT),
    attributes=ALLOWED_ATTRIBUTES,
    url_schemes={"https", "contact"},
    link_rel=None,
)
