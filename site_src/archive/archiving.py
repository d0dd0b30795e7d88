"""Records a site in a new WARC file in a folder. The file gets its name only when it is complete.

DIR/quotabord-20260401094213500-12-3f9ac0417be2.warc   the time at which it was begun (UTC), and the release
DIR/archive.lock                                       locked while an archive is made; never removed
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from site_src import VERSION
from site_src.archive.addresses import REDIRECTS, ArchivedSite, first_addresses, place_of
from site_src.archive.capture import capture
from site_src.archive.exchange import USER_AGENT, Exchange
from site_src.archive.warc import Recorder
from site_src.archive.warc_files import digest_of_file, list_archives, name_archive
from site_src.archive.warc_records import WarcBroken, read_known
from site_src.file_lock import LONG_WAIT, Wait, lock_file
from site_src.publish.manifest import digest
from site_src.publish.releases import SITE, Release
from site_src.publish.store import FILE_MODE, FOLDER_MODE, sync

LOCK = "archive.lock"
_UNFINISHED = ".unfinished-"
_STANDARD = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


@dataclass(frozen=True, slots=True)
class Archived:
    """A new WARC file: its SHA-256, the number of its responses (including revisits), and the number of its revisits.

    `wrong` contains a message for each response that differs from the file of the release. `notes` contains other messages.
    """

    file: Path
    sha256: str
    answers: int
    revisits: int
    wrong: tuple[str, ...]
    notes: tuple[str, ...]


def archive(address: str, folder: Path, release: Release | None, operator: str) -> Archived:
    """Records the site at `address` (without "/" at its end) in a new WARC file in the folder. Makes the folder if necessary.

    With a release, requests all its files and compares the responses with them. Raises CaptureFailed and OSError, and then
    leaves no new file.
    """
    folder.mkdir(FOLDER_MODE, exist_ok=True)
    with lock_file(folder / LOCK, Wait(LONG_WAIT)):
        for left in folder.glob(f"{_UNFINISHED}*"):
            left.unlink()
        begun = datetime.now(UTC)
        name = name_archive(begun, release.name if release else None)
        made = folder / f"{_UNFINISHED}{name}"
        try:
            archived = _write(made, name, address, release, operator)
            made.rename(folder / name)
        finally:
            with suppress(OSError):  # it was renamed
                made.unlink()
        with suppress(OSError):  # Not every file system can fsync a folder.
            sync(folder)
        return archived


def _write(made: Path, name: str, address: str, release: Release | None, operator: str) -> Archived:
    notes, known = [], {}
    if before := list_archives(made.parent)[-1:]:
        try:
            known = read_known(before[0])
        except WarcBroken as error:
            notes.append(f"{error} Therefore, every response is written in full.")
    redirects = release.folder / SITE / REDIRECTS if release else None
    text = redirects.read_text(encoding="utf-8") if redirects and redirects.is_file() else ""
    addresses = first_addresses(address, release.manifest if release else None, text)
    files = _digests(address, release)
    wrong: list[str] = []
    answers = revisits = 0
    with open(made, "xb") as out:
        os.fchmod(out.fileno(), FILE_MODE)
        recorder = Recorder(out, name, _about(address, release, operator), known)
        for exchanges in capture(ArchivedSite(address), addresses):
            for exchange in exchanges:
                revisits += recorder.add(exchange)
                answers += 1
                wrong += _compare(exchange, files)
        out.flush()
        os.fsync(out.fileno())
    return Archived(
        made.parent / name, digest_of_file(made), answers, revisits, tuple(sorted(wrong)), tuple(notes)
    )


def _about(address: str, release: Release | None, operator: str) -> dict[str, str]:
    of = f", release {release.name}" if release else ""
    return {
        "software": f"Quotabord/{VERSION} warcio/{version('warcio')}",
        "format": "WARC File Format 1.1",
        "conformsTo": _STANDARD,
        "operator": operator,
        "robots": "ignore",
        "http-header-user-agent": USER_AGENT,
        "isPartOf": f"{address}/",
        "description": f"The whole site as it was served{of}",
    }


def _digests(address: str, release: Release | None) -> dict[str, tuple[str, str]]:
    """Maps the address of each file of the release to its digests in the tree with the links and in the hidden tree."""
    if release is None:
        return {}
    hidden = release.manifest.hidden_files
    return {
        f"{address}/{place}": (file.sha256, hidden[path].sha256 if path in hidden else "")
        for path, file in release.manifest.files.items()
        if not path.endswith("404.html") and (place := place_of(path)) is not None
    }


def _compare(exchange: Exchange, files: dict[str, tuple[str, str]]) -> list[str]:
    if exchange.url not in files:
        return []
    if exchange.status != 200:
        return [f"{exchange.url}: the response has the status {exchange.status}"]
    found, (site, hidden) = digest(exchange.body), files[exchange.url]
    if found == site:
        return []
    what = "is the file of the hidden tree" if found == hidden else "is not the file of this release"
    return [f"{exchange.url}: the response {what}"]
