"""Makes one WARC file of a site in a folder: under a temporary name first, and completely or not at all.

DIR/quotabord-20260401094213500-12-3f9ac0417be2.warc   the time (UTC) at which it was begun, and the release
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
from site_src.archive.addresses import REDIRECTS, Site, first_addresses, place_of
from site_src.archive.capture import capture
from site_src.archive.exchange import USER_AGENT, Exchange
from site_src.archive.warc import Recorder, WarcBroken, read_known
from site_src.archive.warc_files import digest_of_file, list_archives, name_archive
from site_src.file_lock import LONG_WAIT, Wait, lock_file
from site_src.publish.manifest import digest
from site_src.publish.releases import SITE, Release
from site_src.publish.store import FILE_MODE, FOLDER_MODE, sync

LOCK = "archive.lock"
_UNFINISHED = ".unfinished-"
_STANDARD = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


@dataclass(frozen=True, slots=True)
class Archived:
    """A WARC file that was made: its SHA-256, and the numbers of its answers and revisits.

    `wrong` has the addresses whose answers differ from the files of the release, each with the difference. `notes` are messages for
    people.
    """

    file: Path
    sha256: str
    answers: int
    revisits: int
    wrong: tuple[str, ...]
    notes: tuple[str, ...]


def archive(address: str, folder: Path, release: Release | None, operator: str) -> Archived:
    """Records the site at `address` (without "/" at its end) in a new WARC file in the folder. Makes the folder if it is
    missing.

    With a release, requests all its files and compares the answers. After CaptureFailed or OSError, there is no new file.
    """
    if not folder.is_dir():
        folder.mkdir(FOLDER_MODE)
    with lock_file(folder / LOCK, Wait(LONG_WAIT)):
        for left in folder.glob(f"{_UNFINISHED}*"):
            left.unlink()
        begun = datetime.now(UTC)
        name = name_archive(begun, release.name if release else None)
        made = folder / f"{_UNFINISHED}{name}"
        try:
            archived = _write(made, name, address, release, operator)
            made.rename(folder / name)
        except BaseException:
            with suppress(OSError):
                made.unlink()
            raise
        with suppress(OSError):  # Not every file system can fsync a folder.
            sync(folder)
        return archived


def _write(made: Path, name: str, address: str, release: Release | None, operator: str) -> Archived:
    notes, known = [], {}
    if before := list_archives(made.parent)[-1:]:
        try:
            known = read_known(before[0])
        except WarcBroken as error:
            notes.append(f"{error} So every answer is written in full.")
    redirects = release.folder / SITE / REDIRECTS if release else None
    text = redirects.read_text(encoding="utf-8") if redirects and redirects.is_file() else ""
    addresses = first_addresses(address, release.manifest if release else None, text)
    files = _digests(address, release)
    wrong: list[str] = []
    answers = revisits = 0
    with made.open("xb") as out:
        os.fchmod(out.fileno(), FILE_MODE)
        recorder = Recorder(out, name, _about(address, release, operator), known)
        for exchanges in capture(Site(address), addresses):
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
        "description": f"The whole site as it answered{of}",
    }


def _digests(address: str, release: Release | None) -> dict[str, tuple[str, str]]:
    """Maps each address of the release's files to the digests of the file in the two trees of the release."""
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
        return [f"{exchange.url}: was answered with status {exchange.status}"]
    found, (site, hidden) = digest(exchange.body), files[exchange.url]
    if found == site:
        return []
    what = "is that of the hidden tree" if found == hidden else "is not the file of this release"
    return [f"{exchange.url}: {what}"]
