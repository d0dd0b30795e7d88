"""Merges the events of another version of `quota_state.yaml` into the live log, one programme at a time.

A programme that cannot be merged stays as it is. Programmes are never added or removed: in a merge of the whole file, a
mistyped key would do both. The functions are pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from site_src.quota.merge import MergeRefused, merge_texts
from site_src.quota.separate_logs import LogReading, find_keys, read_each_log, split_around


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Our text with the events of the other version.

    `notes` contains a message about each event that was left out. `refused` contains a message about each programme that
    could not be merged.
    """

    text: str
    notes: tuple[str, ...]
    refused: tuple[str, ...]


def take_over(base: str, ours: str, theirs: str, zone: ZoneInfo, now: datetime) -> TakenOver:
    """Merges each programme separately into our text, as `merge_texts` does.

    If a programme cannot be merged, its lines in our text stay unchanged.
    """
    text, notes, refused = ours, list[str](), list[str]()
    readings = {version: read_each_log(version, find_keys(version), zone) for version in (base, ours, theirs)}
    for id in sorted(find_keys(ours) | find_keys(theirs)):
        named = {
            "the log of this host": readings[ours].get(id),
            "the other version": readings[theirs].get(id),
        }
        if problem := next(filter(None, (_explain(name, reading) for name, reading in named.items())), None):
            refused.append(f"{id}: {problem}")
            continue
        known = readings[base].get(id)
        before, own, after = split_around(text, id)
        old = split_around(base, id)[1] if known and known.log else None
        try:
            merged = merge_texts(old, own, split_around(theirs, id)[1], zone, now)
        except MergeRefused as refusal:
            refused += refusal.reasons
            continue
        text = before + merged.text + after
        notes += merged.notes
    return TakenOver(text, tuple(notes), tuple(refused))


def _explain(name: str, reading: LogReading | None) -> str | None:
    """Returns why the programme of this version cannot be merged, or None."""
    if reading is None:
        return f"{name} does not contain this programme."
    return f"{name} cannot be read: {reading.problems[0]}" if reading.log is None else None
