"""What a release is built from: `content/` as it is now, or content as a release keeps it; always the present log."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from site_src.builder import Inputs, checked, read_inputs
from site_src.convert.conversions import Conversions
from site_src.problems import InputRefused, Problem, has_errors
from site_src.publish.manifest import Manifest, digest_of_all, listed
from site_src.publish.releases import INPUTS, RELEASES, Release, all_releases
from site_src.quota.log import STATE_FILE, Event, Log, parse_quota_logs, read_quota_logs
from site_src.read.content import Content, read_content
from site_src.read.settings import programme_ids
from site_src.read.tree import MAX_BYTES, files_below, read_source
from site_src.read.yaml import parse_yaml

_ATTEMPTS = 5


class NoRelease(Exception):
    """Raised, with a sentence, when there is no release to roll back to."""


@dataclass(frozen=True, slots=True)
class Source:
    """Inputs without errors, and the bytes of the content that they were read from; `kept_by` is the release that had them."""

    inputs: Inputs
    content: Mapping[str, bytes]
    kept_by: Release | None = None


class PresentContent:
    """Reads `content/` and the log below `root`; a second time only what has changed."""

    def __init__(self, root: Path, conversions: Conversions) -> None:
        self._root, self._conversions = root, conversions
        self._last: Source | None = None

    def read(self) -> Source:
        """All inputs, with exactly the bytes that were read; raises InputRefused with every problem."""
        for _ in range(_ATTEMPTS):
            content = snapshot(self._root)
            if self._last and self._last.content == content:
                return replace(self._last, inputs=self._with_present_log(self._last.inputs))
            inputs = read_inputs(self._root, self._conversions)
            # Somebody may have saved a page meanwhile: then nobody knows which of the two was read.
            if snapshot(self._root) == content:
                self._last = Source(inputs, content)
                return self._last
        message = "changes again and again while it is read. Publish when the edit is done."
        raise InputRefused([Problem("content", 1, message, "changing")])

    def _with_present_log(self, inputs: Inputs) -> Inputs:
        problems = [warning for warning in inputs.warnings if warning.path != STATE_FILE]
        zone = inputs.manuscript.content.settings.zone
        logs = read_quota_logs(self._root, programme_ids(self._root), zone, problems)
        if logs is None or has_errors(problems):
            raise InputRefused(problems)
        return replace(inputs, logs=logs, warnings=tuple(sorted(set(problems))))


def read_kept(release: Release, root: Path, live: Manifest, conversions: Conversions) -> Source:
    """The release's content under the present log of `root`; raises InputRefused.

    The log's times are read in the release's own time zone: the present settings may be what is broken.
    """
    content = snapshot(release.folder / INPUTS)
    there, place = listed(content, with_type=False), f"{RELEASES}/{release.name}/{INPUTS}"
    message = "is not what the release was built from, so that its content cannot be used."
    problems = [
        Problem(f"{place}/{path}", 1, message, "kept-content")
        for path in there.keys() | release.manifest.inputs.keys()
        if there.get(path) != release.manifest.inputs.get(path)
    ]
    found: list[Problem] = []
    read = read_content(release.folder / INPUTS, found)
    in_log: list[Problem] = []
    logs = _present_logs(read, root, live, in_log)
    try:
        inputs = checked(read, logs, conversions, [*problems, *found, *in_log]).inputs()
    except InputRefused as error:
        own = [problem for problem in error.problems if not _is_of_content(problem)]
        kept = [
            replace(problem, path=f"{place}/{problem.path}")
            for problem in error.problems
            if _is_of_content(problem)
        ]
        raise InputRefused([*own, *kept]) from None
    return Source(inputs, content, release)


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


def snapshot(root: Path) -> dict[str, bytes]:
    """The bytes of every file below `content/`, by path; none for what is no plain file, or cannot be read."""
    return {path: _bytes(root / path) for path in files_below(root, "content", [])}


def _present_logs(
    content: Content | None, root: Path, live: Manifest, problems: list[Problem]
) -> dict[str, Log] | None:
    """A log for each programme of old content, whatever programmes were added to, or taken out of, the present content.

    A programme that is gone from both the present content and the log keeps the events that are published.
    """
    text = read_source(root, STATE_FILE, problems)
    if content is None or text is None:
        return None
    document = parse_yaml(text, STATE_FILE, [])
    in_file = frozenset(document.value) if document and isinstance(document.value, dict) else frozenset()
    known, present = frozenset(content.programmes), programme_ids(root)
    wanted = (known & (present | in_file)) | (in_file & present)
    logs = parse_quota_logs(text, wanted, content.settings.zone, problems)
    if logs is None:
        return None
    gone = {
        id: tuple(Event(past.state, past.starts) for past in live.events.get(id, ())) for id in known - wanted
    }
    return {**gone, **{id: logs[id] for id in known & wanted}}


def _is_of_content(problem: Problem) -> bool:
    return problem.path.startswith("content")


def _bytes(file: Path) -> bytes:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return b""
    with open(descriptor, "rb") as opened:
        return opened.read(MAX_BYTES + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
