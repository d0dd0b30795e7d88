"""Holds what the preview shows: the last good inputs, the sites built from them, and the current problems.

The preview uses the same steps and the same gate as a build. A choice of state has the same effect as `--state`. Everything
is in memory.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from site_src.builder import Builder, Built
from site_src.check.advice import advise
from site_src.check.inputs import Inputs
from site_src.gate.gate import GateRefused
from site_src.instants import Moment
from site_src.preview.choices import Choice
from site_src.problems import InputRefused, Problem, has_errors
from site_src.quota.log import event_at
from site_src.read.tree import load_tree
from site_src.site.model import Look

MAX_KEPT = 64


class NothingGood(Exception):
    """Raised if a page is requested before there were any inputs without errors."""


@dataclass(frozen=True, slots=True)
class PreviewContents:
    """What the preview shows at one time. `version` changes with each change.

    `inputs` are the last inputs without errors, or None if there were none yet. `problems` and `refusals` are about the
    current files. While `broken` is True, pages are still built from `inputs`.
    """

    version: str
    inputs: Inputs | None
    problems: tuple[Problem, ...]
    refusals: tuple[str, ...]

    @property
    def broken(self) -> bool:
        """Returns True while the current files cannot be published."""
        return bool(self.refusals) or has_errors(self.problems)


class PreviewSites:
    """Reads the inputs at each `look`, and builds sites on request. Safe to use from several threads.

    `at` is the moment of every page without a chosen moment, or None for the present. `published` is the folder of the
    release that visitors see.
    """

    def __init__(self, root: Path, at: datetime | None, published: Path) -> None:
        self.origin = ""
        self._root, self._at, self._published = root, at, published
        self._started, self._number = time.time_ns(), 0
        self._changed = threading.Condition(threading.RLock())
        # A second builder for choices, because each choice has its own base URL, for which all pages are rendered again.
        self._builder = Builder()
        self._choices = Builder(self._builder.memo)
        self._built: dict[tuple[str, str], Built] = {}
        self._view = PreviewContents(f"{self._started}-0", None, (), ())
        self._situation: object = None

    @property
    def view(self) -> PreviewContents:
        """Returns what the preview shows now."""
        with self._changed:
            return self._view

    def look(self) -> PreviewContents:
        """Reads the files again. If they have errors, reports the errors in the view and keeps the last good inputs."""
        with self._changed:
            self._builder.memo.restart()
            reading = self._builder.read(load_tree(self._root))
            advice, refusals = list[Problem](), tuple[str, ...]()
            problems, inputs = reading.problems, self._view.inputs
            try:
                if reading.manuscript:
                    today = self._now().astimezone(reading.manuscript.content.settings.zone).date()
                    advice = advise(reading.manuscript, today, self._builder.memo)
                moment = Moment(self._now(), is_present=self._at is None)
                built = self._builder.build(reading.inputs(), moment, Look(self.origin))
                problems, inputs = built.inputs.warnings, built.inputs
            except InputRefused as error:
                problems = error.problems
            except GateRefused as error:
                refusals = tuple(map(str, error.refusals))
            if inputs is not self._view.inputs:
                self._built = {("", self.origin): built}
            found = tuple(sorted({*problems, *advice}))
            self._announce(PreviewContents(self._view.version, inputs, found, refusals))
            return self._view

    def look_at_clock(self) -> None:
        """Changes the version, so open pages reload, if a scheduled change has taken effect or a new day has begun."""
        with self._changed:
            situation = self._situation_now()
            if self._situation is not None and situation != self._situation:
                self._built.clear()
                self._announce(self._view)
            self._situation = situation

    def wait(self, version: str, timeout: float) -> str:
        """Returns the current version as soon as it differs from `version`, or after `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._view.version != version, timeout)
            return self._view.version

    def built(self, choice: Choice) -> Built:
        """Returns the site of the choice.

        Raises GateRefused, UnknownPreview or InputRefused if the site cannot be built, ValueError for an invalid moment, and
        NothingGood before the first good inputs.
        """
        return self._build(choice, self.origin + choice.folder)

    def differs(self, path: str) -> bool:
        """Returns True if the page at the path in the published release differs from the page that a build would make now."""
        built = self._build(Choice(), None)
        try:
            return (self._published / path).read_bytes() != built.files.get(path)
        except OSError:
            return True

    @property
    def has_release(self) -> bool:
        """Returns True if there is a published release with which pages can be compared."""
        return (self._published / "index.html").is_file()

    def _build(self, choice: Choice, base_url: str | None) -> Built:
        with self._changed:
            inputs = self._view.inputs
            if inputs is None:
                raise NothingGood
            key = (choice.folder, base_url or "")
            if key not in self._built:
                instant = choice.instant(inputs.manuscript.content.settings.zone) or self._now()
                built = self._choices.build(inputs, Moment(instant), Look(base_url, choice.states))
                while len(self._built) >= MAX_KEPT:
                    del self._built[next(iter(self._built))]
                self._built[key] = built
            return self._built[key]

    def _announce(self, view: PreviewContents) -> None:
        self._number += 1
        self._view = replace(view, version=f"{self._started}-{self._number}")
        self._situation = self._situation_now()
        self._changed.notify_all()

    def _situation_now(self) -> object:
        """Returns what changes the present pages as time passes: the day, and the last event of each log that has begun."""
        inputs, now = self._view.inputs, self._now()
        if inputs is None:
            return None
        day = now.astimezone(inputs.manuscript.content.settings.zone).date()
        return day, [event_at(log, now) for log in inputs.logs.values()]

    def _now(self) -> datetime:
        return self._at or datetime.now(UTC).replace(microsecond=0)
