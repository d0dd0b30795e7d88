"""Judges the files of one tree: finds leaks, hosts that are not allowed, and statements that contradict the log."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from site_src.cache import Memo
from site_src.gate.expectation import CHOICE, SITEMAP, Expectation
from site_src.gate.file_text import FileText, Read, file_text, is_packed_form
from site_src.gate.memo import QuietFile, QuietFiles, Seen
from site_src.gate.notice_rules import (
    answer_findings,
    archive_findings,
    feed_findings,
    overview_findings,
    page_findings,
)
from site_src.gate.scanners import CANARY, CANARY_ADDRESS, Scanners, SharedScanners
from site_src.gate.surface_rules import resource_findings, sitemap_findings
from site_src.scan.addresses import AddressScanner
from site_src.scan.folding import View

_HOSTS_KEY = '"outbound_hosts" of content/site.yaml'
_TWIN = ".gz"


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """The reason why a file may not be published. `programme` is "" if the reason is not about a programme."""

    path: str
    programme: str
    message: str

    def __str__(self) -> str:
        about = f"{self.programme}: " if self.programme else ""
        return f"{self.path}: {about}{self.message}"


@dataclass(frozen=True, slots=True)
class Shared:
    """Data that several trees share if they are judged together: scanners, pairs of a compressed file and its original, clean files.

    `clean` maps the path and the bytes of a clean file to everything else that decides the verdict: the scanner, the
    demands on the file, and the demands on all files of the tree. `common` contains the demands on all files.
    """

    scanners: SharedScanners = field(default_factory=SharedScanners)
    packed: set[tuple[bytes, bytes]] = field(default_factory=set)
    clean: dict[tuple[str, bytes], list[object]] = field(default_factory=dict)
    common: list[object] = field(default_factory=list)

    def find_equal(self, common: object) -> object:
        """Returns the first stored value that equals `common`, and stores `common` if there is none. Equal values then are
        one object, so comparing them takes no time.
        """
        if common not in self.common:
            self.common.append(common)
        return self.common[self.common.index(common)]


class Judge:
    """Judges the files of one tree one by one."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        expected: Expectation,
        read: Read,
        memo: Memo,
        seen: Seen,
        shared: Shared,
    ) -> None:
        self._files, self._expected, self._read, self._shared = files, expected, read, shared
        self._scanners = Scanners(expected, shared.scanners)
        self._quiet = QuietFiles(memo, expected, {CANARY: (CANARY_ADDRESS,)}, seen)
        self._shown = frozenset(
            address for addresses in expected.open.values() for address in addresses.values()
        )
        self._own = frozenset({expected.own_host})
        self._linkable = expected.linkable_hosts | self._own
        # The files that must show a state. The gate compares the state that they show with the demanded one.
        self._stating = expected.stating | {CHOICE}
        self._common = shared.find_equal((self._quiet.key, expected.common_demands()))
        self._refusals = list(_leaks_in_names(self._scanners.strict, expected, files))

    def judge(self, path: str) -> None:
        """Records each reason why the file at the path may not be published. Does nothing if the tree has no such file."""
        data = self._files.get(path)
        if data is None:
            return
        original = self._files.get(path.removesuffix(_TWIN)) if path.endswith(_TWIN) else None
        if original is not None:
            if (data, original) in self._shared.packed or is_packed_form(data, original):
                self._shared.packed.add((data, original))
                return  # the content is the same as in the original, which is also judged
            message = f"is not the compressed form of {path.removesuffix(_TWIN)}."
            self._refusals.append(Refusal(path, "", message))
        quiet = self._quiet.find(path, data)
        if quiet and path.endswith(".html") and path not in self._stating and self._is_plain(quiet):
            return
        scanner = self._scanners.strict if quiet else self._scanners.for_file(path)
        demands = scanner, self._common, self._expected.demands_on(path)
        clean = self._shared.clean.setdefault((path, data), [])
        if demands in clean:
            return
        refusals = list(self._refuse(path, data, quiet, scanner))
        self._refusals += refusals
        if not refusals:
            clean.append(demands)

    def _refuse(
        self, path: str, data: bytes, quiet: QuietFile | None, scanner: AddressScanner
    ) -> Iterator[Refusal]:
        """Yields why the file may not be published."""
        expected, page = self._expected, self._expected.pages.get(path)
        text = quiet or self._read_file(path, data, scanner)
        leaks = list(_leaks(scanner, expected, path, text.views)) if text.views else []
        yield from leaks
        # If no other address was found, no tag contains one.
        shown = expected.open.get(page.programme, {}) if page and page.address else {}
        allowed = self._shown if leaks else frozenset(shown.values())
        about_page = quiet.claims if quiet and not page else page_findings(text.tags, page, allowed)
        yield from (Refusal(path, page.programme if page else "", message) for message in about_page)
        for message in (
            *text.faults,
            *_hosts(scanner, expected, path, text),
            *_contradictions(path, data, text, expected),
        ):
            yield Refusal(path, "", message)

    def _is_plain(self, file: QuietFile) -> bool:
        """Returns True if the file makes no claim, and names and loads only allowed hosts."""
        return not file.claims and file.loaded <= self._own and file.hosts <= self._linkable

    def _read_file(self, path: str, data: bytes, scanner: AddressScanner) -> FileText:
        text = self._read(path, data, scanner.without_open, self._expected.loadable(path))
        self._quiet.keep(path, data, text)
        return text

    def refusals(self) -> list[Refusal]:
        """Returns all reasons to refuse the tree, including missing files and planted addresses that the scan did not find.

        Call this method after all files are judged.
        """
        missing = self._expected.needed - self._files.keys()
        refusals = [Refusal(path, "", "is missing from the files.") for path in missing]
        blind = self._scanners.blindness(self._read, self._quiet)
        message = (
            "was inserted to test the scan, but the scan did not find it. Nothing is published. Report this."
        )
        return [*self._refusals, *refusals, *(Refusal(path, "", message) for path in blind)]


def _leaks(
    scanner: AddressScanner, expected: Expectation, path: str, views: Iterable[View]
) -> Iterator[Refusal]:
    for finding in scanner.find_in(views):
        if finding.address in expected.retired.get(finding.programme, ()):
            reason = "at an address from the content of another release, which no page may show any more"
        elif finding.programme in expected.open:
            reason = "which may be only on that programme's own pages"
        else:
            reason = "which must be hidden now"
        message = f'shows the conversation starter, {reason}: "…{finding.around}…"'
        yield Refusal(path, finding.programme, message)


def _leaks_in_names(
    scanner: AddressScanner, expected: Expectation, paths: Iterable[str]
) -> Iterator[Refusal]:
    # One scan of all names together is nearly always enough.
    if any(scanner.find("\n".join(paths).encode())):
        for path in paths:
            text = file_text("", path.encode(), scanner.without_open, None)
            yield from _leaks(scanner, expected, path, text.views)


def _contradictions(
    path: str, data: bytes, text: FileText | QuietFile, expected: Expectation
) -> Iterator[str]:
    """Yields a message for each way in which the file contradicts the log. `page_findings` judges the pages of a programme."""
    yield from resource_findings(data, expected.resources.get(path, ()))
    if path in expected.overviews:
        yield from overview_findings(text.tags, expected.overviews[path])
    if path in expected.archives:
        yield from archive_findings(text.tags, expected.archives[path])
    if path in expected.feeds:
        yield from feed_findings(text.tags, expected.feeds[path])
    if path == SITEMAP:
        yield from sitemap_findings(data, expected.listed)
    if path == CHOICE:
        yield from answer_findings(text.tags, expected.answers)


def _hosts(
    scanner: AddressScanner, expected: Expectation, path: str, text: FileText | QuietFile
) -> Iterator[str]:
    # Browsers may fetch every address in a style sheet or a header.
    loaded = text.hosts if path == "_headers" or path.lower().endswith(".css") else text.loaded
    for host in loaded - {expected.own_host}:
        yield f"loads from {host}, but published files must not load anything from other hosts."
    for host in text.hosts - expected.linkable_hosts - scanner.marks - {expected.own_host}:
        yield f"leads to {host}, which is not in {_HOSTS_KEY}."
