"""`releases` and `rollback`: list what was published, check it for changes, and publish earlier content again."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.archive.files import find_changed_archives
from site_src.commands.anchor_keys import load_anchor_keys
from site_src.commands.archive import folder_of
from site_src.commands.bucket_target import open_named, take_bucket, use_bucket
from site_src.commands.progress import Progress
from site_src.commands.publish import carry_out, hide_first, report_refusal
from site_src.commands.report import pluralize
from site_src.commands.target import checked_target
from site_src.commands.who import who
from site_src.exit_codes import CONTENT_PENDING, DONE, NOT_SHOWN, PROBLEMS, WrongUse
from site_src.file_lock import LONG_WAIT, SHORT_WAIT, Wait
from site_src.gate.gate import GateRefused
from site_src.instants import utc_text
from site_src.problems import InputRefused
from site_src.publish import journal
from site_src.publish.anchor import check_anchors
from site_src.publish.audit import find_tampering
from site_src.publish.manifest import Manifest, ManifestBroken
from site_src.publish.publication import Plan, changes
from site_src.publish.publisher import Publisher
from site_src.publish.releases import Release, all_releases, live_release, target_lock
from site_src.publish.sources import NoRelease
from site_src.read.local import read_local
from site_src.states import STATES_WITH_LINK

if TYPE_CHECKING:
    from site_src.bucket.opening import Bucket


def run(options: argparse.Namespace, root: Path) -> int:
    """Prints each release, the newest first; with --verify also each difference from what was published, and returns 1 if any."""
    take_bucket(options, root)
    target = _existing(options, root)
    folder = find_archive_folder(root, target)
    if options.at is not None:
        from site_src.commands.releases_at import show

        return show(options, root, target, folder, _read_shared_journal(options, root, target))
    if options.page is not None or options.out is not None:
        raise WrongUse('--page and --out need a moment: --at "2026-04-01 11:42".')
    if options.anchor and not options.verify:
        raise WrongUse("--anchor goes with --verify.")
    try:
        live = live_release(target)
    except ManifestBroken:
        live = None
    known = all_releases(target)
    findings = _find_tampering(root, target, folder, options.anchor) if options.verify else []
    if options.bucket and options.verify:
        from site_src.bucket.audit import find_tampering_in_bucket

        findings += find_tampering_in_bucket(_open(options, root, target).pointers)
    if options.json:
        listed = [_as_json(release, live) for release in known]
        print(
            json.dumps({"releases": listed, **({"findings": findings} if options.verify else {})}, indent=2)
        )
        return PROBLEMS if findings else DONE
    for release in known:
        print(_line(release, live))
    for finding in findings:
        print(finding, file=sys.stderr)
    if options.verify:
        lines = sum(1 for _ in journal.lines(target))
        print(
            f"{pluralize(len(known), 'release')}, {pluralize(lines, 'line')} in the journal: {pluralize(len(findings), 'finding')}"
        )
    return PROBLEMS if findings else DONE


def _find_tampering(root: Path, target: Path, folder: Path | None, anchors: str | None) -> list[str]:
    """What differs from what was published and archived, and from the anchors; raises WrongUse for anchors that cannot be read."""
    findings = find_tampering(target)
    if folder:
        findings += find_changed_archives(target, folder)
    if anchors:
        try:
            findings += check_anchors(target, Path(anchors), load_anchor_keys(root))
        except OSError as error:
            raise WrongUse(f"--anchor: {anchors}: {error.strerror}.") from None
    return findings


def find_archive_folder(root: Path, target: Path) -> Path | None:
    """The folder of the target's WARC files; None if local.yaml names none for this target."""
    local, _ = read_local(root)
    return Path(local.archive) if local and local.archive and folder_of(local, root) == target else None


def roll_back(options: argparse.Namespace, root: Path) -> int:
    """Shows what a roll-back changes, publishes the earlier content with the present states, and returns the exit code."""
    target, number = _existing(options, root), _number(options.release)
    progress = Progress()
    publisher = Publisher(
        root, target, who(options), options.keep, Wait(tell=progress.waiting), progress.step
    )
    use_bucket(publisher, options, root, target, LONG_WAIT)
    try:
        plan, live = publisher.plan_roll_back(number)
    except (InputRefused, GateRefused, NoRelease) as error:
        return report_refusal(error, options, target)
    if options.dry_run or not options.yes:
        _describe(plan, live.manifest, changes(plan, live))
    if options.dry_run:
        print("Dry run: nothing was published.", file=sys.stderr)
        return DONE
    if not options.yes and not _agreed():
        print("Refused: the answer was not yes. Nothing was published.", file=sys.stderr)
        return PROBLEMS
    chosen = plan.source.kept_by.number if plan.source.kept_by else number
    hide_first(root, target, options)
    code = carry_out(lambda: publisher.roll_back(chosen), options, root, target)
    if code in (DONE, CONTENT_PENDING, NOT_SHOWN):
        print(
            "While content/ stays as it is, later publishes keep this content. Mend content/, and publish.",
            file=sys.stderr,
        )
    return code


def _existing(options: argparse.Namespace, root: Path) -> Path:
    target = checked_target(options, root)
    if options.bucket:
        from site_src.bucket.catching_up import catch_up

        pointers = _open(options, root, target).pointers
        with target_lock(target, Wait(LONG_WAIT)):
            if catch_up(pointers, target)[0] is None:
                raise WrongUse(f"{options.bucket}: nothing was published there yet.")
    if not target.is_dir():
        raise WrongUse(f"{options.target} is not there. Name the published folder.")
    return target


def _read_shared_journal(
    options: argparse.Namespace, root: Path, target: Path
) -> list[journal.Line | int] | None:
    """The lines of the bucket's journal; None for a folder. Raises StoreFailed."""
    if not options.bucket:
        return None
    from site_src.bucket.shared_journal import read_lines

    return read_lines(_open(options, root, target).pointers.store)


def _open(options: argparse.Namespace, root: Path, target: Path) -> Bucket:
    return open_named(options, root, target, SHORT_WAIT, writes=False)


def _number(given: str | None) -> int | None:
    if given is None:
        return None
    digits = given.partition("-")[0]
    if not digits.isascii() or not digits.isdigit():
        raise WrongUse(
            f'"{given}" is not the number of a release. To list them: python build.py releases TARGET'
        )
    return int(digits)


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


def _describe(plan: Plan, live: Manifest, changed: dict[str, list[str]]) -> None:
    print(f"live      release {live.name}, content of {live.content_of}")
    print(f"after it  the content of release {plan.content_of}, with the present states:")
    for id, status in plan.draft.site.programmes.items():
        print(f"  {id}: {status.state}, link {'shown' if status.state in STATES_WITH_LINK else 'hidden'}")
    for what, paths in changed.items():
        print(f"{what:<8}  {pluralize(len(paths), 'file')}")
        for path in paths:
            print(f"  {path}")


def _agreed() -> bool:
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        raise WrongUse("there is no terminal to ask you on. Add --yes to do it, or --dry-run to look first.")
    try:
        return input("Type yes to do it: ").strip().casefold() in ("yes", "y")
    except (EOFError, KeyboardInterrupt):
        print()
        return False
