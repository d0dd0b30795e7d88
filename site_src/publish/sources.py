"""What a release is built from: `content/` as it is now, or content as a release keeps it; always the present log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.builder import Builder
from site_src.check.inputs import Inputs
from site_src.problems import InputRefused, Problem, has_errors
from site_src.publish.log_guard import JudgedLogs, LogGuard
from site_src.publish.manifest import digest_of_all, listed
from site_src.publish.releases import INPUTS, RELEASES, Release, all_releases, target_of
from site_src.publish.retired import find_retired
from site_src.quota.log_blocks import LogReading, find_keys, read_each_log
from site_src.read.reader import Reader
from site_src.read.settings import programme_ids
from site_src.read.tree import CONTENT, STATE_FILE, Tree, load_tree


class NoRelease(Exception):
    """Raised, with a sentence, when there is no release to roll back to."""


@dataclass(frozen=True, slots=True)
class Source:
    """Inputs without errors, the bytes of the content that they were read from, and how the logs were judged.

    `kept_by` is the release that had the content.
    """

    inputs: Inputs
    content: Mapping[str, bytes]
    log: bytes
    judged: JudgedLogs
    kept_by: Release | None = None


def read_present(builder: Builder, tree: Tree, guard: LogGuard, target: Path) -> Source:
    """The content of the tree, with exactly the bytes that it was read from, under the logs as the guard judges them.

    Raises InputRefused with every problem of content and log where the content has one, or its programmes are not those of
    the log and of the live release.
    """
    reading = builder.read(tree)
    manuscript = reading.manuscript
    if manuscript is None or has_errors(builder.read_content(tree).problems):
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


def read_kept(builder: Builder, release: Release, tree: Tree, guard: LogGuard) -> Source:
    """The release's content under the log of `tree` as the guard judges it; raises InputRefused.

    The log's times are read in the release's own time zone: the present settings may be what is broken.
    """
    kept = load_tree(release.folder / INPUTS, (CONTENT,))
    there, place = listed(kept.content, with_type=False), f"{RELEASES}/{release.name}/{INPUTS}"
    message = "is not what the release was built from, so that its content cannot be used."
    changed = [
        Problem(f"{place}/{path}", 1, message, "kept-content")
        for path in there.keys() | release.manifest.inputs.keys()
        if there.get(path) != release.manifest.inputs.get(path)
    ]
    content = builder.read_content(kept)
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
    """The bytes of the quota log; none where it cannot be read."""
    return tree.files.get(STATE_FILE, b"")


def needed(live: Release | None) -> Release:
    """The live release; raises NoRelease while there is none."""
    if live is None:
        raise NoRelease("there is no release yet. Publish first.")
    return live


def with_other_content(target: Path, live: Release) -> list[Release]:
    """The live release, then the last earlier one of each other content."""
    found = {digest_of_all(live.manifest.inputs): live}
    for release in all_releases(target):
        if isinstance(release, Release) and release.number < live.number:
            found.setdefault(digest_of_all(release.manifest.inputs), release)
    return list(found.values())


def release_to_roll_back_to(target: Path, live: Release, number: int | None) -> Release:
    """The release of that number; without one, the last one with other content than the live one; raises NoRelease."""
    if number is None:
        others = with_other_content(target, live)[1:]
        if not others:
            raise NoRelease("no earlier release has other content.")
        return others[0]
    readable = [release for release in all_releases(target) if isinstance(release, Release)]
    for release in readable:
        if release.number == number:
            return release
    known = ", ".join(str(release.number) for release in readable)
    raise NoRelease(f"there is no release {number}. Known here: {known}.")


def _judge_kept(known: frozenset[str], reader: Reader, zone: ZoneInfo, guard: LogGuard) -> JudgedLogs:
    """The logs of the programmes of old content, whatever programmes were added to, or taken out of, the present content.

    A programme that is gone from both the present content and the log keeps the events that are published.
    """
    in_file, present = find_keys(reader.read_text(STATE_FILE) or ""), programme_ids(reader.tree)
    gone = known - present - in_file
    readings = _read_apart(reader, known - gone, zone)
    readings |= {id: LogReading(guard.known_log(id)) for id in gone}
    return guard.judge(readings)


def _read_apart(reader: Reader, programmes: frozenset[str], zone: ZoneInfo) -> dict[str, LogReading]:
    """Each programme's log from its own lines; every one has the file's problem where it is no text at all."""
    text = reader.read_text(STATE_FILE)
    if text is None:
        return dict.fromkeys(programmes, LogReading(None, reader.report.problems))
    return read_each_log(text, programmes, zone)
