"""Merges the events of another version of `quota_state.yaml` into the live log, one programme at a time.

A programme that cannot be merged stays as it is. Programmes are never added or removed: in a merge of the whole file, a
mistyped key would do both. The functions are pure.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from site_src.frozen import dataclass
from site_src.quota.merge import MergeRefused, merge_texts
from site_src.quota.separate_logs import find_keys, read_each_log, split_around


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
        if problem := next(
            (
                f"{id}: {name} {'cannot be read: ' + str(reading.problems[0]) if reading else 'does not contain this programme.'}"
                for name, version in (("the log of this host", ours), ("the other version", theirs))
                if (reading := readings[version].get(id)) is None or reading.log is None
            ),
            None,
        ):
            refused.append(problem)
            continue
        known = readings[base].get(id)
        before, own, after = split_around(text, id)
        try:
            merged = merge_texts(
                split_around(base, id)[1] if known and known.log else None,
                own,
                split_around(theirs, id)[1],
                zone,
                now,
            )
        except MergeRefused as refusal:
            refused += refusal.reasons
            continue
        text = before + merged.text + after
        notes += merged.notes
    return TakenOver(text, tuple(notes), tuple(refused))
