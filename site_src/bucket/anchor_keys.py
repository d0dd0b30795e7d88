"""Verifies the signatures of a journal's anchors."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key
from securesystemslib.signer import Signature as LibrarySignature
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Root, Timestamp

from site_src.bucket.roots import KEYS, KeyRefused, parse_root, roots
from site_src.publish.anchor import Signature


class AnchorKeys:
    """The online keys of all roots in `root/keys/`. Replaced roots are included, because their keys signed the older anchors.

    Raises KeyRefused if a root is not signed with the key of the previous root.
    """

    def __init__(self, root: Path) -> None:
        known = [parse_root(data) for _, data in roots(root / KEYS)]
        for before, after in pairwise(known):
            try:
                before.verify_delegate(Root.type, after)
            except (RepositoryError, ValueError) as error:
                raise KeyRefused(
                    f"{KEYS}/{after.signed.version}.root.json: is not signed with the previous root key ({error})."
                ) from None
        self._keys: dict[str, Key] = {
            id: each.signed.keys[id] for each in known for id in each.signed.roles[Timestamp.type].keyids
        }

    def verify(self, data: bytes, signature: Signature) -> bool:
        """Returns True if `signature` is a valid signature of `data` by one of the keys."""
        try:
            self._keys[signature.key].verify_signature(LibrarySignature(signature.key, signature.value), data)
        except (KeyError, UnverifiedSignatureError, ValueError):
            return False
        return True
