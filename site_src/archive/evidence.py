"""Finds the record of a release's page in the WARC files, and the bytes that visitors got."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from site_src.archive.archive_lines import read_archives
from site_src.archive.lookup import Found, candidates
from site_src.archive.warc_files import find_change, list_archives
from site_src.archive.warc_records import WarcBroken, WarcRecord, find_payload, read_records
from site_src.publish.manifest import digest


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record of a page in a WARC file, and the bytes that visitors got."""

    record: WarcRecord
    payload: bytes


def find_recorded(target: Path, folder: Path, found: Found, page: str) -> tuple[Recorded | None, list[str]]:
    """Returns the uncompressed response for the page that was recorded nearest to the instant.

    Uses only responses that were recorded while the release was live. Returns None if there is none. Also returns messages
    about WARC files that are missing, changed or broken; these files are not used. Raises OSError.
    """
    findings: list[str] = []
    records: list[WarcRecord] = []
    for line in read_archives(target):
        if line.release != found.span.release or line.warc is None:
            continue
        addresses = {f"{line.address}/{path.removesuffix('index.html')}" for path in candidates(page)}
        try:
            records += _uncompressed(folder / line.warc, line.sha256, addresses)
        except WarcBroken as error:
            findings.append(str(error))
    ends = found.span.ends
    during = [record for record in records if ends is None or record.date < ends]
    nearest = min(during, key=lambda record: abs(record.date - found.instant), default=None)
    if nearest is None:
        return None, findings
    try:
        return _with_payload(nearest, folder), findings
    except WarcBroken as error:
        return None, [*findings, str(error)]


def _uncompressed(file: Path, sha256: str | None, addresses: Collection[str]) -> list[WarcRecord]:
    """Returns the uncompressed responses for these addresses. Raises WarcBroken, also if the file does not have this digest."""
    if finding := find_change(file, sha256):
        raise WarcBroken(finding)
    return [
        record
        for record in read_records(file)
        if record.url in addresses and not record.is_packed and record.status == 200
    ]


def _with_payload(record: WarcRecord, folder: Path) -> Recorded:
    """Returns the record with the bytes that visitors got. Raises WarcBroken, including for a wrong digest."""
    payload = find_payload(record, reversed(list_archives(folder)))
    if digest(payload) != record.digest:
        raise WarcBroken(f"{record.file}: record {record.id} does not match its digest")
    return Recorded(record, payload)
