"""Findings of `quota due` about the output: old output, and coming changes of texts. Also defines `DueFinding`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from site_src.commands.output import pluralize
from site_src.instants import local_text
from site_src.quota.log import Log, state_at
from site_src.read.content_folder import read_content
from site_src.read.in_force import list_coming_changes
from site_src.read.reader import Reader
from site_src.read.tree import Tree
from site_src.states import State

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
# How long a publisher may take. After that, an output that shows the previous state is a finding.
PUBLISHING = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class DueFinding:
    """Something that needs attention. `programme` is empty if it concerns the host.

    `critical`: visitors see, or may see, a false state, or no link although places are left. `warning`: visitors will see this if
    the operator does nothing. `info`: something could not be checked, or a text will change by itself.
    """

    severity: Severity
    rule: str
    message: str
    programme: str = ""

    def __str__(self) -> str:
        return f"{self.programme}: {self.message}" if self.programme else self.message


@dataclass(frozen=True, slots=True)
class Output:
    """A folder with a built site, and the command that builds it again."""

    site: Path
    command: str


def find_old_output(
    output: Output, language: str, programme: str, log: Log, now: datetime
) -> Iterator[DueFinding]:
    """Yields a finding if the programme's page shows neither the state at `now` nor the state one minute earlier."""
    shown, state = _read_state(output.site, language, programme), state_at(log, now)
    if shown and shown not in (state, state_at(log, now - PUBLISHING)):
        message = f"{output.site.name}/ still shows {shown}, but the state is {state}. Build it again: {output.command}"
        yield DueFinding("critical", "output-old", message, programme)


def _read_state(site: Path, language: str, programme: str) -> State | None:
    """Reads the state on the programme's page in the folder `site`. Returns None if the page does not exist."""
    page = site / language / programme / "index.html"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return next(
        (state for state in State if f'data-programme="{programme}" data-state="{state}"' in text), None
    )


def find_coming_changes(tree: Tree, now: datetime) -> Iterator[DueFinding]:
    """Yields a finding for each moment after `now` (aware) at which texts or facts change. Leaves out files with errors."""
    content = read_content(Reader(tree))
    if content is None:
        return
    for change in list_coming_changes(content, now):
        moment = local_text(change.moment, content.settings.zone)
        counts = [
            pluralize(len(names), noun)
            for names, noun in ((change.texts, "text"), (change.facts, "fact"))
            if names
        ]
        verb = "changes" if len(change.texts) + len(change.facts) == 1 else "change"
        named = ", ".join((*change.texts, *change.facts))
        message = f'on {moment} {" and ".join(counts)} {verb}: {named}. To preview: python build.py serve --at "{moment}"'
        yield DueFinding("info", "dated-change", message)
