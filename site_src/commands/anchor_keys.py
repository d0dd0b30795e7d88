"""The keys for anchors: where a checkout has `keys/`, anchors are signed and must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from site_src.exit_codes import WrongUse
from site_src.problems import InputRefused
from site_src.read.project import Project

if TYPE_CHECKING:
    from site_src.bucket.anchor_keys import AnchorKeys
    from site_src.bucket.signing import OnlineKey

_KEYS = "keys"
_INSTALL = f"{_KEYS}/ is there, and the libraries that check signatures are not installed. Install them: make extra-store"


def load_anchor_key(project: Project) -> OnlineKey | None:
    """The online key of this host; None if the checkout has no `keys/`. Raises InputRefused and WrongUse, also if the key is missing."""
    if not project.keys.is_dir():
        return None
    settings, problems = project.read_store_settings()
    if problems:
        raise InputRefused(problems)
    try:
        from site_src.bucket.opening import find_key_file
        from site_src.bucket.signing import KeyRefused, load_online_key, newest_root
    except ModuleNotFoundError as error:
        raise WrongUse(_INSTALL) from error
    try:
        return load_online_key(find_key_file(settings), newest_root(project.keys))
    except KeyRefused as error:
        raise WrongUse(str(error)) from None


def load_anchor_keys(project: Project) -> AnchorKeys | None:
    """The public keys that may have signed an anchor; None if the checkout has no `keys/`. Raises WrongUse."""
    if not project.keys.is_dir():
        return None
    try:
        from site_src.bucket.anchor_keys import AnchorKeys
        from site_src.bucket.signing import KeyRefused
    except ModuleNotFoundError as error:
        raise WrongUse(_INSTALL) from error
    try:
        return AnchorKeys(project.root)
    except KeyRefused as error:
        raise WrongUse(str(error)) from None
