"""Checks the destinations in texts: links, anchors, bare addresses, and addresses without https://."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from site_src.check.lines import (
    find_almost_note,
    lines_matching,
    lines_of_headings,
    lines_of_links,
    printed_values,
    problems_at,
    texts_in,
)
from site_src.convert.links import DeadLink, Outside, PageLink, SamePage, anchors_of, resolve
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem, Severity, did_you_mean, nearest
from site_src.read.content import NoticeSource, PageSource, TextSource
from site_src.read.text import explain_lookalikes
from site_src.scan.bare_addresses import bare_hosts

# The destination of a footnote's link back to its mark.
_BACK_TO_MARK = "#fnref:"
# An address as the gate reads it in published files: its host ends before any of these characters.
_BARE = re.compile(r"//(?<=[:\"'(=\s,;]//)/*([^/\s\"'<>()?#\\\[\]]+)")
# The beginning of an address in which a character is missing, or is a look-alike.
_ODD_BEGIN = re.compile(r"\bhttps?(\s?[:;：∶﹕]?\s?[/／]{1,2}\s?)(?=[\w-]+[.．]\w)", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z]+:$", re.IGNORECASE)
_ENDS_OF_SENTENCES = ".,;:!*]}\u3001\u3002\uff01\uff09\uff0c\uff0e\uff1a\uff1b\u300d"
_HOST = re.compile(r"[a-z0-9.-]+", re.IGNORECASE | re.ASCII)
_MARKDOWN = re.compile(r"[*_`\\]")


def links(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each link leads to an existing page, anchor or contact, or to a listed host."""
    starters = _starter_hosts(manuscript)
    for source in manuscript.converted:
        for destination in manuscript.markups[source.path].links:
            # Another check reports addresses of conversation starters, with other advice.
            if destination.startswith(tuple(f"https://{host}/" for host in starters)):
                continue
            yield from _link_problems(manuscript, source, destination)


def bare_addresses(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that an address in a text, title or label is on a listed host, and has no text directly after its host.

    The gate refuses other hosts too, but its report names the published page instead of the file with the mistake.
    """
    known = {*manuscript.content.settings.outbound_hosts, *_starter_hosts(manuscript)}
    own = urlsplit(manuscript.content.settings.base_url).netloc
    for path, line, text in _printed_texts(manuscript):
        for odd in _ODD_BEGIN.finditer(text) if "http" in text.lower() else ():
            if odd[1] != "://":
                number = line + text.count("\n", 0, odd.start())
                about = f'has an address that begins with "{odd[0]}".{explain_lookalikes(odd[0])} Write https:// with plain characters.'
                yield Problem(path, number, about, "link")
        for match in _BARE.finditer(text) if "//" in text else ():
            host = match[1].lower().rstrip(_ENDS_OF_SENTENCES)
            if host in known:
                continue
            typed = "".join(_SCHEME.findall(text[max(match.start() - 8, 0) : match.start()])) + match[0]
            severity: Severity = "error"
            plain = _HOST.match(host)
            name = plain[0].rstrip(".-") if plain else ""
            if name == own:
                severity = "warning"
                message = f'has the address "{typed}" of this site, which may change. Link to the page\'s file instead: [text](page.md).'
            elif name in known:
                message = f'has the address "https://{name}" with text directly after it. Put a space between them, or write [text](https://{name}).'
            else:
                message = f'has the address "{typed}", but {name or host} is not in "outbound_hosts" of site.yaml. List the host there, or delete the address.{did_you_mean(name, manuscript.content.settings.outbound_hosts)}'
            yield Problem(path, line + text.count("\n", 0, match.start()), message, "link", severity)


def _printed_texts(manuscript: Manuscript) -> Iterator[tuple[str, int, str]]:
    """Yields the file, first line and text of everything that pages print (bodies, front matter, labels), without links."""
    for document, location, text in printed_values(manuscript.content):
        yield document.path, document.line_of(location), text
    for source in manuscript.converted:
        # `links` checks the links. Spaces replace them here, so that the other characters keep their positions.
        yield source.path, source.body_line, _without_links(source.body)


def _without_links(body: str) -> str:
    return re.sub(
        # A tag whose quotes are not closed is text for Markdown, and visitors see it.
        r"""\]\(<?\S+|\]:\s*\S+|<(?:[^<>"']|"[^<>"]*"|'[^<>']*')*>""",
        lambda link: re.sub(r"[^\n]", " ", link[0]),
        body,
    )


def _starter_hosts(manuscript: Manuscript) -> set[str]:
    """Returns the hosts of conversation starters to which pages may not link."""
    return {
        urlsplit(address).netloc
        for programme in manuscript.content.programmes.values()
        for address in programme.conversation_starter.values()
    } - {*manuscript.content.settings.outbound_hosts}


def _link_problems(manuscript: Manuscript, source: TextSource, destination: str) -> Iterator[Problem]:
    language = source.path.split("/")[1]
    try:
        target = resolve(manuscript, source.path, destination, language)
    except DeadLink as error:
        yield from problems_at(source, lines_of_links(source, destination), str(error), "link")
        return
    if isinstance(target, Outside) or not target.fragment:
        return
    page = _target_page(manuscript, source, target)
    wanted = language if isinstance(target, SamePage) else target.language or language
    if page and page.path.replace(f"/{page.language}/", f"/{wanted}/", 1) in manuscript.content.unreadable:
        return
    anchors = frozenset[str]() if isinstance(source, NoticeSource) and isinstance(target, SamePage) else None
    if page:
        anchors = anchors_of(manuscript, page.language, page.slug)
    if anchors is None or target.fragment in anchors:
        return
    if destination.startswith(_BACK_TO_MARK):
        name = destination.removeprefix(_BACK_TO_MARK)
        mark = f"[^{name}]"
        if almost := find_almost_note(source, name):
            message = (
                f'"{almost[1]}" is not the mark of a footnote.{explain_lookalikes(almost[1])} Write "{mark}".'
            )
            yield Problem(source.path, almost[0], message, "footnote")
            return
        message = f"the footnote {mark} is not used. Put {mark} into the text where it belongs, or delete the footnote."
        yield from problems_at(source, lines_matching(source, re.escape(f"{mark}:")), message, "footnote")
    elif page and isinstance(target, PageLink) and _original_has(manuscript, page, target.fragment):
        yield _lacks_place(manuscript, page, target.fragment)
    else:
        message = f'"{destination}" leads to a place that is not on that page.{did_you_mean(target.fragment, anchors)}'
        if page and not nearest(target.fragment, anchors):
            message += f" If only the words of the heading in {page.path} were changed, write {{: #{target.fragment}}} after them."
        yield from problems_at(source, lines_of_links(source, destination), message, "link")


def _target_page(
    manuscript: Manuscript, source: TextSource, target: PageLink | SamePage
) -> PageSource | None:
    """Returns the page that a reader of the source's language gets at the target, or None if there is no such page.

    Also returns None if the target is an anchor in a notice.
    """
    if isinstance(target, PageLink):
        return manuscript.displayed(target.language or source.path.split("/")[1], target.slug)
    return source if isinstance(source, PageSource) else None


def _original_has(manuscript: Manuscript, page: PageSource, fragment: str) -> bool:
    default = manuscript.content.settings.default_language
    original = manuscript.pages.get((default, page.slug))
    return original not in (None, page) and fragment in (anchors_of(manuscript, default, page.slug) or ())


def _lacks_place(manuscript: Manuscript, page: PageSource, fragment: str) -> Problem:
    """Returns a warning about a translation that lacks an anchor of its original.

    Links to that anchor lead to the top of the translation.
    """
    original = manuscript.pages[manuscript.content.settings.default_language, page.slug]
    ids = [heading.id for heading in manuscript.markups[original.path].headings]
    lines = lines_of_headings(page) or [page.body_line]
    line = lines[min(ids.index(fragment), len(lines) - 1)] if fragment in ids else lines[0]
    message = (
        f'has no place "{fragment}", but {original.path} has one, so links to that place lead to the top of this page. Give this page the same '
        f"headings as the original, or write after the heading of that part: {{: #{fragment}}}"
    )
    return Problem(page.path, line, message, "headings-differ", "warning")


def addresses_without_https(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that an address such as `name.nl/page` is on a listed host. Visitors type such addresses, so the gate refuses others."""
    content = manuscript.content
    listed = {*content.settings.outbound_hosts, urlsplit(content.settings.base_url).netloc}
    # Another check reports addresses of conversation starters.
    for programme in content.programmes.values():
        listed |= {urlsplit(address).netloc for address in programme.conversation_starter.values()}
    for document in (*content.documents.values(), *(source.lines for source in content.texts)):
        texts = list(texts_in(document))
        if bare_hosts("\n".join(text for _, text in texts)) <= listed:
            continue
        for location, text in texts:
            for host in sorted(bare_hosts(text) - listed):
                yield Problem(document.path, document.line_of(location), _message(host), "link")
    for source in manuscript.converted:
        for host in sorted(bare_hosts(manuscript.markups[source.path].html) - listed):
            lines = enumerate(_MARKDOWN.sub("", source.body).split("\n"), start=source.body_line)
            found = [number for number, line in lines if host in bare_hosts(line)]
            yield from problems_at(source, found, _message(host), "link")


def _message(host: str) -> str:
    return (
        f'has an address on {host}, which is not in "outbound_hosts" of site.yaml. List the host there, and write the address as a link: [text](https://{host}/…). '
        "If it is a shortened address, write the full address that it redirects to. If it is not an address, put a space after the dot."
    )
