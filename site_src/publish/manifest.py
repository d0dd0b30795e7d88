"""What a release is made of: its files, the moment and the states it was built for. A frozen value, and a file of JSON."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from site_src.instants import utc_text
from site_src.states import State

MANIFEST_FILE = "manifest.json"
ASSETS = "assets/"
_FORMAT = 1


class ManifestBroken(Exception):
    """Raised, with a sentence for a person, for a manifest that is missing or cannot be understood."""


@dataclass(frozen=True, slots=True)
class File:
    """What a file must be: the digest of its bytes (SHA-256), their number, and for published ones the media type."""

    sha256: str
    size: int
    type: str | None = None

    def fits(self, file: Path) -> bool:
        """True when these very bytes stand in the file, and can be read."""
        try:
            return digest(file.read_bytes()) == self.sha256
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event of the quota log that had taken effect: its state, and from when (UTC)."""

    state: State
    starts: datetime


@dataclass(frozen=True, slots=True)
class Manifest:
    """A release. `release` is the digest that its pages carry; `instant` (UTC) is the moment that it shows.

    `states` and `events` are those of each programme at the instant, without who noted them, or why. `content_of` is the
    number of the release that first had this content. `kept_assets` were published by earlier releases. `instead_of` is set
    after a rollback: the digest of the content that was rolled back from.
    """

    number: int
    release: str
    instant: datetime
    states: Mapping[str, State]
    events: Mapping[str, tuple[PastEvent, ...]]
    content_of: int
    files: Mapping[str, File]
    inputs: Mapping[str, File]
    kept_assets: tuple[str, ...] = ()
    instead_of: str | None = None

    @property
    def name(self) -> str:
        """The name of its folder: `12-3f9ac0417be2`."""
        return f"{self.number}-{self.release[:12]}"

    @property
    def own_assets(self) -> tuple[str, ...]:
        """The assets that this release's own pages ask for."""
        kept = frozenset(self.kept_assets)
        return tuple(path for path in self.files if path.startswith(ASSETS) and path not in kept)


def listed(files: Mapping[str, bytes], with_type: bool = True) -> dict[str, File]:
    """Each file as a manifest has it, by path."""
    return {
        path: File(digest(data), len(data), _type(path) if with_type else None)
        for path, data in sorted(files.items())
    }


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_of_all(files: Mapping[str, File]) -> str:
    """One digest for files with their paths, whatever their order."""
    return digest("".join(f"{file.sha256} {path}\n" for path, file in sorted(files.items())).encode())


def dump_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON; the same manifest gives the same bytes."""
    document: dict[str, Any] = {"format": _FORMAT, **_fields(manifest)}
    document["events"] = {id: [_fields(event) for event in events] for id, events in manifest.events.items()}
    for kind in ("files", "inputs"):
        document[kind] = {path: _fields(about) for path, about in document[kind].items()}
    return (json.dumps(document, ensure_ascii=False, indent=1, default=_utc) + "\n").encode()


def load_manifest(file: Path) -> Manifest:
    """What `dump_manifest` wrote; raises ManifestBroken."""
    try:
        return _understood(file.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ManifestBroken(f"{file}: cannot be understood ({error}).") from None


# Each publish looks at all releases that are kept, and theirs never change.
@lru_cache(maxsize=64)
def _understood(data: bytes) -> Manifest:
    found = json.loads(data)
    if found.pop("format") != _FORMAT:
        raise ValueError("it was written by another version of Quotabord, so publish with that one")
    return _of_its_types(
        Manifest(
            **{
                **found,
                "instant": _instant(found["instant"]),
                "states": {id: State(state) for id, state in found["states"].items()},
                "events": {
                    id: tuple(PastEvent(State(event["state"]), _instant(event["starts"])) for event in events)
                    for id, events in found["events"].items()
                },
                "files": {path: File(**about) for path, about in found["files"].items()},
                "inputs": {path: File(**about) for path, about in found["inputs"].items()},
                "kept_assets": tuple(found["kept_assets"]),
            }
        )
    )


def _of_its_types(manifest: Manifest) -> Manifest:
    files = (*manifest.files.values(), *manifest.inputs.values())
    numbers = (manifest.number, manifest.content_of, *(file.size for file in files))
    texts = (manifest.release, *manifest.kept_assets, *(file.sha256 for file in files))
    if not (
        all(type(number) is int for number in numbers)
        and all(isinstance(text, str) for text in texts)
        and isinstance(manifest.instead_of, str | None)
    ):
        raise TypeError("a number or a text is of another kind")
    return manifest


def _fields(value: Manifest | File | PastEvent) -> dict[str, Any]:
    """The value's fields by name; `asdict` would copy all that is in them as well."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _type(path: str) -> str:
    kind, _ = mimetypes.guess_type(path, strict=True)
    text = kind is not None and (kind.startswith("text/") or kind in ("application/json", "image/svg+xml"))
    return f"{kind}; charset=utf-8" if text else kind or "application/octet-stream"


def _utc(instant: object) -> str:
    if not isinstance(instant, datetime):
        raise TypeError(f"{instant!r} has no place in a manifest")
    return utc_text(instant)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return instant.astimezone(UTC)
