"""`Overview`: the part of the inputs that `quota show` prints. It comes from a memo if the inputs and the code are unchanged.

The memo keeps an overview only if there are no problems, so that a mistake is reported each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from site_src.memo_file import load_user_memo
from site_src.problems import Problem
from site_src.publish.receipt import digest_build
from site_src.quota.log import Event, Log
from site_src.read.project import Project
from site_src.read.tree import QUOTA_PLACES
from site_src.states import State

if TYPE_CHECKING:
    from site_src.commands.quota_inputs import QuotaInputs


@dataclass(frozen=True, slots=True)
class PeriodOverview:
    """A registration period. `certainty` is "expected" or "confirmed"."""

    begins: date
    certainty: str


@dataclass(frozen=True, slots=True)
class ProgrammeOverview:
    """A programme with its log. `zones` are the time zones in which its times are printed."""

    id: str
    name: str
    names: Mapping[str, str]
    zones: tuple[ZoneInfo, ...]
    periods: tuple[PeriodOverview, ...]
    log: Log


@dataclass(frozen=True, slots=True)
class Overview:
    """The programmes that have a log (sorted by id), the site's time zone, and the problems of `content/`."""

    zone: ZoneInfo
    programmes: tuple[ProgrammeOverview, ...]
    problems: tuple[Problem, ...] = ()


def read_overview(project: Project) -> Overview:
    """Returns the overview of the present inputs.

    Raises InputRefused if the log, or the time zone that it needs, cannot be read.
    """
    # Computed before the full reading: if a file changes in between, the kept value is never found again.
    memo, key = load_user_memo("show"), digest_build(project.load_tree(*QUOTA_PLACES), None)
    if (kept := memo.find(key)) is not None:
        return _restore(kept)
    from site_src.commands.quota_inputs import read_quota_inputs

    inputs = read_quota_inputs(project)
    described = _describe(inputs)
    if inputs.is_whole and not inputs.problems:
        memo.keep(key, described)
        memo.save()
    return _restore(described, inputs.problems)


def _describe(inputs: QuotaInputs) -> Any:
    """Returns the overview as JSON values. Keeps only the parts of an event that `quota show` prints."""
    programmes = []
    for id, log in sorted(inputs.logs.items()):
        known = inputs.programmes.get(id)
        periods = known.registration_periods if known else ()
        programmes.append(
            {
                "id": id,
                "name": inputs.name(id),
                "names": dict(known.names) if known else {},
                "zones": [zone.key for zone in inputs.zones(id)],
                "periods": [[str(period.begins), period.certainty] for period in periods],
                "log": [[event.state, event.starts.isoformat(), event.places] for event in log],
            }
        )
    return {"zone": inputs.zone.key, "programmes": programmes}


def _restore(kept: Any, problems: tuple[Problem, ...] = ()) -> Overview:
    programmes = tuple(_restore_programme(programme) for programme in kept["programmes"])
    return Overview(ZoneInfo(kept["zone"]), programmes, problems)


def _restore_programme(kept: Any) -> ProgrammeOverview:
    periods = [PeriodOverview(date.fromisoformat(begins), certainty) for begins, certainty in kept["periods"]]
    log = [
        Event(State(state), datetime.fromisoformat(starts), places) for state, starts, places in kept["log"]
    ]
    zones = tuple(map(ZoneInfo, kept["zones"]))
    return ProgrammeOverview(kept["id"], kept["name"], kept["names"], zones, tuple(periods), tuple(log))
