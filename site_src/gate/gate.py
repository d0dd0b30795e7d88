"""Checks the bytes before anything is written: one leak or wrong statement refuses every file (exit 3).

The gate does not trust the templates or the decision that they render. It works out from the log which links must be
hidden, and reads every file, whatever its ending. In each run it also scans files with planted addresses. If the scan
does not find them, it proves nothing, so the gate refuses the files.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from site_src.cache import Memo
from site_src.gate.expectation import Expectation
from site_src.gate.file_text import KnownTexts, Read, file_text
from site_src.gate.judge import Judge, Refusal, Shared
from site_src.gate.memo import Seen
from site_src.scan.qr_codes import CodeReader


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
        shared = Shared()
        judges = [
            Judge(files, expected, self._texts, self._memo, ChainMap(seen, self._seen), shared)
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
    judge = Judge(files, expected, read, Memo(), {}, Shared())
    for path in files:
        judge.judge(path)
    return judge.refusals()
