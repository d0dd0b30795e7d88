"""Reads each programme's quota log separately, so that a mistake in one log does not affect the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from site_src.problems import Problem, Report
from site_src.quota.event_keys import parse_quota_logs
from site_src.quota.log import Log
from site_src.read.tree import STATE_FILE

# The line with a programme's key. The lines of its events follow.
_KEY = re.compile(r"""\ufeff?["']?([a-z0-9][a-z0-9-]*)["']?[ \t]*:(?:[ \t\r].*)?""")


@dataclass(frozen=True, slots=True)
class LogReading:
    """A programme's log. If its lines contain a mistake, `log` is None and `problems` contains the problems."""

    log: Log | None
    problems: tuple[Problem, ...] = ()


def read_each_log(text: str, programmes: frozenset[str], zone: ZoneInfo) -> dict[str, LogReading]:
    """Reads each of `programmes` from its own lines only. Mistakes in other lines do not matter.

    A programme's lines are those from its key to the next key, including conflict markers. Lines above the first key
    belong to the first programme.
    """
    lines = text.split("\n")
    owners = _owners(lines)
    readings = {}
    for id in sorted(programmes):
        own = "\n".join(line if owner == id else "" for line, owner in zip(lines, owners, strict=True))
        readings[id] = _read_one(id, own, zone) if id in owners else LogReading(None, (_explain_absence(id),))
    return readings


def find_keys(text: str) -> frozenset[str]:
    """Returns the programmes that have a key in the text, even if their lines contain mistakes."""
    return frozenset(filter(None, _owners(text.split("\n"))))


def split_blocks(text: str) -> tuple[str, dict[str, str]]:
    """Returns the lines above the first key, and maps each programme to its lines, in the order of the text.

    A programme's lines begin with its key.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    starts = [number for number, line in enumerate(lines) if _KEY.fullmatch(line.rstrip("\n"))]
    preface = "".join(lines[: starts[0]] if starts else lines)
    blocks: dict[str, str] = {}
    owner = ""
    for line in lines[starts[0] :] if starts else ():
        found = _KEY.fullmatch(line.rstrip("\n"))
        owner = found[1] if found else owner
        blocks[owner] = blocks.get(owner, "") + line
    return preface, blocks


def split_around(text: str, programme: str) -> tuple[str, str, str]:
    """Splits the text at one programme's lines: returns the text before them, the lines, and the text after them.

    The text must contain the programme's key once.
    """
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    owners = _owners(text.split("\n"))
    start, number = owners.index(programme), owners.count(programme)
    return "".join(lines[:start]), "".join(lines[start : start + number]), "".join(lines[start + number :])


def _owners(lines: list[str]) -> list[str]:
    """Returns the programme of each line; "" for every line if the text has no key."""
    owners: list[str] = []
    owner = next((found[1] for line in lines if (found := _KEY.fullmatch(line))), "")
    for line in lines:
        found = _KEY.fullmatch(line)
        owner = found[1] if found else owner
        owners.append(owner)
    return owners


def _read_one(id: str, text: str, zone: ZoneInfo) -> LogReading:
    report = Report()
    logs: Mapping[str, Log] | None = parse_quota_logs(text, frozenset({id}), zone, report)
    return LogReading(logs[id]) if logs else LogReading(None, report.problems)


def _explain_absence(id: str) -> Problem:
    message = f"{id}: its events are missing. Restore them from the history: git log -p {STATE_FILE}"
    return Problem(STATE_FILE, 1, message, "quota-programme")
