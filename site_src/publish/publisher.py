"""Runs a publish or a roll-back in order: lock, read, build, stage, verify, switch, add a line to the journal, prune.

A change of state never waits for content. A roll-back restores content, never a state.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from site_src.file_lock import Wait
from site_src.gate.gate import GateRefused
from site_src.problems import InputRefused
from site_src.publish import journal
from site_src.publish.audit import find_damage
from site_src.publish.fallback import KeptPlans, publish_kept
from site_src.publish.gzip_twins import add_twins
from site_src.publish.journal_fields import outcome_of, outcome_of_refusal, states_of
from site_src.publish.lease import switching
from site_src.publish.live_release import describe_damage, find_live, note_unlogged
from site_src.publish.log_guard import LogGuard
from site_src.publish.planner import Planner
from site_src.publish.pruning import make_room, prune
from site_src.publish.publication import (
    Plan,
    Publication,
    has_new_content,
    is_current,
    links_to_rehearse,
    manifest_of,
    refuse_previews,
)
from site_src.publish.releases import (
    DESIGN,
    Release,
    close_inputs,
    next_number,
    old_assets,
    sweep_leftovers,
    target_lock,
)
from site_src.publish.reserve import keep_reserve
from site_src.publish.sources import NoRelease, read_present, release_to_roll_back_to, require_live
from site_src.publish.staging import Trees, make_live, staged, stamp_of
from site_src.publish.store import Progress
from site_src.publish.switch import Overtaken, Switch, SwitchFailed
from site_src.publish.vouch import Vouch, vouch_for
from site_src.read.tree import STATE_FILE, load_tree
from site_src.rehearsal import rehearse_closings, rehearse_coming
from site_src.states import hides_link, shown_links

# How often a publish starts again after another publisher has published first.
_ROUNDS = 8


def present_moment() -> datetime:
    """Returns the present time in UTC, rounded down to whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


class Publisher:
    """Publishes the project in `root` to `target`. Later publishes rebuild only what has changed.

    `hurries` is True for a closing: pages then show the alternative text of a picture that is not converted yet. `vouch`
    contains the states that the last attempt confirms, even if it could not publish them; None if it confirms none.
    `outdated` contains the bytes of the last log that was refused because it is older than the published one.
    """

    def __init__(
        self,
        root: Path,
        target: Path,
        who: str,
        keep: int,
        wait: Wait | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._root, self._target, self._who, self._keep = root, target, who, keep
        self._wait, self._progress, self._planner = wait or Wait(), progress, Planner(target)
        self._switch: Switch | None = None
        self._in_doubt = self.hurries = False
        self._published: dict[str, str] = {}
        self.vouch: Vouch | None = None
        self.outdated: bytes | None = None
        self._judged: Vouch | None = None
        self._trees: Trees | None = None  # the trees of the last release that this process made

    def stay(self) -> None:
        """Keeps the content of files in memory, so that later publishes of this process are faster."""
        self._planner.stay()

    def use(self, switch: Switch) -> None:
        """Makes later publishes use `switch`. The target is then a copy of the releases that visitors get."""
        self._switch = switch

    def publish(self) -> Publication:
        """Publishes the site from the present content and log.

        Raises InputRefused, GateRefused or OSError, and then leaves the live release unchanged.
        """
        if not self.hurries:
            self._planner.convert_pictures(self._root)
        return self._attempt("publish", self._publish)

    def roll_back(self, number: int | None) -> Publication:
        """Publishes the content of an earlier release with the present states. Raises NoRelease, and the errors of `publish`."""
        return self._attempt("rollback", lambda live: self._release(self._plan_rollback(live, number), live))

    def plan_roll_back(self, number: int | None) -> tuple[Plan, Release]:
        """Returns the plan of a roll-back, and the live release. Writes nothing. Raises InputRefused, GateRefused and NoRelease."""
        live = find_live(self._target, self._published)[0]
        return self._plan_rollback(live, number), require_live(live)

    def _attempt(self, action: str, work: Callable[[Release | None], Publication]) -> Publication:
        begun = time.perf_counter()
        try:
            for _ in range(_ROUNDS):
                self._judged = None
                with suppress(Overtaken):
                    return self._attempt_locked(action, work, begun)
            self._judged = None
            return self._attempt_locked(action, work, begun)
        finally:
            self.vouch = self._judged

    def _attempt_locked(
        self, action: str, work: Callable[[Release | None], Publication], begun: float
    ) -> Publication:
        # Take the lock before anything is read, so that a publisher that had to wait reads the newest inputs.
        with target_lock(self._target, self._wait):
            close_inputs(self._target)
            if self._switch:
                self._switch.catch_up(self._target)
            self._published = journal.manifests_in(self._target)
            live, doubts = find_live(self._target, self._published)
            self._in_doubt = bool(doubts)
            entry = {"who": self._who, "action": action, "from": states_of(live)}
            if not doubts:
                note_unlogged(self._target, live, self._published)
                sweep_leftovers(self._target, live, self._published)
            try:
                done = work(live)
            except (InputRefused, GateRefused, NoRelease, OSError) as error:
                with suppress(OSError):
                    journal.append(self._target, {**entry, **outcome_of_refusal(error, begun)})
                raise
            # The release is published. An error from here on is not a failed publish.
            unkept = self._note(done, entry, begun)
            with suppress(OSError):
                prune(self._target, done.release, self._keep)
            self._planner.builder.memo.save()
            return replace(
                done,
                notes=(*doubts, *done.notes, *unkept, *keep_reserve(self._target, done.release.manifest)),
            )

    def _note(self, done: Publication, entry: Mapping[str, Any], begun: float) -> tuple[str, ...]:
        """Adds a line about the publish to the journal. Returns a message if that failed."""
        try:
            line = journal.append(self._target, {**entry, **outcome_of(done, begun)})
        except OSError as error:
            return (
                f"The journal could not be written ({error.strerror}); the next publish adds this release.",
            )
        unkept = self._switch.note(line) if self._switch and done.switched else None
        return (unkept,) if unkept else ()

    def _publish(self, live: Release | None) -> Publication:
        guard, tree = self._guard(live, present_moment()), None
        try:
            tree = load_tree(self._root)
            source = read_present(self._planner.builder, tree, guard, self._target, not self.hurries)
            done = self._release(self._planner.plan_present(source, live, guard, tree), live)
        except Exception as error:
            if live is None or isinstance(error, SwitchFailed):
                raise
            # Catches every error of content or code, because a closing must not wait for its correction.
            tree = tree or load_tree(self._root, (STATE_FILE,))
            plans = KeptPlans(self._planner, self._target, live, guard, tree)
            done = publish_kept(plans, lambda plan: self._release(plan, live), error)
        if done.doubts and not done.switched:
            raise InputRefused(problem for found in done.doubts.values() for problem in found)
        return done

    def _guard(self, live: Release | None, instant: datetime) -> LogGuard:
        journalled = journal.last_published(self._target) if self._in_doubt else {}
        return LogGuard(live.manifest if live else None, instant, journalled)

    def _plan_rollback(self, live: Release | None, number: int | None) -> Plan:
        chosen = release_to_roll_back_to(self._target, require_live(live), number)
        guard = self._guard(live, present_moment())
        return self._planner.plan_rollback(chosen, load_tree(self._root), guard)

    def _release(self, plan: Plan, live: Release | None) -> Publication:
        draft, judged = plan.draft, plan.source.judged
        notes = (*plan.notes, *judged.notes)
        if judged.is_old_copy:
            # A publisher with an old log does not know the present states, so it confirms none.
            self.outdated = plan.source.log
        else:
            self._judged = vouch_for(plan, None if self._in_doubt else live)
        before = live.manifest.states if live else {}
        warnings = len(draft.inputs.warnings)
        zone = plan.source.inputs.manuscript.content.settings.zone
        rest = (notes, warnings, judged.doubts)
        gate = self._planner.builder.gate
        if live and not self._in_doubt and is_current(live, plan):
            damage = find_damage(live)
            if not damage:
                gate.verify_trees((draft.files, draft.expected), (plan.hidden.files, plan.hidden.expected))
                if self._switch:
                    self._switch.confirm(live, self._keep)
                return Publication(live, False, before, draft.expected, zone, None, *rest)
            rest = ((*notes, describe_damage(live, damage)), warnings, judged.doubts)
        if has_new_content(plan, live):
            # Otherwise, a dated change could be refused on its day, when its content is live already.
            rehearse_coming(self._planner.builder, draft.inputs, plan.instant, judged.unconfirmed)
        if shown := links_to_rehearse(plan, live):
            rehearse_closings(self._planner.builder, draft.inputs, plan.instant, shown, judged.unconfirmed)
        release = self._write(plan, live)
        if self._judged:
            self._judged = replace(self._judged, releases=frozenset({release.name}))
        return Publication(release, True, before, draft.expected, zone, None, *rest)

    def _write(self, plan: Plan, live: Release | None) -> Release:
        """Writes the planned release, reads it back, has the gate verify it, and makes it live."""
        old = old_assets(self._target, plan.draft.files)
        trees, number = plan.trees(live, old, self._trees), next_number(self._target, self._published)
        manifest = manifest_of(plan, number, trees, tuple(add_twins(old)), live, stamp_of(live))
        design = {f"{DESIGN}/{path}": data for path, data in plan.design.items()}
        content = {**plan.source.content, **design}
        commit = partial(self._switch.commit, keep=self._keep) if self._switch else None

        def write() -> Release:
            with staged(self._target, manifest, trees, content, live, self._progress) as staging:
                refuse_previews(trees.site)
                hidden_tree = (trees.hidden, plan.hidden.expected)
                gate = self._planner.builder.gate
                site, hidden = gate.verify_trees((trees.site, plan.draft.expected), hidden_tree)
            with switching(self._target, bool(shown_links(manifest.states))):
                return make_live(self._target, staging, manifest, site, hidden, commit)

        # Delete nothing while the live release is not known.
        known = None if self._in_doubt else live
        closing = hides_link(live.manifest.states if live else {}, manifest.states)
        release = make_room(write, self._target, known, closing)
        self._trees = trees
        return release

    def next_change(self, after: datetime) -> datetime:
        """Returns the result of `Planner.next_change`."""
        return self._planner.next_change(after)
