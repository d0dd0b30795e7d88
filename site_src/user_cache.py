"""Opens memos in the user's cache folder (XDG_CACHE_HOME), for commands that write nothing into the project.

All files there can be deleted at any time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from site_src.cache import Memo
from site_src.memo_file import load_memo

_FOLDER_MODE = 0o700


def load_user_memo(name: str) -> Memo:
    """Returns the memo with this name in the user's cache (XDG_CACHE_HOME, or ~/.cache).

    If the cache cannot be used, returns a memo that exists only in memory.
    """
    folder = _find_folder()
    if folder is None:
        return Memo()
    with suppress(OSError):
        folder.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
    return load_memo(folder / f"{name}.sqlite")


def _find_folder() -> Path | None:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    # The XDG Base Directory Specification requires that a relative path is ignored.
    return Path(base, "quotabord") if os.path.isabs(base) else None
