"""Reads and writes the manifest of a release, `manifest.json`: the digest, size and type of each file, the instant, the states
and the events.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from site_src.instants import utc_text
from site_src.states import State

MANIFEST_FILE = "manifest.json"
ASSETS = "assets/"
_STRICT = ConfigDict(strict=True, extra="forbid")


class ManifestBroken(Exception):
    """Raised if a manifest is missing or cannot be parsed. The message is for the user."""


def _refuse_outside(path: str) -> str:
    between = f"/{path}/"
    if "\0" in path or "//" in between or "/./" in between or "/../" in between:
        raise PydanticCustomError("path", "names a file outside the release")
    return path


def _to_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


_Instant = Annotated[AwareDatetime, AfterValidator(_to_utc), PlainSerializer(utc_text)]
_Path = Annotated[str, AfterValidator(_refuse_outside)]


@dataclass(frozen=True, slots=True)
class File:
    """A file's SHA-256 digest (hexadecimal), its size in bytes, and, for a published file, its media type.

    `modified` is the file's modification time (seconds since 1970). It is the same on every web server, so all send the same
    ETag. It is None in a release of an older version of Quotabord.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    sha256: str
    size: int
    type: str | None = None
    modified: int | None = field(default=None, compare=False)

    def fits(self, file: Path) -> bool:
        """Returns True if `file` on the disk has this digest, or False if it differs or cannot be read."""
        try:
            return digest(file.read_bytes()) == self.sha256
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class PastEvent:
    """The public part of an event in the quota log: its state, its start (UTC), its places, and `mistake`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    state: State
    starts: _Instant
    places: int | None = field(default=None, compare=False)
    mistake: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The manifest of a release, built for `instant` (UTC). `release` is the digest that its pages contain.

    `states`, `events` and `scheduled` contain each programme's state at the instant, the events up to then, and the known later
    events, without `by` and `note`. `files` are those of the tree `site`. `hidden` contains the files of the hidden tree that
    differ from them; None in a release of an older version without that tree. `kept_assets` are the files of earlier releases.
    `inputs` is the content, and `design` contains the templates and static files, with which a closing is built if the present
    ones are broken. `content_of` is the number of the first release with this content. After a roll-back, `instead_of` is the
    digest of the content that was rolled back from. Paths are relative and stay inside the release.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    format: Literal[1] = 1
    number: int
    release: str
    instant: _Instant
    states: Mapping[str, State]
    events: Mapping[str, tuple[PastEvent, ...]]
    content_of: int
    files: Mapping[_Path, File]
    inputs: Mapping[_Path, File]
    design: Mapping[_Path, File] = field(default_factory=dict)
    hidden: Mapping[_Path, File] | None = None
    kept_assets: tuple[_Path, ...] = ()
    instead_of: str | None = None
    scheduled: Mapping[str, tuple[PastEvent, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Returns the name of the release's folder, such as `12-3f9ac0417be2`."""
        return f"{self.number}-{self.release[:12]}"

    @property
    def hidden_files(self) -> Mapping[str, File]:
        """Maps each path in the hidden tree to its file; empty in a release without a hidden tree."""
        return {} if self.hidden is None else {**self.files, **self.hidden}

    @property
    def own_assets(self) -> tuple[str, ...]:
        """Returns the paths of the assets that this release's own pages load."""
        kept = frozenset(self.kept_assets)
        return tuple(path for path in self.files if path.startswith(ASSETS) and path not in kept)


@cache
def _adapter() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)


def list_entries(files: Mapping[str, bytes], with_type: bool = True) -> dict[str, File]:
    """Maps each path to its entry in a manifest, with the media type if `with_type` is True."""
    return {
        path: File(digest(data), len(data), _type(path) if with_type else None)
        for path, data in sorted(files.items())
    }


def with_times(files: Mapping[str, File], before: Mapping[str, File], seconds: int) -> dict[str, File]:
    """Returns `files` with modification times: the time in `before` for an unchanged file, `seconds` (since 1970) for any other."""
    return {
        path: File(
            file.sha256,
            file.size,
            file.type,
            old.modified if (old := before.get(path)) == file and old.modified else seconds,
        )
        for path, file in files.items()
    }


def digest(data: bytes) -> str:
    """Returns the SHA-256 of `data` in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_of_all(files: Mapping[str, File]) -> str:
    """Returns one digest of all files and their paths. The order of `files` does not matter."""
    return digest("".join(f"{file.sha256} {path}\n" for path, file in sorted(files.items())).encode())


def dump_manifest(manifest: Manifest) -> bytes:
    """Returns the manifest as JSON. Equal manifests give equal bytes."""
    return _adapter().dump_json(manifest, indent=1) + b"\n"


def load_manifest(file: Path) -> Manifest:
    """Reads a manifest from a file. Raises ManifestBroken if the file is missing or cannot be parsed."""
    try:
        return parse_manifest(file.read_bytes())
    except (OSError, ManifestBroken) as error:
        raise ManifestBroken(f"{file}: cannot be understood ({error}).") from None


def parse_manifest(data: bytes) -> Manifest:
    """Parses the bytes of a manifest. Raises ManifestBroken with the reason."""
    try:
        return _parse(data)
    except ValidationError as error:
        raise ManifestBroken(_first_reason(error)) from None


# Each publish reads the manifests of all kept releases, which never change.
@lru_cache(maxsize=64)
def _parse(data: bytes) -> Manifest:
    return _adapter().validate_json(data)


def _first_reason(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    if place == "format":
        return "it was written by another version of Quotabord, so publish with that version"
    return f"{place}: {first['msg']}" if place else first["msg"]


# Cached: guessing a type takes longer than computing a digest, and a resident publisher lists the same paths at each publish.
@lru_cache(maxsize=65536)
def _type(path: str) -> str:
    kind, _ = mimetypes.guess_type(path, strict=True)
    text = kind is not None and (kind.startswith("text/") or kind in ("application/json", "image/svg+xml"))
    return f"{kind}; charset=utf-8" if text else kind or "application/octet-stream"
