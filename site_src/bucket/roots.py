"""Makes, rotates and parses keys and roots (`keys/N.root.json`), with python-tuf."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

KEYS = "keys"
ONLINE_ROLES = (Timestamp.type, Snapshot.type, Targets.type)
WARN_DAYS = 30


class KeyRefused(Exception):
    """Raised if a key or a root cannot be used. The message is for the user."""


def newest_root(folder: Path) -> bytes:
    """Returns the bytes of the newest N.root.json in the folder. Raises KeyRefused if there is none."""
    return roots(folder)[-1][1]


def roots(folder: Path) -> list[tuple[int, bytes]]:
    """Returns the version and bytes of each N.root.json in the folder, the oldest first. Raises KeyRefused if there is none."""
    found = sorted(
        (int(version), file.read_bytes())
        for file in folder.glob("*.root.json")
        if (version := file.name.partition(".")[0]).isdecimal()
    )
    if not found:
        raise KeyRefused(f"{folder}: has no root. Make the keys: python build.py keys init")
    return found


def root_expires(root: bytes) -> datetime:
    """Returns when the root expires (UTC). Raises KeyRefused."""
    return parse_root(root).signed.expires


def parse_root(data: bytes) -> Metadata[Root]:
    """Parses a root. Raises KeyRefused, including for a root that is not signed with its own key."""
    try:
        metadata = Metadata[Root].from_bytes(data)
        metadata.verify_delegate(Root.type, metadata)
    except Exception as error:  # noqa: BLE001 - the library raises many kinds of errors for an invalid file
        raise KeyRefused(f"the root in {KEYS}/ cannot be used ({error}).") from None
    return metadata


def make_keys(root_key: Path, online_key: Path, days: int) -> bytes:
    """Writes two new private keys, and returns the first root. Raises KeyRefused and OSError."""
    root, online = _make_key(root_key), _make_key(online_key)
    signed = Root(1, None, _expiry(days), consistent_snapshot=True)
    signed.add_key(root.public_key, Root.type)
    _name_online_key(signed, online)
    return _sign(Metadata(signed), [root])


def rotate(
    root: bytes, root_key: Path, new_root_key: Path | None, new_online_key: Path | None, days: int
) -> bytes:
    """Returns the next root, valid for `days` days. Makes a new key for each new key file that is named.

    Raises KeyRefused and OSError.
    """
    metadata, old = parse_root(root), load_private_key(root_key)
    signed, signers = metadata.signed, [old]
    if old.public_key.keyid not in signed.roles[Root.type].keyids:
        raise KeyRefused(f"{root_key}: is not the root key that {signed.version}.root.json names.")
    if new_root_key:
        signers.append(_make_key(new_root_key))
        signed.revoke_key(old.public_key.keyid, Root.type)
        signed.add_key(signers[-1].public_key, Root.type)
    if new_online_key:
        _name_online_key(signed, _make_key(new_online_key))
    signed.version += 1
    signed.expires = _expiry(days)
    return _sign(metadata, signers)


def load_private_key(file: Path) -> CryptoSigner:
    """Loads a private key in PEM format. Raises KeyRefused."""
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
    """Writes a new private key that only its owner can read, and returns its signer.

    Raises KeyRefused if the file exists, and OSError.
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


def _name_online_key(root: Root, online: CryptoSigner) -> None:
    """Makes this key the only one for all online roles."""
    for role in ONLINE_ROLES:
        for keyid in list(root.roles[role].keyids):
            root.revoke_key(keyid, role)
        root.add_key(online.public_key, role)


def _sign(root: Metadata[Root], signers: list[CryptoSigner]) -> bytes:
    root.signatures.clear()
    for signer in signers:
        root.sign(signer, append=True)
    return root.to_bytes()


def _expiry(days: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
