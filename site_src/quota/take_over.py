"""Takes over the events of another version of `quota_state.yaml` into the live log, except programmes that cannot be merged.

Pure. Unlike a merge of the whole file, it adds and removes no programme: a mistyped key in the other version would
otherwise do both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from site_src.quota.merge import MergeRefused, merge_texts
from site_src.quota.separate_logs import find_keys, read_each_log, split_around


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Our text with the other version's events, and messages.

    The messages are about each event that was left out, and about each programme whose lines are still ours.
    """

    text: str
    notes: tuple[str, ...]
    refused: tuple[str, ...]


def take_over(base: str, ours: str, theirs: str, zone: ZoneInfo, now: datetime) -> TakenOver:
    """Merges each programme into our text by itself, as `merge_texts` does.

    A programme that cannot be merged keeps our lines.
    """
    text, notes, refused = ours, list[str](), list[str]()
    readings = {version: read_each_log(version, find_keys(version), zone) for version in (base, ours, theirs)}
    for id in sorted(find_keys(ours) | find_keys(theirs)):
        if problem := next(
            (
                f"{id}: {name} {'cannot be read: ' + str(reading.problems[0]) if reading else 'lacks this programme.'}"
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
