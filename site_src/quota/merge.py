"""Merges two versions of `quota_state.yaml` by programme and event, not by line.

The functions are pure: they take texts, and return a text or refuse. The result has the comments and layout of our
version. An event that only their version contains keeps the lines that it has there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from site_src.instants import local_text
from site_src.quota.event_lines import split_events, write_event
from site_src.quota.log import Event, Log
from site_src.quota.merge_events import EventsConflict, LeftOut, MergedLog, merge_logs
from site_src.quota.separate_logs import LogReading, find_keys, read_each_log, split_blocks
from site_src.read.tree import STATE_FILE


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text and its logs. `notes` says which events were left out, and which have lost `mistake: true`."""

    text: str
    logs: Mapping[str, Log]
    notes: tuple[str, ...]


class MergeRefused(Exception):
    """Raised if a programme cannot be merged. `reasons` contains a message for each such programme.

    `text` contains all other programmes, merged, and both versions of each such programme between conflict markers.
    """

    def __init__(self, reasons: tuple[str, ...], text: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons, self.text = reasons, text


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of the file: the lines above the first programme, and each programme's lines and log."""

    preface: str
    blocks: Mapping[str, str]
    readings: Mapping[str, LogReading]


def merge_texts(base: str | None, ours: str, theirs: str, zone: ZoneInfo, now: datetime) -> Merged:
    """Merges our version and theirs. `base` is their common earlier version, or None if it is not known.

    Local times in the texts are in `zone`. Events up to `now` are past. The result has our line endings. Raises
    MergeRefused.
    """
    versions = _Versions(_read(base or "", zone), _read(ours, zone), _read(theirs, zone), zone)
    parts, expected, reasons, notes = [versions.preface], {}, [], []
    for id in dict.fromkeys([*versions.own.blocks, *versions.other.blocks]):
        if not versions.both_have(id):
            parts.append(versions.keep_or_remove(id))
            continue
        found = versions.merge(id, now)
        if isinstance(found, str):
            reasons.append(f"{id}: {found}")
            parts.append(versions.mark(id))
            continue
        expected[id] = found.log
        parts.append(versions.write(id, found.log))
        notes += [_explain(id, left_out, zone) for left_out in found.left_out]
        notes += [
            f'{id}: {_describe(event, zone)} no longer has "mistake: true", because it does not correct the event above it.'
            for event in found.unmarked
        ]
    text = "".join(parts)
    for id, reading in read_each_log(text, frozenset(expected), zone).items():
        if reading.log != expected[id] and not reasons:
            reasons.append(
                f"{id}: {STATE_FILE} is laid out in a way that cannot be merged. Merge it by hand."
            )
    text = text.replace("\n", "\r\n") if "\r\n" in ours else text
    if reasons:
        raise MergeRefused(tuple(reasons), text)
    return Merged(text, expected, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Versions:
    """The common earlier version (`base`), ours (`own`) and theirs (`other`), with local times in `zone`."""

    base: _Version
    own: _Version
    other: _Version
    zone: ZoneInfo

    @property
    def preface(self) -> str:
        """Returns the lines above the first programme: theirs if ours are unchanged since the base, otherwise ours."""
        return self.other.preface if self.own.preface == self.base.preface else self.own.preface

    def both_have(self, id: str) -> bool:
        """Returns True if both our version and theirs contain the programme."""
        return id in self.own.blocks and id in self.other.blocks

    def keep_or_remove(self, id: str) -> str:
        """Returns the lines of a programme that only one version contains.

        Returns "" if the other version has removed the programme, and its lines here are unchanged since the base.
        """
        block = self.own.blocks.get(id) or self.other.blocks[id]
        return "" if self.base.blocks.get(id) == block else block

    def merge(self, id: str, now: datetime) -> MergedLog | str:
        """Returns the merged log of a programme that both versions contain, or a message that says why it cannot be merged."""
        ours, theirs = self.own.readings[id], self.other.readings[id]
        for name, reading in (("our", ours), ("their", theirs)):
            if reading.log is None:
                return f"{name} version cannot be read: {reading.problems[0]}"
        base = self.base.readings.get(id)
        try:
            return merge_logs(base.log if base else None, ours.log or (), theirs.log or (), now)
        except EventsConflict as conflict:
            return (
                f"ours has {_describe(conflict.ours, self.zone)}, theirs has {_describe(conflict.theirs, self.zone)}. "
                "Decide which is true, and delete the other."
            )

    def write(self, id: str, log: Log) -> str:
        """Returns the programme's lines for the merged `log`, with the existing lines of each event where possible."""
        ours, theirs, base = self.own.blocks[id], self.other.blocks[id], self.base.blocks.get(id)
        if log == self.other.readings[id].log and ours == base:
            return theirs
        if log == self.own.readings[id].log:
            return ours
        head, _, dash, rest = split_events(ours, id)
        lines = _lines_of(id, self.base, dash)
        lines |= _lines_of(id, self.other, dash) | _lines_of(id, self.own, dash)
        return head + "".join(lines.get(event) or write_event(event, self.zone, dash) for event in log) + rest

    def mark(self, id: str) -> str:
        """Returns our lines and theirs between conflict markers.

        The markers are below the programme's key, so they affect only this programme.
        """
        (key, _, lines), (_, _, others) = (
            version.blocks[id].partition("\n") for version in (self.own, self.other)
        )
        return f"{key}\n{mark_conflict(lines, others)}"


def _read(text: str, zone: ZoneInfo) -> _Version:
    lines = text.replace("\r\n", "\n")
    lines += "\n" if lines and not lines.endswith("\n") else ""
    preface, blocks = split_blocks(lines)
    return _Version(preface, blocks, read_each_log(lines, find_keys(lines), zone))


def _lines_of(id: str, version: _Version, dash: int) -> dict[Event, str]:
    """Maps each event of the programme to its lines; empty if the dashes of this version are not in column `dash`."""
    if id not in version.blocks or (log := version.readings[id].log) is None:
        return {}
    _, pieces, column, _ = split_events(version.blocks[id], id)
    return dict(zip(log, pieces, strict=True)) if column == dash else {}


def mark_conflict(ours: str, theirs: str) -> str:
    """Returns both texts between conflict markers."""
    return f"<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n"


def _explain(id: str, left_out: LeftOut, zone: ZoneInfo) -> str:
    if left_out.repeats:
        return f"{id}: {_describe(left_out.event, zone)} was left out, because it may not follow {_describe(left_out.repeats, zone)}."
    return (
        f"{id}: {_describe(left_out.event, zone)} was left out, because the other version hides the link at that moment. "
        f"If the event is true, run: python build.py quota set {id} {left_out.event.state}"
    )


def _describe(event: Event, zone: ZoneInfo) -> str:
    by = f", by {event.by}" if event.by else ""
    places = f" ({event.places} places)" if event.places is not None else ""
    return f"{event.state}{places} from {local_text(event.starts, zone)}{by}"
