"""Anchors of the journal (`journal anchor`): the digest of its newest line, signed if there are keys, kept where a person who
can rewrite the journal cannot change it.

Each line of the journal has the digest of the line before, so one digest proves every line up to its own. An anchor of a
publisher with keys is signed with its online key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from site_src.instants import utc_text
from site_src.publish import journal

# The signed bytes begin with this prefix, so no signature of anything else is valid for an anchor.
_PURPOSE = b"Quotabord journal anchor\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, in hexadecimal digits, and the identifier of its key."""

    key: str
    value: str


class Signer(Protocol):
    """The key of a publisher."""

    def sign(self, data: bytes) -> Signature:
        """Returns the signature of these bytes."""


class Verifier(Protocol):
    """The public keys of a publisher."""

    def verify(self, data: bytes, signature: Signature) -> bool:
        """Returns True if one of the keys made the signature of these bytes."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The digest `sha256` of line `line` of the journal, computed at `time`."""

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


def take_anchor(target: Path, key: Signer | None) -> Anchor | None:
    """Returns the anchor of the newest complete line, signed if there is a key.

    Returns None if there is no complete line. Raises OSError.
    """
    digests = _digests(target)
    if not digests:
        return None
    anchor = Anchor(len(digests), digests[-1], utc_text(datetime.now(UTC), "seconds"))
    return replace(anchor, signature=key.sign(anchor.signed_bytes())) if key else anchor


def check_anchors(target: Path, file: Path, keys: Verifier | None) -> Iterator[str]:
    """Returns a message for each anchor in the file that contradicts the journal, and for each line that is not an anchor.
    Raises OSError.

    With keys, also returns a message for each anchor without a signature by one of them.
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
        if finding := _check_signature(anchor, keys):
            yield f"{file}:{number}: {finding}"
        elif not 1 <= place <= len(digests):
            yield f"{file}:{number}: {journal.JOURNAL} has {len(digests)} lines, and at {time} it had {place}: lines were removed"
        elif digests[place - 1] != anchor.sha256:
            yield f"{file}:{number}: {journal.JOURNAL}:{place} is not the line of {time}: it, or a line before it, was rewritten"


def _read(fields: Mapping[str, Any]) -> Anchor:
    """Reads the anchor in a line of JSON. Raises ValueError, KeyError and TypeError."""
    is_signed = "key" in fields or "signature" in fields
    signature = Signature(str(fields["key"]), str(fields["signature"])) if is_signed else None
    return Anchor(int(fields["line"]), str(fields["sha256"]), str(fields["time"]), signature)


def _check_signature(anchor: Anchor, keys: Verifier | None) -> str | None:
    """Returns what is wrong with the signature. Without keys, accepts an anchor that has no signature."""
    if anchor.signature is None:
        return "the anchor has no signature, but keys/ names the keys that sign" if keys else None
    if keys is None:
        return "the anchor is signed, but there is no keys/ to check the signature with. Bring the checkout up to date"
    if not keys.verify(anchor.signed_bytes(), anchor.signature):
        return "the anchor was changed, or was not signed by a key that keys/ names"
    return None


def _digests(target: Path) -> list[str]:
    """Returns the digest of each complete line of the journal, in order. `journal.lines` proves that the lines form a chain."""
    file = target / journal.JOURNAL
    text = file.read_bytes() if file.is_file() else b""
    return [hashlib.sha256(line).hexdigest() for line in text.split(b"\n")[:-1]]
