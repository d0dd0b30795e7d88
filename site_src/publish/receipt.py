"""The receipt of a `build`: digests of its inputs, code, libraries and output, so that a second build of the same has nothing to
do.

A build does nothing if its inputs, this code, the libraries and the output have the same bytes as after the last build, and no
scheduled change of the output has passed. Only `build` uses the receipt. `publish` judges every file each time.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from site_src.cache import list_libraries, list_zone_data
from site_src.read.tree import Tree
from site_src.scan.qr_codes import find_program

RECEIPT_FILE, SHOWN_FILE = "receipt.json", "shown.json"
_CODE = Path(__file__).parent.parent


def digest_build(tree: Tree, base_url: str | None) -> str:
    """Returns the digest of everything that a build depends on except the moment: inputs, code, libraries and the address."""
    inputs = [digest_files(tree.files), sorted(map(str, tree.faults.values())), sorted(tree.folders)]
    code = [digest_code(), sys.version, list_libraries(), list_zone_data(), find_program()]
    return sha256(json.dumps([inputs, code, base_url]).encode()).hexdigest()


def digest_code() -> str:
    """Returns the digest of this code as it is on the disk now. Raises OSError."""
    return digest_folder(_CODE)


def digest_files(files: Mapping[str, bytes]) -> str:
    """Returns the digest of the paths and bytes."""
    found = sha256()
    for path in sorted(files):
        found.update(f"{path} {len(files[path])}\n".encode(errors="surrogateescape") + files[path])
    return found.hexdigest()


def digest_folder(folder: Path) -> str:
    """Returns the digest of the paths and bytes of the files below the folder, except compiled ones. Raises OSError."""
    files = {}
    for parent, names, here in os.walk(folder):
        names[:] = [name for name in names if name != "__pycache__"]
        for name in here:
            path = f"{parent}/{name}"
            with open(path, "rb") as file:
                files[os.path.relpath(path, folder)] = file.read()
    return digest_files(files)


def dump_receipt(
    build: str, files: Mapping[str, bytes], shown: bytes, since: datetime, until: datetime, lines: list[str]
) -> bytes:
    """Returns, as JSON, the receipt of the output `files`. It is valid from `since` until before `until` (both aware).

    `build` is the result of `digest_build`, `shown` the bytes of SHOWN_FILE; `lines` are what the next build prints.
    """
    period = [since.isoformat(), until.isoformat()]
    digests = {"build": build, "output": digest_files(files), "shown": sha256(shown).hexdigest()}
    return json.dumps({**digests, "period": period, "lines": lines}).encode()


def find_lines(file: Path, build: str, out: Path, instant: datetime) -> list[str] | None:
    """Returns the lines of the receipt in `file` if it is valid for this build, the folder `out` and the instant; otherwise
    None.
    """
    try:
        receipt: Any = json.loads(file.read_bytes())
        since, until = map(datetime.fromisoformat, receipt["period"])
        if receipt["build"] != build or not since <= instant < until:
            return None
        shown = sha256((file.parent / SHOWN_FILE).read_bytes()).hexdigest()
        if receipt["shown"] == shown and receipt["output"] == digest_folder(out):
            return list(map(str, receipt["lines"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass  # Builds write this file, not people. This build writes it again.
    return None
