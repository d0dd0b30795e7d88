"""The last look at the bytes, before anything is written: a leak found here stops everything (exit 3).

The gate trusts neither templates nor the decision that steered them. It works out from the log itself whose link must
be hidden, reads every file whatever its ending, and hides addresses of its own among the files in each run:
a scan that does not find these proves nothing and is refused as well.
"""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from site_src.gate.file_text import FileText, Hide, file_text
from site_src.gate.page_rules import PageExpectation, page_findings
from site_src.gate.surface_rules import ResourceExpectation, resource_findings
from site_src.quota.log import Log, state_at
from site_src.read.schema import Programme, Settings
from site_src.scan.addresses import AddressScanner
from site_src.site.model import Site
from site_src.states import State

# (published path, bytes, what hides an open address, the logo's address) → what the file could say
Read = Callable[[str, bytes, Hide, re.Pattern[str] | None], FileText]

# Written out again on purpose: the gate must not err together with the decision it guards.
_LINK_ALLOWED = (State.OPEN, State.PLACES_AVAILABLE)
_HOSTS_KEY = '"outbound_hosts" of content/site.yaml'
# Percent codes in pieces say nothing to a browser.
_CHARACTER = re.compile(r"(?:%[0-9A-Fa-f]{2})+|.")
_CANARY = "canary"
_CANARY_ADDRESS = "https://canary.invalid/planted/by-the-gate"


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """Why a file may not be published; `programme` is "" where none is concerned."""

    path: str
    programme: str
    message: str

    def __str__(self) -> str:
        about = f"{self.programme}: " if self.programme else ""
        return f"{self.path}: {about}{self.message}"


class GateRefused(Exception):
    """Raised when any file may not be published; nothing has been written."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(sorted(set(refusals)))
        super().__init__("\n".join(map(str, self.refusals)))


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true of the files at the instant; addresses are those of the programmes' files.

    `pages` and `resources` name the only files in which an open programme's address may stand.
    """

    closed: Mapping[str, tuple[str, ...]]
    open: Mapping[str, Mapping[str, str]]
    linkable_hosts: frozenset[str]
    own_host: str
    pages: Mapping[str, PageExpectation]
    resources: Mapping[str, tuple[ResourceExpectation, ...]]
    logo: re.Pattern[str] | None = None


def expectation(
    settings: Settings,
    programmes: Mapping[str, Programme],
    logs: Mapping[str, Log],
    instant: datetime,
    site: Site,
) -> Expectation:
    """What the gate demands of `site`'s files, worked out from the inputs and not from the site's own decisions."""
    states = {id: state_at(logs[id], instant) for id in programmes}
    starters = {id: programme.conversation_starter for id, programme in programmes.items()}
    open = {
        id: {
            code: starters[id].get(code, starters[id][settings.default_language])
            for code in settings.languages
        }
        for id in programmes
        if states[id] in _LINK_ALLOWED
    }
    pages = {
        f"{page.route.strip('/')}/index.html": PageExpectation(
            page.programme, states[page.programme], open.get(page.programme, {}).get(page.language)
        )
        for page in site.pages
        if page.programme
    }
    # A partner's page shows the notice alone, whatever the state.
    embeds = {
        f"embed/{code}/{id}.html": PageExpectation(id, states[id], None)
        for id in programmes
        for code in settings.languages
    }
    resources = {id: ResourceExpectation(id, states[id], open.get(id)) for id in programmes}
    return Expectation(
        closed={id: tuple(starters[id].values()) for id in programmes if id not in open},
        open=open,
        linkable_hosts=frozenset(settings.outbound_hosts),
        own_host=urlsplit(site.base_url).netloc,
        pages={**pages, **embeds},
        resources={
            "api/v1/programmes.json": tuple(resources.values()),
            **{f"api/v1/programmes/{id}.json": (resource,) for id, resource in resources.items()},
        },
        logo=_logo_address(site.base_url) if settings.logo else None,
    )


def _logo_address(base_url: str) -> re.Pattern[str]:
    return re.compile(re.escape(urlsplit(base_url).path) + r"/assets/logo\.[0-9a-f]{12}\.svg")


def verify(files: Mapping[str, bytes], expected: Expectation, read: Read = file_text) -> None:
    """Returns if every file may be published; raises GateRefused with every reason otherwise.

    `read` may remember the texts of files, and no more than that: each one is judged in each run.
    """
    scanners = _Scanners(expected)
    refusals = list(_leaks_in_names(scanners.strict, expected, files))
    shown = frozenset(address for addresses in expected.open.values() for address in addresses.values())
    for path, data in files.items():
        scanner = scanners.for_file(path)
        text = read(path, data, scanner.without_open, expected.logo)
        page = expected.pages.get(path)
        refusals += _leaks(scanner, expected, path, text.views)
        refusals += [
            Refusal(path, "", message) for message in (*text.faults, *_hosts(scanner, expected, text))
        ]
        programme = page.programme if page else ""
        refusals += [Refusal(path, programme, message) for message in page_findings(text.tags, page, shown)]
        for message in resource_findings(data, expected.resources.get(path, ())):
            refusals.append(Refusal(path, "", message))
    for path in (expected.pages.keys() | expected.resources.keys()) - files.keys():
        refusals.append(Refusal(path, "", "is missing among the files."))
    refusals += scanners.blindness(read)
    if refusals:
        raise GateRefused(refusals)


class _Scanners:
    """A scanner for each set of programmes whose address a file may carry."""

    def __init__(self, expected: Expectation) -> None:
        self._expected = expected
        self._made: dict[frozenset[str], AddressScanner] = {}
        self.strict = self._for(frozenset())

    def for_file(self, path: str) -> AddressScanner:
        """The scanner to which every address is forbidden but those that the state and the place allow."""
        page = self._expected.pages.get(path)
        if page:
            return self._for(frozenset([page.programme] if page.address else []))
        resources = self._expected.resources.get(path, ())
        return self._for(frozenset(resource.programme for resource in resources if resource.addresses))

    def blindness(self, read: Read) -> Iterator[Refusal]:
        """A refusal for each planted file in which a scanner does not find the address."""
        for scanner in self._made.values():
            # The strict scanner is tried with every address; the others are the same but for what they allow.
            addresses = self._forbidden(frozenset()) if scanner is self.strict else {}
            planted = [_CANARY_ADDRESS, *(address for group in addresses.values() for address in group)]
            for path, data in _planted(dict.fromkeys(planted)):
                if not any(scanner.find_in(read(path, data, scanner.without_open, None).views)):
                    message = "was planted to test the scan, and the scan did not find it. Nothing is published; report this."
                    yield Refusal(path, "", message)

    def _for(self, allowed: frozenset[str]) -> AddressScanner:
        if allowed not in self._made:
            forbidden = {**self._forbidden(allowed), _CANARY: (_CANARY_ADDRESS,)}
            shown = [address for id in allowed for address in self._expected.open[id].values()]
            self._made[allowed] = AddressScanner(forbidden, shown, self._expected.linkable_hosts)
        return self._made[allowed]

    def _forbidden(self, allowed: frozenset[str]) -> dict[str, tuple[str, ...]]:
        elsewhere = {
            id: tuple(open.values()) for id, open in self._expected.open.items() if id not in allowed
        }
        return {**self._expected.closed, **elsewhere}


def _leaks(
    scanner: AddressScanner, expected: Expectation, path: str, views: Iterable[str]
) -> Iterator[Refusal]:
    for finding in scanner.find_in(views):
        closed = finding.programme not in expected.open
        reason = "which must be hidden now" if closed else "which stands only on that programme's own pages"
        message = f'shows the conversation starter, {reason}: "…{finding.around}…"'
        yield Refusal(path, finding.programme, message)


def _leaks_in_names(
    scanner: AddressScanner, expected: Expectation, paths: Iterable[str]
) -> Iterator[Refusal]:
    # One look at all of them is most often enough.
    if any(scanner.find("\n".join(paths).encode())):
        for path in paths:
            text = file_text("", path.encode(), scanner.without_open, None)
            yield from _leaks(scanner, expected, path, text.views)


def _hosts(scanner: AddressScanner, expected: Expectation, text: FileText) -> Iterator[str]:
    for host in text.hosts - expected.linkable_hosts - scanner.marks - {expected.own_host}:
        yield f"leads to {host}, which is not in {_HOSTS_KEY}."


def _planted(addresses: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Files, of endings that no one expects, that each carry an address in one disguise."""
    for number, address in enumerate(addresses):
        plain = address.encode()
        percent = "".join(f"%{byte:02x}" for byte in plain)
        disguises = {
            "plain": b'<p title="' + plain + b'">',
            "percent": percent.encode(),
            "entities": "".join(f"&#{byte};" for byte in plain).encode(),
            "json": '"{}"'.format(address.replace("/", "\\/")).encode(),
            "base64": b"data:text/html;base64," + base64.b64encode(b"<!-- " + plain),
            "utf-16": percent.encode("utf-16"),
            "gzip": gzip.compress(plain, mtime=0),
            "split": "<b></b>".join(_CHARACTER.findall(address)).replace("a", "\uff41").encode(),
        }
        for name, data in disguises.items():
            yield f"{_CANARY}/{number}.{name}", data
