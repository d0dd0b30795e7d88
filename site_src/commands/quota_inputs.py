"""What the operator's commands read: the log, the settings and the programmes; no page, so a broken one is no matter.

A change of state never waits for content: where the log can be read, mistakes in `content/` are told, and no more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.outcomes import WrongUse
from site_src.problems import InputRefused, Problem, did_you_mean
from site_src.quota import Log, State, nearest_state, read_quota_logs
from site_src.schema import Programme
from site_src.settings import SETTINGS_FILE, programme_ids, read_programmes, read_settings
from site_src.yaml_source import Document


@dataclass(frozen=True, slots=True)
class QuotaInputs:
    """The quota log of each programme, and what is needed to speak of it.

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
    zone = settings.zone if settings else _zone_in(documents.get(SETTINGS_FILE))
    if zone is None:
        raise InputRefused(problems)
    programmes = read_programmes(root, settings, problems, documents) if settings else {}
    in_log: list[Problem] = []
    logs = read_quota_logs(root, programme_ids(root), zone, in_log)
    if logs is None:
        raise InputRefused(in_log)
    language = settings.default_language if settings else ""
    errors = (problem for problem in problems if problem.severity == "error")
    return QuotaInputs(zone, language, programmes, logs, tuple(sorted(errors)))


def _zone_in(settings: Document | None) -> ZoneInfo | None:
    """The time zone in settings that have a mistake elsewhere."""
    try:
        return ZoneInfo(settings.value["time_zone"]) if settings else None
    except (KeyError, TypeError, ValueError, OSError):
        return None


def tell_problems(inputs: QuotaInputs) -> None:
    """Prints what is wrong in `content/`, on standard error."""
    for problem in inputs.problems:
        print(problem, file=sys.stderr)


def known_programme(given: str, programmes: Iterable[str]) -> str:
    """The id that was meant, in any case and with hyphens or underscores; raises WrongUse, never guesses."""
    ids = frozenset(programmes)
    name = given.lower().replace("_", "-")
    if name not in ids:
        raise WrongUse(f'"{given}" is not a programme.{did_you_mean(name, ids)}')
    return name


def known_state(given: str) -> State:
    """The state that was meant, in any case and with hyphens or underscores; raises WrongUse, never guesses."""
    name = given.lower().replace("-", "_")
    writable = [state for state in State if state is not State.UPCOMING]
    if name not in writable:
        raise WrongUse(f'"{given}" is not a state that can be set.{nearest_state(name, writable)}')
    return State(name)
