"""Checks the bytes before anything is written. One leak or wrong statement makes the gate refuse all files (exit 3).

The gate does not trust the templates, or the decision that the templates render. It works out from the log which links must
be hidden, and reads every file, whatever its extension. In each run, it also scans files with planted addresses. If the scan
misses a planted address, it proves nothing, so the gate refuses all files.
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
    """Raised if any file may not be published, before anything is written."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(sorted(set(refusals)))
        super().__init__("\n".join(map(str, self.refusals)))


@dataclass(frozen=True, slots=True)
class Verified:
    """Files that passed the gate, by path. Only `Gate` creates this value, and only files in it are published."""

    files: Mapping[str, bytes]


# A publish judges the rehearsed closings, then both trees of the release.
_JUDGEMENTS = 3
# The files of one tree, and the gate's demands on them.
Candidate = tuple[Mapping[str, bytes], Expectation]


class Gate:
    """Judges files. Caches the texts of files in this process, and stores data about quiet files in the memo, but never a verdict.

    If `remembers` is False, drops each text after the file is judged in all trees. This saves memory in a process that
    judges once.
    """

    def __init__(self, memo: Memo, remembers: bool = True) -> None:
        self._memo, self._texts, self._remembers = memo, KnownTexts(CodeReader(memo)), remembers
        self._seen: list[Seen] = []

    def verify(self, files: Mapping[str, bytes], expected: Expectation) -> Verified:
        """Returns the files if all of them may be published. Otherwise raises GateRefused with every reason."""
        return self.verify_trees((files, expected))[0]

    def verify_trees(self, *trees: Candidate) -> tuple[Verified, ...]:
        """Returns the files of each tree. If a tree may not be published, raises GateRefused with every reason for that tree."""
        for refusals in self.find_refusals(*trees):
            if refusals:
                raise GateRefused(refusals)
        return tuple(Verified(files) for files, _ in trees)

    def find_refusals(self, *trees: Candidate) -> list[list[Refusal]]:
        """Returns, for each tree, every reason why a file may not be published. Reads a file that is in several trees once."""
        seen: Seen = {}
        shared = Shared()
        judges = [
            Judge(files, expected, self._texts, self._memo, ChainMap(seen, *self._seen), shared)
            for files, expected in trees
        ]
        for path in dict.fromkeys(path for files, _ in trees for path in files):
            for judge in judges:
                judge.judge(path)
            if not self._remembers:
                self._texts.forget(path)
        self._seen = [seen, *self._seen][: _JUDGEMENTS if self._remembers else 1]
        return [judge.refusals() for judge in judges]


def find_refusals(files: Mapping[str, bytes], expected: Expectation, read: Read = file_text) -> list[Refusal]:
    """Returns every reason why a file may not be published. `read` may cache the texts of files, but never a verdict."""
    judge = Judge(files, expected, read, Memo(), {}, Shared())
    for path in files:
        judge.judge(path)
    return judge.refusals()
