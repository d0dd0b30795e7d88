"""The order of the work, in one place: read, check, assemble, render, verify.

The result is a mapping of bytes that may be published. Only `output` (and the publisher) touch what readers see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from site_src.assemble import assemble
from site_src.checks import check
from site_src.content import Content, programme_ids, read_content
from site_src.gate import expectation, verify
from site_src.manuscript import Manuscript, convert_texts
from site_src.problems import InputRefused, Problem, did_you_mean, has_errors
from site_src.quota import Log, State, assumed, read_quota_logs
from site_src.render import render
from site_src.site import Site


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was read and has no error in it; `warnings` are all that there is to say about it."""

    manuscript: Manuscript
    logs: Mapping[str, Log]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """A site that passed the gate: its value, and every file by its path."""

    site: Site
    files: Mapping[str, bytes]


class UnknownPreview(Exception):
    """Raised, with a sentence, for a preview of a programme or state that does not exist."""


def read_inputs(root: Path) -> Inputs:
    """All inputs below `root`; raises InputRefused with every problem of every file."""
    problems: list[Problem] = []
    content = read_content(root, problems)
    logs = _logs(root, content, problems)
    manuscript = convert_texts(content, problems) if content else None
    if manuscript:
        problems += check(manuscript)
    if has_errors(problems) or manuscript is None or logs is None:
        raise InputRefused(problems)
    return Inputs(manuscript, MappingProxyType(logs), tuple(sorted(set(problems))))


def build_site(
    inputs: Inputs, instant: datetime, base_url: str | None = None, preview: Mapping[str, State] | None = None
) -> Built:
    """The site at `instant` (aware) and its files, verified; raises GateRefused when they may not be published.

    `preview` assumes a state for programmes by id, marks every page so, and raises UnknownPreview for others.
    """
    content = inputs.manuscript.content
    logs = dict(inputs.logs)
    for programme, state in (preview or {}).items():
        if programme not in logs:
            raise UnknownPreview(f'"{programme}" is not a programme.{did_you_mean(programme, logs)}')
        logs[programme] = assumed(logs[programme], state, instant)
    marks = tuple(f"{programme}={state}" for programme, state in sorted((preview or {}).items()))
    site = assemble(inputs.manuscript, logs, instant, base_url, marks)
    files = MappingProxyType(render(site))
    verify(files, expectation(content.settings, content.programmes, logs, instant, site))
    return Built(site, files)


def _logs(root: Path, content: Content | None, problems: list[Problem]) -> dict[str, Log] | None:
    """The quota logs; without settings there is no time zone to read them in."""
    if content is None:
        return None
    return read_quota_logs(root, programme_ids(root), content.settings.zone, problems)
