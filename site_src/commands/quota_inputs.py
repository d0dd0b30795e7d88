"""Reads what the operator's commands need: the log, the settings and the programmes' names. Reads no page, so a broken page does not
stop a change of state.

A change of state never waits for content: if the log can be read, mistakes in `content/` are only reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.commands.typed_names import known_programme
from site_src.problems import InputRefused, Problem
from site_src.quota.change import StateFile
from site_src.quota.event_keys import read_quota_logs
from site_src.quota.log import Log
from site_src.quota.log_file import LogFile, Version
from site_src.quota.separate_logs import find_keys, read_each_log, split_around
from site_src.read.input_keys import Programme
from site_src.read.project import Project
from site_src.read.reader import Reader
from site_src.read.settings import SETTINGS_FILE, find_zone, programme_ids, read_programmes, read_settings
from site_src.read.tree import QUOTA_PLACES, STATE_FILE, load_tree


@dataclass(frozen=True, slots=True)
class QuotaInputs:
    """The quota log of each programme, and what is needed to describe it.

    `zone` is the time zone of times without an offset; `language` is the default language. `problems` are the mistakes in
    `content/`; `programmes` omits each programme whose file has a mistake. `is_whole` is False if `logs` omits a programme
    of the state file. `ids` are the programmes that have a file or a log. `text` and `version` are the text and the version
    of the state file.
    """

    zone: ZoneInfo
    language: str
    programmes: Mapping[str, Programme]
    logs: Mapping[str, Log]
    problems: tuple[Problem, ...]
    is_whole: bool
    ids: frozenset[str]
    text: str
    version: Version

    def name(self, programme: str) -> str:
        """Returns the programme's name in the default language, or its id if its file cannot be read."""
        known = self.programmes.get(programme)
        return known.names[self.language] if known else programme

    def zones(self, programme: str) -> tuple[ZoneInfo, ...]:
        """Returns the site's time zone and, if it is known and different, the programme's time zone."""
        known = self.programmes.get(programme)
        return tuple(dict.fromkeys((self.zone, ZoneInfo(known.time_zone) if known else self.zone)))

    def state_file(self, programme: str) -> StateFile:
        """Returns the state file, for a change of the programme's log. Raises InputRefused if that log cannot be read."""
        if programme not in self.logs:
            raise InputRefused(self.problems)
        if self.is_whole:
            return StateFile(self.text, self.logs, self.zones(programme))
        # Another programme's lines cannot be read. A closing must not wait until they are fixed.
        before, own, after = split_around(self.text, programme)
        return StateFile(own, {programme: self.logs[programme]}, self.zones(programme), before, after)


def read_quota_inputs(
    project: Project, kept: Path | None = None, programme: str | None = None
) -> QuotaInputs:
    """Reads the inputs. Raises InputRefused if the log, or the time zone that it needs, cannot be read.

    Before that, raises WrongUse if `programme` is given, but has neither a file nor a log.
    `kept` is the folder of inputs that a release keeps. Its settings give the zone if the present settings do not.
    """
    # Taken before the text is read, so that a write in between is detected.
    version = LogFile(project.root).version()
    reader = Reader(project.load_tree(*QUOTA_PLACES))
    # A log that cannot be read is reported when its events are needed.
    ids = programme_ids(reader.tree) | find_keys(Reader(reader.tree).read_text(STATE_FILE) or "")
    if programme is not None:
        known_programme(programme, ids)
    settings = read_settings(reader)
    zone = settings.zone if settings else find_zone(reader.tree) or _zone_kept(kept)
    if zone is None:
        raise InputRefused(reader.report.problems)
    programmes = read_programmes(reader, settings) if settings else {}
    logs, is_whole = _read_logs(reader, zone)
    language = settings.default_language if settings else ""
    errors = (problem for problem in reader.report.problems if problem.severity == "error")
    text = reader.tree.files[STATE_FILE].decode()
    return QuotaInputs(zone, language, programmes, logs, tuple(sorted(errors)), is_whole, ids, text, version)


def find_kept(target: str | None) -> Path | None:
    """Returns the folder of inputs that the live release of the target keeps, or None without a target.

    The folder may not exist. The path is built here, because importing `releases` is slow, and the link may still be shown.
    """
    return Path(target).resolve() / "current" / "inputs" if target else None


def _read_logs(reader: Reader, zone: ZoneInfo) -> tuple[dict[str, Log], bool]:
    """Returns the logs that can be read, and whether these are all the logs in the file.

    A mistake in the lines of one programme, or a programme without a file or a log, is added to the reader's report and does not
    affect the other programmes. Raises InputRefused if no log can be read.
    """
    own = Reader(reader.tree)
    logs = read_quota_logs(own, programme_ids(reader.tree), zone)
    if logs is not None:
        return logs, True
    text = Reader(reader.tree).read_text(STATE_FILE) or ""
    readings = read_each_log(text, find_keys(text), zone)
    logs = {id: reading.log for id, reading in readings.items() if reading.log is not None}
    if not logs:
        raise InputRefused(own.report.problems)
    reader.report.add(*own.report.problems)
    return logs, len(logs) == len(readings)


def _zone_kept(kept: Path | None) -> ZoneInfo | None:
    settings = read_settings(Reader(load_tree(kept, (SETTINGS_FILE,)))) if kept else None
    return settings.zone if settings else None
