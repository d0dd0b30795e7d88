"""Checks the bytes before anything is written: one leak or wrong statement refuses every file (exit 3).

The gate does not trust the templates or the decision that they render. It works out from the log which links must be
hidden, and reads every file, whatever its ending. In each run it also scans files with planted addresses. If the scan
does not find them, it proves nothing, so the gate refuses the files.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from site_src.cache import Memo
from site_src.gate.canary import CANARY, CANARY_ADDRESS
from site_src.gate.expectation import CHOICE, Expectation
from site_src.gate.file_text import FileText, KnownTexts, Read, file_text, is_packed_form
from site_src.gate.memo import QuietFile, QuietFiles, Seen
from site_src.gate.notice_rules import (
    answer_findings,
    archive_findings,
    feed_findings,
    overview_findings,
    page_findings,
)
from site_src.gate.scanners import Scanners
from site_src.gate.surface_rules import resource_findings
from site_src.scan.addresses import AddressScanner
from site_src.scan.codes import CodeReader
from site_src.scan.folding import View

_HOSTS_KEY = '"outbound_hosts" of content/site.yaml'
_TWIN = ".gz"


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """Why a file may not be published. `programme` is "" if the reason concerns no programme."""

    path: str
    programme: str
    message: str

    def __str__(self) -> str:
        about = f"{self.programme}: " if self.programme else ""
        return f"{self.path}: {about}{self.message}"


class GateRefused(Exception):
    """Raised if any file may not be published. Nothing has been written."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(sorted(set(refusals)))
        super().__init__("\n".join(map(str, self.refusals)))


@dataclass(frozen=True, slots=True)
class Verified:
    """Files that passed the gate, by path. Only `Gate` creates it, and only verified files are published."""

    files: Mapping[str, bytes]


# The files of one tree, and the gate's demands on them.
Candidate = tuple[Mapping[str, bytes], Expectation]


class Gate:
    """Judges files. Caches the texts of unchanged bytes, and the texts of quiet files in the memo, but never a verdict.

    Without `remembers`, for a process that judges once, it forgets each text after judging it in all trees.
    """

    def __init__(self, memo: Memo, remembers: bool = True) -> None:
        self._memo, self._texts, self._remembers = memo, KnownTexts(CodeReader(memo)), remembers
        self._seen: Seen = {}

    def verify(self, files: Mapping[str, bytes], expected: Expectation) -> Verified:
        """Returns the files if all of them may be published. Raises GateRefused with every reason if not."""
        return self.verify_trees((files, expected))[0]

    def verify_trees(self, *trees: Candidate) -> tuple[Verified, ...]:
        """Returns the files of each tree. Raises GateRefused with every reason of the first tree that may not be published."""
        for refusals in self.find_refusals(*trees):
            if refusals:
                raise GateRefused(refusals)
        return tuple(Verified(files) for files, _ in trees)

    def find_refusals(self, *trees: Candidate) -> list[list[Refusal]]:
        """Returns, for each tree, every reason why a file may not be published. Reads a file of several trees once."""
        seen: Seen = {}
        packed: set[tuple[bytes, bytes]] = set()
        judges = [
            _Judge(files, expected, self._texts, self._memo, ChainMap(seen, self._seen), packed)
            for files, expected in trees
        ]
        for path in dict.fromkeys(path for files, _ in trees for path in files):
            for judge in judges:
                judge.judge(path)
            if not self._remembers:
                self._texts.forget(path)
        self._seen = seen
        return [judge.refusals() for judge in judges]


def find_refusals(files: Mapping[str, bytes], expected: Expectation, read: Read = file_text) -> list[Refusal]:
    """Returns every reason why a file may not be published. `read` may cache the texts of files, but no verdict."""
    judge = _Judge(files, expected, read, Memo(), {}, set())
    for path in files:
        judge.judge(path)
    return judge.refusals()


class _Judge:
    """Judges the files of one tree one by one."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        expected: Expectation,
        read: Read,
        memo: Memo,
        seen: Seen,
        packed: set[tuple[bytes, bytes]],
    ) -> None:
        self._files, self._expected, self._read = files, expected, read
        self._scanners = Scanners(expected)
        self._quiet = QuietFiles(memo, expected, {CANARY: (CANARY_ADDRESS,)}, seen)
        self._shown = frozenset(
            address for addresses in expected.open.values() for address in addresses.values()
        )
        self._packed = packed
        self._own = frozenset({expected.own_host})
        self._linkable = expected.linkable_hosts | self._own
        # The files that must show a state. The gate compares it with the state that is demanded.
        self._stating = expected.stating | {CHOICE}
        self._refusals = list(_leaks_in_names(self._scanners.strict, expected, files))

    def judge(self, path: str) -> None:
        """Records why the file at that path may not be published. Does nothing if the tree has no such file."""
        data = self._files.get(path)
        if data is None:
            return
        original = self._files.get(path.removesuffix(_TWIN)) if path.endswith(_TWIN) else None
        if original is not None:
            if (data, original) in self._packed or is_packed_form(data, original):
                self._packed.add((data, original))
                return  # it has the same content as the original, which is also judged
            message = f"is not the packed form of {path.removesuffix(_TWIN)}."
            self._refusals.append(Refusal(path, "", message))
        expected, page = self._expected, self._expected.pages.get(path)
        quiet = self._quiet.find(path, data)
        if quiet and path.endswith(".html") and path not in self._stating and self._is_plain(quiet):
            return
        scanner = self._scanners.strict if quiet else self._scanners.for_file(path)
        text = quiet or self._read_file(path, data, scanner)
        leaks = list(_leaks(scanner, expected, path, text.views)) if text.views else []
        # If no address is allowed and none was found, no tag contains one.
        allowed = self._shown if leaks or (page and page.address) else frozenset()
        about_page = quiet.claims if quiet and not page else page_findings(text.tags, page, allowed)
        about_file = (
            *text.faults,
            *_hosts(scanner, expected, path, text),
            *_contradictions(path, data, text, expected),
        )
        self._refusals += leaks
        self._refusals += [Refusal(path, page.programme if page else "", message) for message in about_page]
        self._refusals += [Refusal(path, "", message) for message in about_file]

    def _is_plain(self, file: QuietFile) -> bool:
        """Returns True if nothing is demanded of the file, it makes no claim, and it names only hosts that it may name."""
        return not file.claims and file.loaded <= self._own and file.hosts <= self._linkable

    def _read_file(self, path: str, data: bytes, scanner: AddressScanner) -> FileText:
        text = self._read(path, data, scanner.without_open, self._expected.loadable(path))
        self._quiet.keep(path, data, text)
        return text

    def refusals(self) -> list[Refusal]:
        """Returns all reasons to refuse the tree, including missing files and planted addresses that the scan did not find.

        Call it after all files are judged.
        """
        missing = self._expected.needed - self._files.keys()
        refusals = [Refusal(path, "", "is missing among the files.") for path in missing]
        blind = self._scanners.blindness(self._read, self._quiet)
        message = (
            "was inserted to test the scan, but the scan did not find it. Nothing is published; report this."
        )
        return [*self._refusals, *refusals, *(Refusal(path, "", message) for path in blind)]


def _leaks(
    scanner: AddressScanner, expected: Expectation, path: str, views: Iterable[View]
) -> Iterator[Refusal]:
    for finding in scanner.find_in(views):
        if finding.address in expected.retired.get(finding.programme, ()):
            reason = "as other content had it, which no page may show any more"
        elif finding.programme in expected.open:
            reason = "which may be only on that programme's own pages"
        else:
            reason = "which must be hidden now"
        message = f'shows the conversation starter, {reason}: "…{finding.around}…"'
        yield Refusal(path, finding.programme, message)


def _leaks_in_names(
    scanner: AddressScanner, expected: Expectation, paths: Iterable[str]
) -> Iterator[Refusal]:
    # One scan for all names together is nearly always enough.
    if any(scanner.find("\n".join(paths).encode())):
        for path in paths:
            text = file_text("", path.encode(), scanner.without_open, None)
            yield from _leaks(scanner, expected, path, text.views)


def _contradictions(
    path: str, data: bytes, text: FileText | QuietFile, expected: Expectation
) -> Iterator[str]:
    """Yields a message for each way in which a file other than a programme's own pages contradicts the log."""
    yield from resource_findings(data, expected.resources.get(path, ()))
    if path in expected.overviews:
        yield from overview_findings(text.tags, expected.overviews[path])
    if path in expected.archives:
        yield from archive_findings(text.tags, expected.archives[path])
    if path in expected.feeds:
        yield from feed_findings(text.tags, expected.feeds[path])
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
