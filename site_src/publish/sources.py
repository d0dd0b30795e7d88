"""What a release is built from: `content/` as it is now, or content as a release keeps it; always the present log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from site_src.builder import Builder
from site_src.check.inputs import Inputs, Reading
from site_src.problems import Problem, Report
from site_src.publish.manifest import Manifest, digest_of_all, listed
from site_src.publish.releases import INPUTS, RELEASES, Release, all_releases, target_of
from site_src.publish.retired import find_retired
from site_src.quota.log import Event, Log, parse_quota_logs
from site_src.read.content import Content
from site_src.read.reader import Reader
from site_src.read.settings import programme_ids
from site_src.read.tree import CONTENT, STATE_FILE, Tree, load_tree
from site_src.read.yaml import parse_yaml


class NoRelease(Exception):
    """Raised, with a sentence, when there is no release to roll back to."""


@dataclass(frozen=True, slots=True)
class Source:
    """Inputs without errors, and the bytes of the content that they were read from; `kept_by` is the release that had them."""

    inputs: Inputs
    content: Mapping[str, bytes]
    kept_by: Release | None = None


def read_present(builder: Builder, tree: Tree, target: Path) -> Source:
    """The inputs of the tree, with exactly the bytes that they were read from; raises InputRefused with every problem."""
    inputs = builder.read(tree).inputs()
    return Source(replace(inputs, retired=find_retired(target, tree.content, tree.content)), tree.content)


def read_kept(builder: Builder, release: Release, tree: Tree, live: Manifest) -> Source:
    """The release's content under the log of `tree`; raises InputRefused.

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
    reader = Reader(tree)
    logs = _read_logs(content.manuscript.content, reader, live) if content.manuscript else None
    problems = tuple(sorted({*changed, *own, *reader.report.problems}))
    inputs = Reading(content.manuscript, logs, problems).inputs()
    retired = find_retired(target_of(release), kept.content, tree.content)
    return Source(replace(inputs, content_judged=True, retired=retired), kept.content, release)


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


def _read_logs(content: Content, reader: Reader, live: Manifest) -> dict[str, Log] | None:
    """A log for each programme of old content, whatever programmes were added to, or taken out of, the present content.

    A programme that is gone from both the present content and the log keeps the events that are published.
    """
    text = reader.read_text(STATE_FILE)
    if text is None:
        return None
    document = parse_yaml(text, STATE_FILE, Report())
    in_file = frozenset(document.value) if document and isinstance(document.value, dict) else frozenset()
    known, present = frozenset(content.programmes), programme_ids(reader.tree)
    wanted = (known & (present | in_file)) | (in_file & present)
    logs = parse_quota_logs(text, wanted, content.settings.zone, reader.report)
    if logs is None:
        return None
    gone = {
        id: tuple(Event(past.state, past.starts) for past in live.events.get(id, ())) for id in known - wanted
    }
    return {**gone, **{id: logs[id] for id in known & wanted}}
