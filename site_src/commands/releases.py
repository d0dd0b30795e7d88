"""`releases`: lists what was published, and verifies it (`--verify`, `--anchor`)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.commands.journal import load_anchor_keys
from site_src.commands.output import pluralize, print_json, say
from site_src.commands.target import checked_target, find_folder, take_bucket
from site_src.exit_codes import DONE, PROBLEMS, WrongUse
from site_src.file_lock import LONG_WAIT
from site_src.instants import utc_text
from site_src.publish import journal
from site_src.publish.anchor import check_anchors
from site_src.publish.audit import find_tampering
from site_src.publish.releases import Release, all_releases, find_live
from site_src.read.project import Project

if TYPE_CHECKING:
    from site_src.bucket.anchor_keys import AnchorKeys


def run(options: argparse.Namespace, project: Project) -> int:
    """Prints each release, the newest first.

    With --verify, also prints each difference from what was published, and returns 1 if there is one.
    """
    take_bucket(options, project)
    target = find_existing(options, checked_target(options, project.root))
    folder = find_archive_folder(project, target)
    if options.at is not None:
        from site_src.commands.releases_at import show

        return show(options, project, target, folder)
    if options.page is not None or options.out is not None:
        raise WrongUse('--page and --out need a moment: --at "2026-04-01 11:42".')
    if options.anchor and not options.verify:
        raise WrongUse("--anchor needs --verify.")
    live, known = find_live(target), all_releases(target)
    findings = _find_tampering(options, target, folder) if options.verify else []
    if options.anchor:
        findings += _check_anchors(target, Path(options.anchor), load_anchor_keys(project))
    if options.json:
        entries = [_as_json(release, live) for release in known]
        print_json({"releases": entries, **({"findings": findings} if options.verify else {})})
    else:
        _print_list(known, live, findings)
        if options.verify:
            lines = pluralize(sum(1 for _ in journal.lines(target)), "line")
            releases = pluralize(len(known), "release")
            print(f"{releases}, {lines} in the journal: {pluralize(len(findings), 'finding')}")
    return PROBLEMS if findings else DONE


def _print_list(releases: Sequence[Release | str], live: Release | None, findings: Sequence[str]) -> None:
    for release in releases:
        print(_line(release, live))
    say(*findings)


def _find_tampering(options: argparse.Namespace, target: Path, folder: Path | None) -> list[str]:
    """Returns a message for each difference from what was published and archived. Raises OSError if a bucket cannot be read."""
    findings = find_tampering(target)
    if folder:
        from site_src.archive.warc_files import find_changed_archives

        findings += find_changed_archives(target, folder)
    if options.bucket:
        from site_src.bucket.audit import find_tampering_in_bucket

        findings += find_tampering_in_bucket(options.bucket.open().pointers)
    return findings


def _check_anchors(target: Path, anchors: Path, keys: AnchorKeys | None) -> list[str]:
    """Returns a message for each difference from the anchors in the file. Raises WrongUse if the file cannot be read."""
    try:
        return list(check_anchors(target, anchors, keys.verify if keys else None))
    except OSError as error:
        raise WrongUse(f"--anchor: {anchors}: {error.strerror}.") from None


def find_archive_folder(project: Project, target: Path) -> Path | None:
    """Returns the folder of the target's WARC files, or None if local.yaml names none for this target."""
    local, _ = project.read_local()
    return Path(local.archive) if local and local.archive and find_folder(local, project) == target else None


def find_existing(options: argparse.Namespace, target: Path) -> Path:
    """Returns the target, with a bucket's live release. Raises OSError, and WrongUse if the target does not exist."""
    if options.bucket:
        options.bucket.catch_up(LONG_WAIT)
    if not target.is_dir():
        raise WrongUse(f"{options.target} does not exist. Name the published folder.")
    return target


def _line(release: Release | str, live: Release | None) -> str:
    if isinstance(release, str):
        return f"  {release:<20}  its manifest cannot be read"
    manifest = release.manifest
    mark = "*" if live and release.name == live.name else " "
    content = "" if manifest.content_of == manifest.number else f"  content of {manifest.content_of}"
    states = "  ".join(f"{id} {state}" for id, state in sorted(manifest.states.items()))
    return f"{mark} {release.name:<20}  {manifest.instant:%Y-%m-%d %H:%M:%S} UTC  {states}{content}"


def _as_json(release: Release | str, live: Release | None) -> dict[str, object]:
    if isinstance(release, str):
        return {"name": release, "readable": False}
    manifest = release.manifest
    return {
        "name": release.name,
        "readable": True,
        "live": bool(live and release.name == live.name),
        "release": manifest.release,
        "instant": utc_text(manifest.instant),
        "states": manifest.states,
        "contentOf": manifest.content_of,
        "files": len(manifest.files),
    }
