"""Takes and checks anchors of the journal (`journal anchor`): an anchor is the digest of the newest line.

Each line of the journal contains the digest of the previous line, so one digest proves every line up to its own. Anchors must
be stored where a person who can rewrite the journal cannot change them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from site_src.instants import utc_text
from site_src.publish import journal

# The signed bytes begin with this prefix, so that a signature of anything else is never valid for an anchor.
_PURPOSE = b"Quotabord journal anchor\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature: the identifier of its key, and its value in hexadecimal digits."""

    key: str
    value: str


Sign = Callable[[bytes], Signature]
Verify = Callable[[bytes, Signature], bool]


@dataclass(frozen=True, slots=True)
class Anchor:
    """The digest `sha256` of the journal's line number `line`, as it was at `time`."""

    line: int
    sha256: str
    time: str
    signature: Signature | None = None

    def as_json(self) -> str:
        """Returns the anchor as one line of JSON."""
        signature = {"key": self.signature.key, "signature": self.signature.value} if self.signature else {}
        return json.dumps({**self._fields(), **signature})

    def signed_bytes(self) -> bytes:
        """Returns the bytes that the signature covers."""
        return _PURPOSE + json.dumps(self._fields()).encode()

    def _fields(self) -> dict[str, int | str]:
        return {"line": self.line, "sha256": self.sha256, "time": self.time}


def take_anchor(target: Path, sign: Sign | None) -> Anchor | None:
    """Returns the anchor of the newest complete line, signed with `sign`; None if there is no such line. Raises OSError."""
    digests = _digests(target)
    if not digests:
        return None
    anchor = Anchor(len(digests), digests[-1], utc_text(datetime.now(UTC), "seconds"))
    return replace(anchor, signature=sign(anchor.signed_bytes())) if sign else anchor


def check_anchors(target: Path, file: Path, verify: Verify | None) -> Iterator[str]:
    """Yields a message for each anchor in the file that contradicts the journal, and for each line that is not an anchor.

    With `verify`, also yields a message for each anchor without a valid signature. Raises OSError.
    """
    digests, text = _digests(target), file.read_text(encoding="utf-8", errors="replace")
    anchors = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not anchors:
        yield f"{file}: has no anchor"
    for number, line in anchors:
        try:
            anchor = _read(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError):
            yield f"{file}:{number}: is not an anchor. Write one: python build.py journal anchor {file}"
            continue
        place, time = anchor.line, anchor.time
        if finding := _check_signature(anchor, verify):
            yield f"{file}:{number}: {finding}"
        elif not 1 <= place <= len(digests):
            yield f"{file}:{number}: {journal.JOURNAL} has {len(digests)} lines, but had {place} at {time}: lines were removed"
        elif digests[place - 1] != anchor.sha256:
            yield f"{file}:{number}: {journal.JOURNAL}:{place} is not the line of {time}: this line or an earlier one was rewritten"


def _read(fields: Mapping[str, Any]) -> Anchor:
    is_signed = "key" in fields or "signature" in fields
    signature = Signature(str(fields["key"]), str(fields["signature"])) if is_signed else None
    return Anchor(int(fields["line"]), str(fields["sha256"]), str(fields["time"]), signature)


def _check_signature(anchor: Anchor, verify: Verify | None) -> str | None:
    """Returns a message if the signature is wrong or missing. Without `verify`, an anchor needs no signature."""
    if anchor.signature is None:
        return "the anchor has no signature, but keys/ names the keys that sign" if verify else None
    if verify is None:
        return "the anchor is signed, but the folder keys/ is missing, so the signature cannot be checked. Bring the checkout up to date"
    if not verify(anchor.signed_bytes(), anchor.signature):
        return "the anchor was changed, or was not signed with a key that keys/ names"
    return None


def _digests(target: Path) -> list[str]:
    """Returns the digest of each complete line of the journal, in order. Does not check that the lines form a chain."""
    file = target / journal.JOURNAL
    text = file.read_bytes() if file.is_file() else b""
    return [hashlib.sha256(line).hexdigest() for line in text.split(b"\n")[:-1]]
