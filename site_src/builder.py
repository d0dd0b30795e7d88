"""The order of the work, in one place: read, check, assemble, render, verify.

The result is a mapping of bytes that may be published. Only `output` (and the publisher) touch what readers see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from site_src.check import check
from site_src.check.security import expiry
from site_src.convert.conversions import Conversions
from site_src.convert.manuscript import Manuscript, convert_texts
from site_src.gate.file_text import KnownTexts, file_text
from site_src.gate.gate import Expectation, expectation, verify
from site_src.problems import InputRefused, Problem, did_you_mean, has_errors
from site_src.quota.decision import FARTHEST_END, FARTHEST_FACT, doubtful_end
from site_src.quota.log import STATE_FILE, Log, assumed, read_quota_logs
from site_src.read.content import Content, read_content
from site_src.read.settings import PROGRAMMES, SETTINGS_FILE, programme_ids
from site_src.render.renderer import render
from site_src.render.stateless import KnownPages
from site_src.site.assemble import assemble
from site_src.site.model import Site
from site_src.states import State


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was read and has no error in it; `warnings` are all that there is to say about it.

    `conversions` keeps what was slow to make; no answer depends on it.
    """

    manuscript: Manuscript
    logs: Mapping[str, Log]
    warnings: tuple[Problem, ...]
    conversions: Conversions


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, complete or not, with every problem found on the way, errors and warnings."""

    manuscript: Manuscript | None
    logs: Mapping[str, Log] | None
    problems: tuple[Problem, ...]
    conversions: Conversions

    def inputs(self) -> Inputs:
        """The inputs, if nothing is wrong with them; else raises InputRefused with every problem."""
        if has_errors(self.problems) or self.manuscript is None or self.logs is None:
            raise InputRefused(self.problems)
        return Inputs(self.manuscript, MappingProxyType(dict(self.logs)), self.problems, self.conversions)


@dataclass(frozen=True, slots=True)
class Draft:
    """A site that has not passed the gate yet, and what the gate demands of its files. Never to be shown to anyone."""

    site: Site
    files: Mapping[str, bytes]
    expected: Expectation


@dataclass(frozen=True, slots=True)
class Built:
    """A site that passed the gate: its value, and every file by its path."""

    site: Site
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Known:
    """What one process need not work out twice: pages that say nothing of the quota, and what unchanged bytes could say.

    No answer depends on it: each site is still judged whole.
    """

    pages: KnownPages = field(default_factory=KnownPages)
    texts: KnownTexts = field(default_factory=KnownTexts)


class UnknownPreview(Exception):
    """Raised, with a sentence, for a preview of a programme or state that does not exist."""


def read(root: Path, conversions: Conversions | None = None) -> Reading:
    """All that could be read below `root`, and every problem of every file.

    `conversions` may hold texts that were converted before.
    """
    problems: list[Problem] = []
    content = read_content(root, problems)
    logs = _logs(root, content, problems)
    return checked(content, logs, conversions or Conversions(), problems)


def checked(
    content: Content | None, logs: Mapping[str, Log] | None, conversions: Conversions, problems: list[Problem]
) -> Reading:
    """What was read, converted and checked, with all problems: those found before, and those found now."""
    manuscript = convert_texts(content, conversions, problems) if content else None
    if manuscript:
        problems += check(manuscript)
    return Reading(manuscript, logs, tuple(sorted(set(problems))), conversions)


def read_inputs(root: Path, conversions: Conversions | None = None) -> Inputs:
    """All inputs below `root`; raises InputRefused with every problem of every file."""
    return read(root, conversions).inputs()


def build_site(
    inputs: Inputs,
    instant: datetime,
    base_url: str | None = None,
    preview: Mapping[str, State] | None = None,
    known: Known | None = None,
) -> Built:
    """The site at `instant` (aware) and its files, verified; raises GateRefused when they may not be published.

    Raises InputRefused for a log that cannot be meant so at this instant.

    `preview` assumes a state for programmes by id, marks every page so, and raises UnknownPreview for others.
    """
    draft = draft_site(inputs, instant, base_url, preview, known)
    verify(draft.files, draft.expected, known.texts if known else file_text)
    return Built(draft.site, draft.files)


def draft_site(
    inputs: Inputs,
    instant: datetime,
    base_url: str | None = None,
    preview: Mapping[str, State] | None = None,
    known: Known | None = None,
) -> Draft:
    """`build_site` without its last step: who calls this must ask the gate about the bytes that are to be shown."""
    content = inputs.manuscript.content
    logs = dict(inputs.logs)
    for programme, state in (preview or {}).items():
        if programme not in logs:
            raise UnknownPreview(f'"{programme}" is not a programme.{did_you_mean(programme, logs)}')
        logs[programme] = assumed(logs[programme], state, instant)
    if doubtful := _doubtful_ends(logs, instant):
        raise InputRefused([*inputs.warnings, *doubtful])
    marks = tuple(f"{programme}={state}" for programme, state in sorted((preview or {}).items()))
    site = assemble(inputs.manuscript, logs, instant, base_url, marks)
    files = MappingProxyType(render(site, inputs.conversions.recall, known.pages if known else None))
    return Draft(site, files, expectation(content.settings, content.programmes, logs, instant, site))


def refuse_foretold_quota(inputs: Inputs, now: datetime) -> None:
    """Raises InputRefused for a `quota_reached` that begins more than a day after `now`, the present moment.

    That a quota is reached is a fact and never a plan: a slip in its date would show the link until then.
    """
    foretold = [
        Problem(
            STATE_FILE,
            event.line,
            f"{id}[{number}].from: lies ahead, and nobody knows today that a quota will be reached then. Check the day.",
            "quota-foretold",
        )
        for id, log in inputs.logs.items()
        for number, event in enumerate(log, start=1)
        if event.state is State.QUOTA_REACHED and event.starts - now > FARTHEST_FACT
    ]
    if foretold:
        raise InputRefused([*inputs.warnings, *foretold])


def refuse_early_facts(inputs: Inputs, now: datetime) -> None:
    """Raises InputRefused for a fact that holds from a day after that of `now`, the present moment: pages would print it today."""
    content = inputs.manuscript.content
    today = now.astimezone(content.settings.zone).date()
    facts = {SETTINGS_FILE: content.settings.facts}
    facts |= {f"{PROGRAMMES}/{id}.yaml": programme.facts for id, programme in content.programmes.items()}
    early = [
        Problem(
            path,
            content.documents[path].line_of(("facts", name, "valid_from")),
            f"facts.{name}.valid_from: {fact.valid_from} has not come yet, and pages would print {fact.value} today. Keep the old figure until then.",
            "fact-ahead",
        )
        for path, named in facts.items()
        for name, fact in named.items()
        if fact.valid_from > today
    ]
    if early:
        raise InputRefused([*inputs.warnings, *early])


def judged_at(inputs: Inputs, instant: datetime) -> Inputs:
    """The inputs, with warnings that hold at `instant`; raises InputRefused where a text has expired by then.

    This is about content alone: a change of state must be publishable without it.
    """
    warnings = (*inputs.warnings, *expiry(inputs.manuscript, instant))
    if has_errors(warnings):
        raise InputRefused(warnings)
    return replace(inputs, warnings=tuple(sorted(warnings)))


def _logs(root: Path, content: Content | None, problems: list[Problem]) -> dict[str, Log] | None:
    """The quota logs; without settings there is no time zone to read them in."""
    if content is None:
        return None
    return read_quota_logs(root, programme_ids(root), content.settings.zone, problems)


def _doubtful_ends(logs: Mapping[str, Log], instant: datetime) -> list[Problem]:
    """A problem for each link that is shown now and would be hidden only by an event too far ahead."""
    ends = {id: end for id, log in logs.items() if (end := doubtful_end(log, instant))}
    return [
        Problem(
            STATE_FILE,
            end.line,
            f"{id}[{logs[id].index(end) + 1}].from: lies more than {FARTHEST_END.days} days ahead, and the link would be shown until then. Check the year.",
            "quota-end",
        )
        for id, end in ends.items()
    ]
