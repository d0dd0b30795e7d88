"""Names and lists the WARC files in a folder, and compares them with the digests in the journal. Does not import warcio."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from site_src.archive.archive_lines import read_archives

_PATTERN = "quotabord-*.warc"


def name_archive(begun: datetime, release: str | None) -> str:
    """Returns the name of a new WARC file: when its recording began (aware, UTC), and the release."""
    return (
        f"quotabord-{begun:%Y%m%d%H%M%S}{begun.microsecond // 1000:03}{f'-{release}' if release else ''}.warc"
    )


def list_archives(folder: Path) -> list[Path]:
    """Returns the WARC files in the folder, the oldest first; empty if the folder does not exist."""
    return sorted(folder.glob(_PATTERN))


def digest_of_file(file: Path) -> str:
    """Returns the SHA-256 of the file in hexadecimal digits. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def find_changed_archives(target: Path, folder: Path) -> Iterator[str]:
    """Yields a message for each WARC file that is missing, that was changed, or that the journal does not name."""
    named = {line.warc: line.sha256 for line in read_archives(target) if line.warc}
    for name, sha256 in named.items():
        if finding := find_change(folder / name, sha256):
            yield finding
    for file in list_archives(folder):
        if file.name not in named:
            yield f"{file}: is not in any line of the journal"


def find_change(file: Path, sha256: str | None) -> str | None:
    """Returns a message if the file is missing or its digest differs from `sha256`, otherwise None. Raises OSError."""
    try:
        return None if digest_of_file(file) == sha256 else f"{file}: was changed"
    except FileNotFoundError:
        return f"{file}: is missing"
