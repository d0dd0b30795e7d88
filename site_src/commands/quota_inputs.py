"""What the operator's commands read: the log, the settings and the programmes; no page, so a broken one is no matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.outcomes import WrongUse
from site_src.problems import InputRefused, Problem, did_you_mean, has_errors
from site_src.quota import Log, State, read_quota_logs
from site_src.schema import Programme, Settings
from site_src.settings import programme_ids, read_programmes, read_settings
from site_src.yaml_source import Document


@dataclass(frozen=True, slots=True)
class QuotaInputs:
    """The quota log of each programme, and what is needed to speak of it."""

    settings: Settings
    programmes: Mapping[str, Programme]
    logs: Mapping[str, Log]

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times without an offset."""
        return self.settings.zone

    def name(self, programme: str) -> str:
        """What the programme is called in the default language."""
        return self.programmes[programme].names[self.settings.default_language]


def read_quota_inputs(root: Path) -> QuotaInputs:
    """The inputs; raises InputRefused with every problem of the files that were read."""
    problems: list[Problem] = []
    documents: dict[str, Document] = {}
    settings = read_settings(root, problems, documents)
    if settings is None:
        raise InputRefused(problems)
    programmes = read_programmes(root, settings, problems, documents)
    logs = read_quota_logs(root, programme_ids(root), settings.zone, problems)
    if logs is None or has_errors(problems):
        raise InputRefused(problems)
    return QuotaInputs(settings, programmes, logs)


def known_programme(given: str, inputs: QuotaInputs) -> str:
    """The id that was meant, in any case and with hyphens or underscores; raises WrongUse, never guesses."""
    name = given.lower().replace("_", "-")
    if name not in inputs.programmes:
        raise WrongUse(f'"{given}" is not a programme.{did_you_mean(name, inputs.programmes)}')
    return name


def known_state(given: str) -> State:
    """The state that was meant, in any case and with hyphens or underscores; raises WrongUse, never guesses."""
    name = given.lower().replace("-", "_")
    writable = [state for state in State if state is not State.UPCOMING]
    if name not in writable:
        raise WrongUse(f'"{given}" is not a state that can be set.{did_you_mean(name, writable)}')
    return State(name)
