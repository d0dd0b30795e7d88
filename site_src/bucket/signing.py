"""Signs the bucket's metadata with the online key, and makes, rotates and parses keys and roots (N.root.json), with python-tuf."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from site_src.bucket.pointer import CHANGES_LINK, FAR_FUTURE, FIELDS, Pointer
from site_src.publish.anchor import Signature
from site_src.publish.manifest import File

KEYS = "keys"
ONLINE_ROLES = (Timestamp.type, Snapshot.type, Targets.type)
WARN_DAYS = 30
_HASHES = ["sha256"]


class KeyRefused(Exception):
    """Raised if a key or a root cannot be used. The message is for the user."""


class OnlineKey:
    """The key that signs the metadata that changes: timestamp, snapshot and targets."""

    def __init__(self, signer: CryptoSigner) -> None:
        self._signer = signer

    @property
    def id(self) -> str:
        """Returns the identifier of the public key."""
        return str(self._signer.public_key.keyid)

    def sign_pointer(self, pointer: Pointer) -> bytes:
        """Returns the signed timestamp.json of this pointer."""
        file = pointer.snapshot_file
        meta = MetaFile(pointer.snapshot, file.size, {"sha256": file.sha256})
        fields = {FIELDS: pointer.fields()}
        return self._sign(Metadata(Timestamp(pointer.version, None, pointer.expires, meta, fields)))

    def sign_snapshot(self, version: int, listing_version: int, listing: bytes) -> bytes:
        """Returns the signed snapshot.json for the targets.json with the bytes `listing`."""
        meta = {"targets.json": MetaFile.from_data(listing_version, listing, _HASHES)}
        return self._sign(Metadata(Snapshot(version, None, FAR_FUTURE, meta)))

    def sign_listing(self, version: int, releases: Mapping[str, File], evidence: Collection[str]) -> bytes:
        """Returns the signed targets.json, which lists the manifest of each release and marks the releases in `evidence`."""
        targets = {
            name: TargetFile(
                file.size,
                {"sha256": file.sha256},
                name,
                {"custom": {CHANGES_LINK: True}} if name in evidence else {},
            )
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
    signer, trusted = _load(file), parse_root(root).signed
    key = OnlineKey(signer)
    if any(key.id not in trusted.roles[role].keyids for role in ONLINE_ROLES):
        raise KeyRefused(f"{file}: is not the online key that {KEYS}/{trusted.version}.root.json names.")
    return key


def newest_root(folder: Path) -> bytes:
    """Returns the bytes of the newest N.root.json in the folder. Raises KeyRefused if there is none."""
    return roots(folder)[-1][1]


def roots(folder: Path) -> list[tuple[int, bytes]]:
    """Returns the version and bytes of each N.root.json in the folder, the oldest first. Raises KeyRefused if there is none."""
    found = sorted(
        (int(file.name.partition(".")[0]), file.read_bytes())
        for file in folder.glob("*.root.json")
        if file.name.partition(".")[0].isdecimal()
    )
    if not found:
        raise KeyRefused(f"{folder}: has no root. Make the keys: python build.py keys init")
    return found


def root_expires(root: bytes) -> datetime:
    """Returns when the root expires (UTC). Raises KeyRefused."""
    return parse_root(root).signed.expires


def make_keys(root_key: Path, online_key: Path, days: int) -> bytes:
    """Writes two new private keys, and returns the first root. Raises KeyRefused and OSError."""
    root, online = _make_key(root_key), _make_key(online_key)
    signed = Root(1, None, _expiry(days), consistent_snapshot=True)
    signed.add_key(_public(root), Root.type)
    for role in ONLINE_ROLES:
        signed.add_key(_public(online), role)
    metadata = Metadata(signed)
    metadata.sign(root)
    return metadata.to_bytes()


def rotate(
    root: bytes, root_key: Path, new_root_key: Path | None, new_online_key: Path | None, days: int
) -> bytes:
    """Returns the next root, valid for `days` days. Makes a new key for each new key file that is named.

    Raises KeyRefused and OSError.
    """
    metadata, old = parse_root(root), _load(root_key)
    signed = metadata.signed
    if _public(old).keyid not in signed.roles[Root.type].keyids:
        raise KeyRefused(f"{root_key}: is not the root key that {signed.version}.root.json names.")
    signers = [old]
    if new_root_key:
        new = _make_key(new_root_key)
        signed.revoke_key(_public(old).keyid, Root.type)
        signed.add_key(_public(new), Root.type)
        signers.append(new)
    if new_online_key:
        online = _make_key(new_online_key)
        for role in ONLINE_ROLES:
            for keyid in list(signed.roles[role].keyids):
                signed.revoke_key(keyid, role)
            signed.add_key(_public(online), role)
    signed.version += 1
    signed.expires = _expiry(days)
    metadata.signatures.clear()
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def parse_root(data: bytes) -> Metadata[Root]:
    """Parses a root. Raises KeyRefused, including for a root that is not signed with its own key."""
    try:
        metadata = Metadata[Root].from_bytes(data)
        metadata.verify_delegate(Root.type, metadata)
    except Exception as error:  # noqa: BLE001 - the library raises many kinds of errors for an invalid file
        raise KeyRefused(f"the root in {KEYS}/ cannot be used ({error}).") from None
    return metadata


def _public(signer: CryptoSigner) -> SSlibKey:
    return signer.public_key


def _load(file: Path) -> CryptoSigner:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return CryptoSigner(load_pem_private_key(file.read_bytes(), None))
    except OSError as error:
        raise KeyRefused(f"{file}: cannot be read ({error.strerror}).") from None
    except (ValueError, TypeError, UnverifiedSignatureError) as error:
        raise KeyRefused(
            f"{file}: is not a private key in PEM format without a password ({error})."
        ) from None


def _make_key(file: Path) -> CryptoSigner:
    """Writes a new private key that only its owner can read, and returns its signer. Raises KeyRefused if the file exists,
    and OSError.
    """
    signer = CryptoSigner.generate_ed25519()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyRefused(f"{file}: already exists, and is not replaced. Name a new file.") from None
    with open(descriptor, "wb") as new:
        new.write(signer.private_bytes)
        new.flush()
        os.fsync(new.fileno())
    return signer


def _expiry(days: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
