"""Signs the bucket's metadata with the online key (`OnlineKey`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from site_src.bucket.pointer import CHANGES_LINK, FAR_FUTURE, FIELDS, Pointer
from site_src.bucket.roots import KEYS, ONLINE_ROLES, KeyRefused, load_private_key, parse_root
from site_src.publish.anchor import Signature
from site_src.publish.manifest import File


class OnlineKey:
    """The key that signs the metadata that changes: timestamp, snapshot and targets."""

    def __init__(self, signer: CryptoSigner) -> None:
        self._signer = signer
        self.id = str(signer.public_key.keyid)

    def sign_pointer(self, pointer: Pointer) -> bytes:
        """Returns the signed timestamp.json of this pointer."""
        file = pointer.snapshot_file
        meta = MetaFile(pointer.snapshot, file.size, {"sha256": file.sha256})
        fields = {FIELDS: pointer.fields()}
        return self._sign(Metadata(Timestamp(pointer.version, None, pointer.expires, meta, fields)))

    def sign_snapshot(self, version: int, listing_version: int, listing: bytes) -> bytes:
        """Returns the signed snapshot.json for the targets.json with the bytes `listing`."""
        meta = {"targets.json": MetaFile.from_data(listing_version, listing, ["sha256"])}
        return self._sign(Metadata(Snapshot(version, None, FAR_FUTURE, meta)))

    def sign_listing(self, version: int, releases: Mapping[str, File], evidence: Collection[str]) -> bytes:
        """Returns the signed targets.json, which lists the manifest of each release and marks the releases in `evidence`."""
        custom = {name: {"custom": {CHANGES_LINK: True}} if name in evidence else {} for name in releases}
        targets = {
            name: TargetFile(file.size, {"sha256": file.sha256}, name, custom[name])
            for name, file in releases.items()
        }
        return self._sign(Metadata(Targets(version, None, FAR_FUTURE, targets)))

    def sign(self, data: bytes) -> Signature:
        """Returns a signature of data other than metadata, for example of an anchor."""
        made = self._signer.sign(data)
        return Signature(made.keyid, made.signature)

    def _sign(self, metadata: Metadata[Any]) -> bytes:
        metadata.sign(self._signer)
        return metadata.to_bytes()


def load_online_key(file: Path, root: bytes) -> OnlineKey:
    """Loads the private key in the file. Raises KeyRefused, including if the root does not name the key for all online roles."""
    key, trusted = OnlineKey(load_private_key(file)), parse_root(root).signed
    if any(key.id not in trusted.roles[role].keyids for role in ONLINE_ROLES):
        raise KeyRefused(f"{file}: is not the online key that {KEYS}/{trusted.version}.root.json names.")
    return key
