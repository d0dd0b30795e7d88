"""The keys for anchors: where a checkout has `keys/`, anchors are signed and must be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from site_src.exit_codes import WrongUse
from site_src.problems import InputRefused
from site_src.read.local import read_store_settings

if TYPE_CHECKING:
    from site_src.bucket.anchor_keys import AnchorKeys
    from site_src.bucket.signing import OnlineKey

_KEYS = "keys"
_INSTALL = f"{_KEYS}/ is there, and the libraries that check signatures are not installed. Install them: make extra-store"


def load_anchor_key(root: Path) -> OnlineKey | None:
    """The online key of this host; None if the checkout has no `keys/`. Raises InputRefused and WrongUse, also if the key is missing."""
    if not (root / _KEYS).is_dir():
        return None
    settings, problems = read_store_settings(root)
    if problems:
        raise InputRefused(problems)
    try:
        from site_src.bucket.opening import find_key_file
        from site_src.bucket.signing import KeyRefused, load_online_key, newest_root
    except ModuleNotFoundError as error:
        raise WrongUse(_INSTALL) from error
    try:
        return load_online_key(find_key_file(settings), newest_root(root / _KEYS))
    except KeyRefused as error:
        raise WrongUse(str(error)) from None


def load_anchor_keys(root: Path) -> AnchorKeys | None:
    """The public keys that may have signed an anchor; None if the checkout has no `keys/`. Raises WrongUse."""
    if not (root / _KEYS).is_dir():
        return None
    try:
        from site_src.bucket.anchor_keys import AnchorKeys
        from site_src.bucket.signing import KeyRefused
    except ModuleNotFoundError as error:
        raise WrongUse(_INSTALL) from error
    try:
        return AnchorKeys(root)
    except KeyRefused as error:
        raise WrongUse(str(error)) from None
