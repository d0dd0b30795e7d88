"""Runs the steps of a build in their only order: read, check, judge, assemble, render, verify.

Every command that needs the site uses this module. It does not use the disk or the clock: it takes a tree and a moment,
and returns verified files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from site_src.cache import Memo, digest, fingerprint_all
from site_src.check.dates import judge
from site_src.check.inputs import Inputs, Reading
from site_src.check.placeholders import placeholder_events
from site_src.convert.converter import Converter
from site_src.convert.manuscript import Manuscript
from site_src.convert.published_pictures import convert_pictures
from site_src.exit_codes import WrongUse
from site_src.gate.demands import expect
from site_src.gate.expectation import Expectation
from site_src.gate.gate import Gate, Verified
from site_src.instants import Moment
from site_src.problems import Problem, Report, did_you_mean, has_errors
from site_src.quota.event_keys import read_quota_logs
from site_src.quota.log import assumed
from site_src.read.content_folder import read_content
from site_src.read.picture_files import read_pictures
from site_src.read.reader import Reader
from site_src.read.settings import programme_ids
from site_src.read.tree import Tree
from site_src.render.renderer import Renderer
from site_src.scan.qr_codes import find_program
from site_src.site.assemble import Assembler
from site_src.site.model import Look, Site
from site_src.states import State

if TYPE_CHECKING:
    from site_src.check.checker import Checker

_REMEMBERED = 2


@dataclass(frozen=True, slots=True)
class ContentReading:
    """The converted and checked `content/`, with every problem in it. `manuscript` is None if `content/` is unreadable."""

    manuscript: Manuscript | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A site that has not passed the gate yet, and what the gate demands of its files. It must not be shown."""

    inputs: Inputs
    site: Site
    files: Mapping[str, bytes]
    expected: Expectation


@dataclass(frozen=True, slots=True)
class Built:
    """A site that passed the gate, its verified files, and its inputs with the warnings for the moment of the build."""

    inputs: Inputs
    site: Site
    verified: Verified

    @property
    def files(self) -> Mapping[str, bytes]:
        """Returns every file by its path."""
        return self.verified.files


class UnknownPreview(WrongUse):
    """Raised for a preview of a programme that does not exist. The message is for the user."""


class Builder:
    """Builds sites. Caches earlier work, which makes later builds faster and never changes their result.

    If `once` is True, the gate drops the text of each file after judging it, which saves memory for a single build.
    `design` is a folder with templates and static files that replace the built-in ones.
    """

    def __init__(self, memo: Memo | None = None, design: Path | None = None, once: bool = False) -> None:
        self.memo, self.design = memo or Memo(), design
        self.gate = Gate(self.memo, remembers=not once)
        self._converter, self._assembler = Converter(self.memo), Assembler(self.memo)
        self._renderer = Renderer(self.memo, design)
        self._readings: list[tuple[Tree, bool, ContentReading]] = []

    @cached_property
    def _checker(self) -> Checker:
        from site_src.check.checker import (
            Checker,  # a change of state does not change the texts, so it needs no rule
        )

        return Checker(self.memo)

    def read(self, tree: Tree, waits: bool = True) -> Reading:
        """Returns everything that could be read, and every problem. Reads only the log if the content is unchanged."""
        content = self.read_content(tree, waits)
        if content.manuscript is None:
            return Reading(None, None, content.problems)
        reader = Reader(tree)
        zone = content.manuscript.content.settings.zone
        logs = read_quota_logs(reader, programme_ids(tree), zone)
        problems = {*content.problems, *reader.report.problems, *placeholder_events(logs or {})}
        return Reading(content.manuscript, logs, tuple(sorted(problems)))

    def read_content(self, tree: Tree, waits: bool = True) -> ContentReading:
        """Reads `content/` of the tree. Caches the last two readings.

        Without `waits`, a page shows the alternative text of a picture that was not converted before, because a closing
        must not wait for pictures.
        """
        own = Tree(tree.content, tree.faults, tree.folders)
        for known, waited, reading in self._readings:
            if known == own and (waited or not waits):
                return reading
        reader = Reader(own)
        content = read_content(reader)
        manuscript = self._converter.convert_texts(content, reader.report, waits) if content else None
        if manuscript:
            reader.report.add(*self._check(manuscript, own, reader.report, waits))
        reading = ContentReading(manuscript, tuple(sorted(set(reader.report.problems))))
        self._readings = [*self._readings, (own, waits, reading)][-_REMEMBERED:]
        return reading

    def convert_pictures(self, tree: Tree) -> None:
        """Converts the picture files of the tree into the memo, so that later readings do not wait for them."""
        reader = Reader(tree)
        convert_pictures(read_pictures(reader), self.memo, reader.report)

    def _check(self, manuscript: Manuscript, tree: Tree, report: Report, waits: bool) -> list[Problem]:
        """Returns the problems that the checks find. The memo keeps them under a digest of every file that was read.

        The memo does not keep them if a text or picture is missing from the manuscript: whether a slow text is
        converted depends on the machine.
        """
        if has_errors(report.problems):
            return self._checker.check(manuscript)
        run = digest(fingerprint_all(), find_program() or "", str(waits))
        files = {path: digest(data) for path, data in sorted(tree.files.items())}

        def check() -> list[Any]:
            return list(map(astuple, self._checker.check_changed(manuscript, run, files)))

        found: list[Any] = self.memo.get(
            digest(run, *(f"{path} {data}" for path, data in files.items())), check
        )
        return [Problem(*fields) for fields in found]

    def build(self, inputs: Inputs, moment: Moment, look: Look | None = None) -> Built:
        """Returns the site at the moment and its verified files. Raises GateRefused if they may not be published.

        Raises InputRefused for dates that forbid a build and for a broken template, and UnknownPreview for a programme
        of `look` that does not exist.
        """
        draft = self.draft(inputs, moment, look)
        return Built(draft.inputs, draft.site, self.gate.verify(draft.files, draft.expected))

    def draft(self, inputs: Inputs, moment: Moment, look: Look | None = None) -> Draft:
        """Runs `build` without its last step: the caller must verify the bytes with the gate before showing them."""
        look = look or Look()
        inputs = judge(_assume(inputs, moment, look), moment)
        site = self._assembler.assemble(inputs.manuscript, inputs.logs, moment.instant, look)
        files = MappingProxyType(self._renderer.render(site))
        unconfirmed = frozenset(id for id in inputs.logs if not look.confirms(id))
        expected = expect(inputs, moment.instant, site.base_url, unconfirmed, is_preview=bool(look.states))
        return Draft(inputs, site, files, expected)


def _assume(inputs: Inputs, moment: Moment, look: Look) -> Inputs:
    """Returns the inputs with the states that `look` assumes."""
    logs = dict(inputs.logs)
    for programme, state in look.states.items():
        if programme not in logs:
            raise UnknownPreview(f'"{programme}" is not a programme.{did_you_mean(programme, logs)}')
        if state is not State.UNCONFIRMED:
            logs[programme] = assumed(logs[programme], state, moment.instant)
    return replace(inputs, logs=MappingProxyType(logs))
