"""Checks the addresses of conversation starters: each programme has its own, and no page may link to its host."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from urllib.parse import urlsplit

from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.settings import PROGRAMMES, SETTINGS_FILE
from site_src.scan.addresses import carries, overlap

STARTER = "conversation_starter"


def distinct_addresses(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no programme's address is or contains another's, or is a front page that pages may link to."""
    content = manuscript.content
    for (first, one), (second, other) in permutations(sorted(content.programmes.items()), 2):
        for code, address in other.conversation_starter.items():
            known = one.conversation_starter.values()
            if first < second and any(overlap(address, theirs) for theirs in known):
                message = f"is also the address of {first}. Each programme needs its own address, so that one can be hidden while the other is shown."
                yield _about(manuscript, second, code, message)
            elif any(carries(address, theirs) for theirs in known):
                message = (
                    f"contains the address of {first}, which would be published with it. Leave that part out."
                )
                yield _about(manuscript, second, code, message)
    for id, programme in content.programmes.items():
        for code, address in programme.conversation_starter.items():
            if is_front_page(address, content.settings.outbound_hosts):
                message = f'is the front page of {urlsplit(address).netloc}, to which pages may link ("outbound_hosts"). Write the full address of the request form.'
                yield _about(manuscript, id, code, message)


def linkable_starters(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a host with a conversation starter is not in `outbound_hosts`, unless `shared_hosts` lists the host too."""
    settings = manuscript.content.settings
    starters = {
        _without_www(urlsplit(address).netloc): id
        for id, programme in sorted(manuscript.content.programmes.items(), reverse=True)
        for address in programme.conversation_starter.values()
        # Another check reports addresses that cannot be addresses of a request.
        if not is_front_page(address, settings.outbound_hosts)
    }
    shared = {_without_www(host) for host in settings.shared_hosts}
    for number, host in enumerate(settings.outbound_hosts):
        programme = starters.get(_without_www(host))
        if programme and _without_www(host) not in shared:
            message = (
                f"outbound_hosts: {host} is the host of {programme}'s conversation starter, so a page could link to the request form. "
                f'Delete the host here. If pages must link to other pages of {host}, add "shared_hosts: [{host}]" instead.'
            )
            settings_file = manuscript.content.documents[SETTINGS_FILE]
            yield settings_file.problem(("outbound_hosts", number), "address", message)


def is_front_page(address: str, hosts: tuple[str, ...]) -> bool:
    """Returns True if the address is the front page of one of the hosts."""
    parts = urlsplit(address)
    return parts.netloc in hosts and parts.path in ("", "/")


def _without_www(host: str) -> str:
    return host.removeprefix("www.")


def _about(manuscript: Manuscript, programme: str, code: str, message: str) -> Problem:
    document = manuscript.content.documents[f"{PROGRAMMES}/{programme}.yaml"]
    return document.problem((STARTER, code), "address", f"{STARTER}.{code}: {message}")
