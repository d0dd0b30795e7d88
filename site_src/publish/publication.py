"""The values that the steps of a publish share: `Plan` (the release to make) and `Publication` (the result)."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from traceback import format_exception
from zoneinfo import ZoneInfo

from site_src.builder import Draft
from site_src.gate.expectation import Expectation
from site_src.gate.gate import GateRefused
from site_src.gate.judge import Refusal
from site_src.problems import InputRefused, Problem
from site_src.publish.gzip_twins import ENDING, add_twins, is_twin
from site_src.publish.manifest import Manifest, list_entries, with_times
from site_src.publish.releases import HIDDEN, SITE, Release
from site_src.publish.sources import Source
from site_src.publish.staging import Trees
from site_src.read.tree import CONTENT
from site_src.states import State, shown_links

Reason = InputRefused | GateRefused
_PREVIEW = b'name="quotabord-preview"'


@dataclass(frozen=True, slots=True)
class Publication:
    """The result of a publish. `release` is live now. `switched` is False if the release was live already.

    `pending` is why the present `content/` was not published, or None. `doubts` contains the problems of each programme whose
    log could not be used; such a programme is shown as last known, or its link is hidden. `before` contains the states of the
    previous release. `expected` is what the gate has checked. `zone` is the site's time zone, for messages. `warnings` is a
    number.
    """

    release: Release
    switched: bool
    before: Mapping[str, State]
    expected: Expectation
    zone: ZoneInfo
    pending: Reason | None = None
    notes: tuple[str, ...] = ()
    warnings: int = 0
    doubts: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A release to make: its source, the drafts of both trees, the instant (UTC), and other fields of its manifest."""

    source: Source
    draft: Draft
    hidden: Draft
    instant: datetime
    content_of: int | None = None
    instead_of: str | None = None
    notes: tuple[str, ...] = ()
    design: Mapping[str, bytes] = field(default_factory=dict)

    def trees(
        self,
        live: Release | None,
        more: Mapping[str, bytes] | None = None,
        before: Trees | None = None,
    ) -> Trees:
        """Returns both trees, each with the files in `more` and with a compressed twin for each text file.

        If a file is unchanged since the release `live`, takes the twin from that release. If it is unchanged since `before`, the
        trees that this process made last, takes the twin from them, and reads nothing.
        """

        def find(path: str, data: bytes) -> bytes | None:
            if before and before.site.get(path) == data:
                return before.site[f"{path}{ENDING}"]
            return live.find_twin(SITE, path, data) if live else None

        def find_hidden(path: str, data: bytes) -> bytes | None:
            if site.get(path) == data:
                return site[f"{path}{ENDING}"]
            if before and before.hidden.get(path) == data:
                return before.hidden[f"{path}{ENDING}"]
            return live.find_twin(HIDDEN, path, data) if live else None

        site = add_twins({**self.draft.files, **(more or {})}, find)
        return Trees(site, add_twins({**self.hidden.files, **(more or {})}, find_hidden))


def manifest_of(
    plan: Plan, number: int, trees: Trees, kept_assets: tuple[str, ...], live: Release | None, seconds: int
) -> Manifest:
    """Returns the manifest of the planned release. `trees` contains its files.

    A file that is unchanged since the release `live` keeps its modification time. All other files get `seconds` (since
    1970).
    """
    before = live.manifest.files if live else {}
    hidden_before = live.manifest.hidden_files if live else {}
    draft, judged = plan.draft, plan.source.judged
    return Manifest(
        number=number,
        release=_name_of(plan),
        instant=plan.instant,
        states={id: status.state for id, status in draft.site.programmes.items()},
        events=judged.past,
        scheduled={id: events for id, events in judged.scheduled.items() if events},
        content_of=plan.content_of or number,
        files=with_times(list_entries(trees.site), before, seconds),
        # One second later: both trees are served at the same address, and a page may have the same size in both.
        hidden=with_times(list_entries(difference(trees)), hidden_before, seconds + 1),
        inputs=plan.source.entries,
        design=list_entries(plan.design, with_type=False),
        kept_assets=kept_assets,
        instead_of=plan.instead_of,
    )


def _name_of(plan: Plan) -> str:
    return str(json.loads(plan.draft.files["release.json"])["release"])


def changes(plan: Plan, live: Release) -> dict[str, list[str]]:
    """Returns the paths of the files that the plan adds ("new"), changes ("changed") and removes ("gone"), each list sorted."""
    new = list_entries(plan.draft.files)
    old = {path: about for path, about in live.manifest.files.items() if not is_twin(path)}
    kept = frozenset(live.manifest.kept_assets)
    return {
        "new": sorted(new.keys() - old.keys()),
        "changed": sorted(path for path in new.keys() & old.keys() if new[path] != old[path]),
        "gone": sorted(
            path
            for path in old.keys() - new.keys()
            if path not in kept and path not in live.manifest.own_assets
        ),
    }


def difference(trees: Trees) -> dict[str, bytes]:
    """Returns the files of the hidden tree that differ from the files of the site with the same path."""
    return {path: data for path, data in trees.hidden.items() if trees.site.get(path) != data}


def is_current(live: Release, plan: Plan) -> bool:
    """Returns True if the live release has the plan's trees and content according to its manifest. Does not read the files."""
    if live.manifest.release != _name_of(plan):
        return False  # The name contains a digest of the site's files.
    manifest, trees = live.manifest, plan.trees(live)
    own = {path: about for path, about in manifest.files.items() if path not in manifest.kept_assets}
    return (
        own == list_entries(trees.site)
        and manifest.hidden == list_entries(difference(trees))
        and manifest.inputs == plan.source.entries
        and manifest.instead_of == plan.instead_of
    )


def links_to_rehearse(plan: Plan, live: Release | None) -> frozenset[str]:
    """Returns the programmes whose closing must be rehearsed before the plan shows their link.

    Returns an empty set if the content is published already and the plan only hides links, or changes neither links nor
    design. A closing must be quick, and the links that are still shown were rehearsed when they were published.
    """
    states = {id: status.state for id, status in plan.draft.site.programmes.items()}
    shown, before = shown_links(states), shown_links(live.manifest.states if live else {})
    is_rehearsed = shown < before or (shown == before and not _has_new_design(plan, live))
    return frozenset() if is_rehearsed and not has_new_content(plan, live) else shown


def has_new_content(plan: Plan, live: Release | None) -> bool:
    """Returns True if the content of the plan differs from that of the live release."""
    return live is None or live.manifest.inputs != plan.source.entries


def _has_new_design(plan: Plan, live: Release | None) -> bool:
    return live is None or live.manifest.design != list_entries(plan.design, with_type=False)


def refuse_previews(files: Mapping[str, bytes]) -> None:
    """Raises GateRefused if one of the files is a page of a preview, because it may show a wrong state."""
    message = "is a page of a preview, which may show a wrong state, so it cannot be published."
    if refusals := [Refusal(path, "", message) for path, data in files.items() if _PREVIEW in data]:
        raise GateRefused(refusals)


def merge_reasons(reasons: list[Reason]) -> Reason:
    """Returns one InputRefused with the errors of all `reasons` and the warnings of the first.

    If none of them is InputRefused, returns the first one.
    """
    refused = [reason for reason in reasons if isinstance(reason, InputRefused)]
    if refused:
        # A warning about kept content repeats one about content/, or editors cannot do anything about it.
        return InputRefused(
            problem
            for reason in refused
            for problem in reason.problems
            if reason is reasons[0] or problem.severity == "error"
        )
    return reasons[0]


def explain_crash(error: Exception) -> Reason:
    """Converts any error to a reason why `content/` was not published. Prints the traceback of an unexpected error to stderr."""
    if isinstance(error, InputRefused | GateRefused):
        return error
    if isinstance(error, OSError):
        what, cure = (
            f"{error.filename or CONTENT}: {error.strerror or error}",
            "Check the disk, then publish again.",
        )
    else:
        cure = "Undo the last change to content/ or the templates, and report this."
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        print("".join(format_exception(error)), end="", file=sys.stderr, flush=True)
    message = f"could not be published ({what}). {cure}"
    return InputRefused([Problem(CONTENT, 1, message, "crash")])


def in_a_line(reason: Exception) -> str:
    """Returns the first line of the first error in `reason`, and ignores warnings."""
    problems = reason.problems if isinstance(reason, InputRefused) else ()
    errors = (str(problem) for problem in problems if problem.severity == "error")
    return next(errors, str(reason)).partition("\n")[0]
