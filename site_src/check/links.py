"""Checks that each link in a text leads to an existing page, anchor or contact, or to a listed host."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.check.lines import (
    find_almost_note,
    lines_matching,
    lines_of_headings,
    lines_of_links,
    problems_at,
)
from site_src.convert.links import DeadLink, Outside, PageLink, SamePage, anchors_of, resolve
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem, did_you_mean, nearest
from site_src.read.content import PageSource, TextSource
from site_src.read.text import explain_lookalikes

# The destination of a footnote's link back to its mark.
_BACK_TO_MARK = "#fnref:"


def links(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each link leads to an existing page, anchor or contact, or to a listed host."""
    hosts = manuscript.content.starter_hosts - {*manuscript.content.settings.outbound_hosts}
    # Another check reports addresses of conversation starters, with other advice.
    starters = tuple(f"https://{host}/" for host in hosts)
    for source in manuscript.converted:
        for destination in manuscript.markups[source.path].links:
            if destination.startswith(starters):
                continue
            try:
                target = resolve(manuscript, source.path, destination, source.language)
            except DeadLink as error:
                yield from problems_at(source, lines_of_links(source, destination), str(error), "link")
                continue
            if not isinstance(target, Outside) and target.fragment:
                yield from _anchor_problems(manuscript, source, destination, target)


def _anchor_problems(
    manuscript: Manuscript, source: TextSource, destination: str, target: PageLink | SamePage
) -> Iterator[Problem]:
    if isinstance(target, PageLink):
        wanted = target.language or source.language
        page = manuscript.displayed(wanted, target.slug)
    else:
        wanted, page = source.language, source if isinstance(source, PageSource) else None
    if page is None and isinstance(target, PageLink):
        return
    if page and page.path_in(wanted) in manuscript.content.unreadable:
        return
    # A notice has no anchors of its own.
    anchors = (anchors_of(manuscript, page.language, page.slug) if page else None) or frozenset()
    if target.fragment in anchors:
        return
    if destination.startswith(_BACK_TO_MARK):
        yield from _unused_footnote(source, destination.removeprefix(_BACK_TO_MARK))
    elif page and isinstance(target, PageLink) and _original_has(manuscript, page, target.fragment):
        yield _lacks_place(manuscript, page, target.fragment)
    else:
        message = f'"{destination}" leads to a place that is not on that page.{did_you_mean(target.fragment, anchors)}'
        if page and not nearest(target.fragment, anchors):
            message += f" If only the words of the heading in {page.path} were changed, write {{: #{target.fragment}}} after them."
        yield from problems_at(source, lines_of_links(source, destination), message, "link")


def _unused_footnote(source: TextSource, name: str) -> Iterator[Problem]:
    mark = f"[^{name}]"
    if almost := find_almost_note(source, name):
        line, typed = almost
        message = f'"{typed}" is not the mark of a footnote.{explain_lookalikes(typed)} Write "{mark}".'
        yield source.problem(line, "footnote", message)
        return
    message = (
        f"the footnote {mark} is not used. Put {mark} into the text where it belongs, or delete the footnote."
    )
    yield from problems_at(source, lines_matching(source, re.escape(f"{mark}:")), message, "footnote")


def _original_has(manuscript: Manuscript, page: PageSource, fragment: str) -> bool:
    default = manuscript.content.settings.default_language
    original = manuscript.pages.get((default, page.slug))
    return original not in (None, page) and fragment in (anchors_of(manuscript, default, page.slug) or ())


def _lacks_place(manuscript: Manuscript, page: PageSource, fragment: str) -> Problem:
    """Returns a warning about a translation that lacks an anchor of its original, so that links lead to its top."""
    original = manuscript.pages[manuscript.content.settings.default_language, page.slug]
    ids = [heading.id for heading in manuscript.markups[original.path].headings]
    lines = lines_of_headings(page) or [page.body_line]
    line = lines[min(ids.index(fragment), len(lines) - 1)] if fragment in ids else lines[0]
    message = (
        f'has no place "{fragment}", but {original.path} has one, so links to that place lead to the top of this page. Give this page the same '
        f"headings as the original, or write after the heading of that part: {{: #{fragment}}}"
    )
    return page.warning(line, "headings-differ", message)
