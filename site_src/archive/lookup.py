"""Looks up which release was live at an instant, and what a page of the release said, in the journal and in the kept releases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from site_src.exit_codes import CommandFailed
from site_src.publish import journal
from site_src.publish.history import LeaseGap, Span, read_lease_gaps, span_at, spans_in
from site_src.publish.manifest import MANIFEST_FILE, Manifest, ManifestBroken, digest, load_manifest
from site_src.publish.releases import HIDDEN, RELEASES, SITE

PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class Found:
    """The release that was live at an instant. `before` was live before this release. `gap` is set if the lease had ended at the
    instant.

    `manifest` is None if the release is no longer kept or cannot be read. `findings` are messages about later changes to the
    files.
    """

    instant: datetime
    span: Span
    before: Span | None
    gap: LeaseGap | None
    manifest: Manifest | None
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A file of a kept release: its path in the release and on this disk, its bytes, and a message if they were changed."""

    path: str
    file: Path
    data: bytes
    finding: str | None


class NotFound(CommandFailed):
    """Raised if no release was live, or if the release does not contain the page. The message is for the user."""


def look_up(target: Path, instant: datetime, shared: Sequence[journal.Line | int] | None = None) -> Found:
    """Returns the release that was live in the target at the instant. Raises NotFound and OSError.

    If the target is a copy of a bucket, `shared` contains the lines of the bucket's journal, which are used instead of the target's.
    """
    lines = list(journal.lines(target)) if shared is None else shared
    spans = spans_in(lines)
    span = span_at(spans, instant)
    if span is None:
        raise NotFound(
            f"The first release was published at {spans[0].begins:%Y-%m-%d %H:%M:%S} UTC; nothing was live at that moment."
            if spans
            else "The journal does not contain a release."
        )
    place = spans.index(span)
    gaps = (gap for gap in read_lease_gaps(target) if gap.begins <= instant)
    gap = next((gap for gap in gaps if gap.ends is None or instant < gap.ends), None)
    findings = list(_find_breaks(lines))
    manifest = _read_manifest(target, span, findings)
    return Found(instant, span, spans[place - 1] if place else None, gap, manifest, tuple(findings))


def _find_breaks(lines: Sequence[journal.Line | int]) -> Iterator[str]:
    broken = [
        line if isinstance(line, int) else line.number
        for line in lines
        if isinstance(line, int) or not line.unbroken
    ]
    if broken:
        yield f"line {broken[0]}: the journal was changed by hand, so it may be wrong. To check: python build.py releases TARGET --verify"


def _read_manifest(target: Path, span: Span, findings: list[str]) -> Manifest | None:
    file = target / RELEASES / span.release / MANIFEST_FILE
    if not file.parent.is_dir():
        return None
    try:
        manifest = load_manifest(file)
        if digest(file.read_bytes()) == span.entry.get("manifest"):
            return manifest
        findings.append(f"{RELEASES}/{span.release}/{MANIFEST_FILE}: is not the one that was published")
    except (OSError, ManifestBroken):
        findings.append(f"{RELEASES}/{span.release}/{MANIFEST_FILE}: cannot be understood")
    return None


def candidates(page: str) -> tuple[str, ...]:
    """Returns the published paths that `page` may name. `page` is, for example, `en/japan/`, `/en/japan` or a complete address."""
    path = urlsplit(page).path.strip() if "://" in page else page.strip()
    path = path.lstrip("/")
    if path == "" or path.endswith("/"):
        return (f"{path}{PAGE}",)
    return (path, f"{path}/{PAGE}")


def read_page(target: Path, found: Found, page: str) -> KeptPage | None:
    """Reads the page from the tree that visitors got: the hidden tree if the lease had ended. Returns None if the release is no
    longer kept.

    Raises NotFound if the release does not contain the page, and OSError.
    """
    if found.manifest is None:
        return None
    name, files = (
        (HIDDEN, found.manifest.hidden_files)
        if found.gap and found.manifest.hidden is not None
        else (SITE, found.manifest.files)
    )
    path = next((path for path in candidates(page) if path in files), None)
    if path is None:
        raise NotFound(f"Release {found.span.release} has no page {page}.")
    file = target / RELEASES / found.span.release / name / path
    place = f"{RELEASES}/{found.span.release}/{name}/{path}"
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return KeptPage(path, file, b"", f"{place}: is missing")
    changed = digest(data) != files[path].sha256
    return KeptPage(path, file, data, f"{place}: was changed" if changed else None)
