"""What the operator's commands read: the log, the settings and the programmes; they read no page, so that a broken one stops nothing.

A change of state never waits for content: where the log can be read, mistakes in `content/` are only reported.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.exit_codes import WrongUse
from site_src.problems import InputRefused, Problem, did_you_mean
from site_src.quota.log import STATE_FILE, Log, parse_quota_logs, read_quota_logs
from site_src.read.schema import Programme
from site_src.read.settings import SETTINGS_FILE, programme_ids, read_programmes, read_settings
from site_src.read.tree import MAX_BYTES, read_source
from site_src.read.yaml import Document, parse_yaml
from site_src.states import State, nearest_state


@dataclass(frozen=True, slots=True)
class QuotaInputs:
    """The quota log of each programme, and what is needed to describe it.

    Where `problems` has mistakes in `content/`, `programmes` lacks those whose file is not right. `zone` is the zone of
    times without an offset, `language` the default one.
    """

    zone: ZoneInfo
    language: str
    programmes: Mapping[str, Programme]
    logs: Mapping[str, Log]
    problems: tuple[Problem, ...]

    def name(self, programme: str) -> str:
        """What the programme is called in the default language; its id where that cannot be read."""
        known = self.programmes.get(programme)
        return known.names[self.language] if known else programme

    def zones(self, programme: str) -> tuple[ZoneInfo, ...]:
        """The site's zone, and the programme's where it is known and another."""
        known = self.programmes.get(programme)
        return tuple(dict.fromkeys((self.zone, ZoneInfo(known.time_zone) if known else self.zone)))


def read_quota_inputs(root: Path) -> QuotaInputs:
    """The inputs; raises InputRefused when the log, or the time zone that it needs, cannot be read."""
    problems: list[Problem] = []
    documents: dict[str, Document] = {}
    settings = read_settings(root, problems, documents)
    zone = settings.zone if settings else _zone_in(documents.get(SETTINGS_FILE)) or _zone_typed(root)
    if zone is None:
        raise InputRefused(problems)
    programmes = read_programmes(root, settings, problems, documents) if settings else {}
    logs = _logs(root, zone, problems)
    language = settings.default_language if settings else ""
    errors = (problem for problem in problems if problem.severity == "error")
    return QuotaInputs(zone, language, programmes, logs, tuple(sorted(errors)))


def programmes_known(root: Path) -> frozenset[str]:
    """The programmes that have a file or a log."""
    try:
        text = read_source(root, STATE_FILE, [])
    except OSError:
        text = None  # reported where the events are needed
    document = parse_yaml(text, STATE_FILE, []) if text else None
    in_log = document.value if document and isinstance(document.value, dict) else {}
    return programme_ids(root) | frozenset(map(str, in_log))


def _logs(root: Path, zone: ZoneInfo, problems: list[Problem]) -> dict[str, Log]:
    """The logs; a programme that lacks its file or its log is a problem that is reported and stops no other programme."""
    in_log: list[Problem] = []
    logs = read_quota_logs(root, programme_ids(root), zone, in_log)
    if logs is None and {problem.rule for problem in in_log if problem.severity == "error"} == {
        "quota-programme"
    }:
        problems += in_log
        text = read_source(root, STATE_FILE, [])
        document = parse_yaml(text, STATE_FILE, []) if text else None
        if document and isinstance(document.value, dict):
            logs = parse_quota_logs(text or "", frozenset(document.value), zone, [])
    if logs is None:
        raise InputRefused(in_log)
    return logs


def _zone_typed(root: Path) -> ZoneInfo | None:
    """The zone on the settings' own line, where the rest of the file cannot be read; it is never guessed."""
    text = (root / SETTINGS_FILE).read_bytes() if (root / SETTINGS_FILE).is_file() else b""
    typed = re.search(rb"^time_zone:\s*([A-Za-z_]+/[A-Za-z_/]+)\s*(?:#.*)?$", text[:MAX_BYTES], re.MULTILINE)
    try:
        return ZoneInfo(typed[1].decode()) if typed else None
    except (ValueError, OSError, KeyError):
        return None


def _zone_in(settings: Document | None) -> ZoneInfo | None:
    """The time zone in settings that have a mistake elsewhere."""
    try:
        return ZoneInfo(settings.value["time_zone"]) if settings else None
    except (KeyError, TypeError, ValueError, OSError):
        return None


def print_problems(inputs: QuotaInputs) -> None:
    """Prints what is wrong in `content/`, on standard error."""
    for problem in inputs.problems:
        print(problem, file=sys.stderr)


def known_programme(given: str, programmes: Iterable[str]) -> str:
    """The id that `given` names, in any case, with hyphens or underscores; raises WrongUse and never guesses."""
    ids = frozenset(programmes)
    name = given.lower().replace("_", "-")
    if name not in ids:
        raise WrongUse(f'"{given}" is not a programme.{did_you_mean(name, ids)}')
    return name


def known_state(given: str) -> State:
    """The state that `given` names, in any case, with hyphens or underscores; raises WrongUse and never guesses."""
    name = given.lower().replace("-", "_")
    writable = [state for state in State if state is not State.UPCOMING]
    if name not in writable:
        raise WrongUse(f'"{given}" is not a state that can be set.{nearest_state(name, writable)}')
    return State(name)
