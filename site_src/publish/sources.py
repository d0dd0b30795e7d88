"""Reads what a release is built from: present or kept content, with the present log. Chooses the release for a roll-back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.builder import Builder
from site_src.check.inputs import Inputs
from site_src.problems import InputRefused, Problem, has_errors
from site_src.publish.log_guard import JudgedLogs, LogGuard
from site_src.publish.manifest import File, digest_of_all, list_entries
from site_src.publish.releases import INPUTS, RELEASES, Release, all_releases, target_of
from site_src.publish.retired import find_retired
from site_src.quota.separate_logs import LogReading, find_keys, read_each_log
from site_src.read.reader import Reader
from site_src.read.settings import programme_ids
from site_src.read.tree import CONTENT, STATE_FILE, Tree, load_tree


class NoRelease(Exception):
    """Raised if there is no release to roll back to. The message is for the user."""


@dataclass(frozen=True)
class Source:
    """Inputs without errors. `content` and `log` are the bytes that they were read from, and `judged` contains the checked logs.

    `kept_by` is the release that the content comes from; None for the present content.
    """

    inputs: Inputs
    content: Mapping[str, bytes]
    log: bytes
    judged: JudgedLogs
    kept_by: Release | None = None

    @cached_property
    def entries(self) -> Mapping[str, File]:
        """Returns the manifest's entry for each file of the content."""
        return list_entries(self.content, with_type=False)


def read_present(builder: Builder, tree: Tree, guard: LogGuard, target: Path, waits: bool = True) -> Source:
    """Reads the content and the logs of the tree. `guard` checks the logs.

    Raises InputRefused if the content has an error, or if its programmes differ from those in the log and the live release.
    """
    reading = builder.read(tree, waits)
    manuscript = reading.manuscript
    if manuscript is None or has_errors(builder.read_content(tree, waits).problems):
        raise InputRefused(reading.problems)
    programmes = programme_ids(tree)
    if reading.logs is not None:
        readings = {id: LogReading(log) for id, log in reading.logs.items()}
    else:
        reader = Reader(tree)
        readings = _read_apart(reader, programmes, manuscript.content.settings.zone)
        published = frozenset(guard.live.events) if guard.live else frozenset()
        in_file = find_keys(reader.read_text(STATE_FILE) or "")
        if in_file - programmes or programmes - in_file - published:
            raise InputRefused(reading.problems)
    judged = guard.judge(readings)
    warnings = tuple(problem for problem in reading.problems if problem.severity == "warning")
    inputs = Inputs(manuscript, judged.logs, warnings, retired=find_retired(target, tree.content))
    return Source(inputs, tree.content, log_of(tree), judged)


def read_kept(builder: Builder, release: Release, tree: Tree, guard: LogGuard, waits: bool = False) -> Source:
    """Reads the content of `release`, and the log of `tree`, which `guard` checks. Raises InputRefused.

    Local times in the log are in the time zone of the release's settings, because the present settings may be broken.
    """
    kept = load_tree(release.folder / INPUTS, (CONTENT,))
    there, place = list_entries(kept.content, with_type=False), f"{RELEASES}/{release.name}/{INPUTS}"
    message = "is not what the release was built from, so its content cannot be used."
    changed = [
        Problem(f"{place}/{path}", 1, message, "kept-content")
        for path in there.keys() | release.manifest.inputs.keys()
        if there.get(path) != release.manifest.inputs.get(path)
    ]
    content = builder.read_content(kept, waits)
    own = [replace(problem, path=f"{place}/{problem.path}") for problem in content.problems]
    problems = tuple(sorted({*changed, *own}))
    if content.manuscript is None or has_errors(problems):
        raise InputRefused(problems)
    known = frozenset(content.manuscript.content.programmes)
    judged = _judge_kept(known, Reader(tree), content.manuscript.content.settings.zone, guard)
    retired = find_retired(target_of(release), kept.content)
    inputs = Inputs(content.manuscript, judged.logs, problems, content_judged=True, retired=retired)
    return Source(inputs, kept.content, log_of(tree), judged, release)


def log_of(tree: Tree) -> bytes:
    """Returns the bytes of the quota log, or b"" if it cannot be read."""
    return tree.files.get(STATE_FILE, b"")


def require_live(live: Release | None) -> Release:
    """Returns `live`. Raises NoRelease if it is None."""
    if live is None:
        raise NoRelease("there is no release yet. Publish first.")
    return live


def with_other_content(target: Path, live: Release) -> list[Release]:
    """Returns the live release, then the newest release of each different earlier content, the newest first."""
    found = {digest_of_all(live.manifest.inputs): live}
    for release in all_releases(target):
        if isinstance(release, Release) and release.number < live.number:
            found.setdefault(digest_of_all(release.manifest.inputs), release)
    return list(found.values())


def release_to_roll_back_to(target: Path, live: Release, number: int | None) -> Release:
    """Returns release `number`, or, if `number` is None, the newest earlier release with different content. Raises NoRelease."""
    if number is None:
        others = with_other_content(target, live)[1:]
        if not others:
            raise NoRelease("no earlier release has different content.")
        return others[0]
    readable = [release for release in all_releases(target) if isinstance(release, Release)]
    for release in readable:
        if release.number == number:
            return release
    known = ", ".join(str(release.number) for release in readable)
    raise NoRelease(f"there is no release {number}. Known here: {known}.")


def _judge_kept(programmes: frozenset[str], reader: Reader, zone: ZoneInfo, guard: LogGuard) -> JudgedLogs:
    """Returns the checked logs of `programmes`, which are those of an earlier content.

    For a programme that is in neither the present content nor the present log, uses its published log.
    """
    in_file, present = find_keys(reader.read_text(STATE_FILE) or ""), programme_ids(reader.tree)
    gone = programmes - present - in_file
    readings = _read_apart(reader, programmes - gone, zone)
    readings |= {id: LogReading(guard.known_log(id)) for id in gone}
    return guard.judge(readings)


def _read_apart(reader: Reader, programmes: frozenset[str], zone: ZoneInfo) -> dict[str, LogReading]:
    """Reads each programme's log from its own lines. If the file cannot be read, every programme gets the file's problems."""
    text = reader.read_text(STATE_FILE)
    if text is None:
        return dict.fromkeys(programmes, LogReading(None, reader.report.problems))
    return read_each_log(text, programmes, zone)
