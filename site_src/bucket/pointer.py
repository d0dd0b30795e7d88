"""Defines the pointer to the live release (`timestamp.json`), the listing of releases (`targets.json`), and object keys.

    PREFIX/metadata/timestamp.json    the only object that changes: version, end of the lease, snapshot, and the fields of `Pointer`
    PREFIX/metadata/N.root.json  N.snapshot.json  N.targets.json    created once
    PREFIX/blobs/<sha256>             every file of a release, and its manifest
    PREFIX/journal/00000042.json      created once; each line with the digest of the previous line

The metadata has the format of The Update Framework (https://theupdateframework.github.io/specification/latest/), by python-tuf.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tuf.api.metadata import Timestamp

from site_src.instants import utc_text
from site_src.publish.manifest import File
from site_src.states import State, shown_links

TIMESTAMP = "metadata/timestamp.json"
FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
# The key of the project's own fields in the signed part of timestamp.json.
FIELDS = "x-quotabord"
# In the custom part of a release in targets.json: true if a link appeared or disappeared with the release.
CHANGES_LINK = "changesLink"
_RELEASE = re.compile(r"([0-9]+)-[0-9a-f]{12}", re.ASCII)


class PointerRefused(Exception):
    """Raised if a pointer has the wrong signature, is outdated, or cannot be parsed. The message is for the user."""


def metadata_key(role: str, version: int) -> str:
    """Returns the key of this version of a metadata object."""
    return f"metadata/{version}.{role}.json"


def blob_key(sha256: str) -> str:
    """Returns the key of the blob with this digest."""
    return f"blobs/{sha256}"


def release_number(name: str) -> int:
    """Returns the number in the name of a release. Raises PointerRefused if `name` is not the name of a release."""
    found = _RELEASE.fullmatch(name)
    if not found:
        raise PointerRefused(f'"{name}" is not the name of a release.')
    return int(found[1])


@dataclass(frozen=True, slots=True)
class Pointer:
    """The pointer to the live release. `version` increases with each write. `expires` is the end of the lease (UTC).

    `live` is the name of the live release, and `states` are its states. `lease` is the length of the lease in seconds; None if no
    resident publisher renews it. `held` names the process that hides the links until the next publish; "" if there is none.
    `signed` is the time of signing (UTC). `snapshot` is the version of the snapshot, and `snapshot_file` is its digest and size.
    """

    version: int
    expires: datetime
    snapshot: int
    snapshot_file: File
    live: str
    states: Mapping[str, State]
    lease: int | None
    held: str
    signed: datetime

    @property
    def shows_link(self) -> bool:
        """Returns True if a link is shown while the lease is valid."""
        return bool(shown_links(self.states))

    def is_expired(self, now: datetime) -> bool:
        """Returns True if the lease has ended."""
        return self.expires <= now

    def fields(self) -> dict[str, Any]:
        """Returns the project's own fields of timestamp.json."""
        return {
            "live": self.live,
            "states": {id: str(state) for id, state in sorted(self.states.items())},
            "lease": self.lease,
            "held": self.held,
            "signed": utc_text(self.signed, "milliseconds"),
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """The releases in the bucket: maps each name to the digest and size of its manifest. `version` is that of targets.json.

    `evidence` contains the names of the releases with which a link appeared or disappeared. They are never removed from the listing.
    """

    version: int
    releases: Mapping[str, File]
    evidence: frozenset[str] = frozenset()

    def newest_first(self) -> list[str]:
        """Returns the names, the newest release first."""
        return sorted(self.releases, key=release_number, reverse=True)


def read_pointer(timestamp: Timestamp) -> Pointer:
    """Reads the pointer from a verified timestamp.json. Raises PointerRefused."""
    try:
        fields, meta = timestamp.unrecognized_fields[FIELDS], timestamp.snapshot_meta
        live, lease = fields["live"], fields["lease"]
        release_number(live)
        return Pointer(
            version=timestamp.version,
            expires=timestamp.expires,
            snapshot=meta.version,
            snapshot_file=File((meta.hashes or {})["sha256"], meta.length or 0),
            live=live,
            states={str(id): State(state) for id, state in fields["states"].items()},
            lease=None if lease is None else int(lease),
            held=str(fields["held"]),
            signed=datetime.fromisoformat(fields["signed"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PointerRefused(
            f"the pointer was written by another version of Quotabord ({error!r})."
        ) from None
