"""The order of one publish: read, build, stage, ask the gate, switch, note it in the journal, prune.

A change of state never waits for content: where `content/` is not right, the present log goes over the last content that was.
A roll-back brings back content, never a state.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from site_src.builder import Builder
from site_src.cache import MEMO_FILE, load_memo
from site_src.check.inputs import Inputs
from site_src.file_lock import Wait
from site_src.gate.gate import GateRefused
from site_src.instants import Moment
from site_src.problems import InputRefused
from site_src.publish import journal
from site_src.publish.audit import find_damage, is_design_whole
from site_src.publish.lease import switching
from site_src.publish.log_guard import LogGuard
from site_src.publish.manifest import MANIFEST_FILE, digest, digest_of_all, listed
from site_src.publish.publication import (
    Plan,
    Publication,
    explain_crash,
    journal_of,
    links_to_rehearse,
    manifest_of,
    outcome_of,
    outcome_of_refusal,
    refuse_previews,
    stands,
    states_of,
    together,
)
from site_src.publish.releases import (
    DESIGN,
    Release,
    close_inputs,
    live_or_newest,
    make_live,
    next_number,
    old_assets,
    prune,
    prune_half,
    staged,
    sweep_leftovers,
    target_lock,
)
from site_src.publish.retired import find_retired
from site_src.publish.sources import (
    NoRelease,
    Source,
    needed,
    read_kept,
    read_present,
    release_to_roll_back_to,
    with_other_content,
)
from site_src.publish.store import Progress, is_full, keep_file
from site_src.publish.vouch import Vouch, vouch_for
from site_src.quota.decision import next_change
from site_src.read.tree import STATE_FILE, Tree, load_tree
from site_src.rehearsal import rehearse_closings
from site_src.render.templating import read_design
from site_src.site.model import Look
from site_src.states import STATES_WITH_LINK


def present_moment() -> datetime:
    """The clock, in UTC and whole seconds, never ahead."""
    return datetime.now(UTC).replace(microsecond=0)


def _describe_damage(live: Release, damage: list[str]) -> str:
    more = f" (and {len(damage) - 1} more)" if len(damage) > 1 else ""
    return f"ALARM: release {live.name} was changed on this disk, and a new one replaces it: {damage[0]}{more}. Find out who did that."


class Publisher:
    """Publishes the project in `root` to `target`; a second time it does only what has changed since.

    `vouch` is what the last attempt vouches for, also one that could not publish; None while it cannot tell. `outdated` is
    the log that was last refused because it is older than the published one.
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
        self._wait, self._progress, self._stays = wait or Wait(), progress, False
        self._kept_builder: Builder | None = None
        self._drafted: Inputs | None = None
        self._in_doubt = False
        self._published: dict[str, str] = {}
        self.vouch: Vouch | None = None
        self.outdated: bytes | None = None
        self._judged: Vouch | None = None

    def stay(self) -> None:
        """Makes the next publish faster, for a process that will publish again: what files say is kept in memory."""
        self._stays = True

    def publish(self) -> Publication:
        """Makes visitors get the site as content and log have it now.

        Raises InputRefused, GateRefused or OSError, and then they still get what they got before.
        """
        return self._attempt("publish", self._publish)

    def roll_back(self, number: int | None) -> Publication:
        """Makes visitors get the content of an earlier release, with the present states; raises as `publish`, and NoRelease."""
        return self._attempt("rollback", lambda live: self._release(self._plan_rollback(live, number), live))

    def plan_roll_back(self, number: int | None) -> tuple[Plan, Release]:
        """What a roll-back would publish, and what is live; nothing is written."""
        live = self._live()[0]
        return self._plan_rollback(live, number), needed(live)

    def _attempt(self, action: str, work: Callable[[Release | None], Publication]) -> Publication:
        begun, self._judged = time.perf_counter(), None
        try:
            return self._attempt_locked(action, work, begun)
        finally:
            self.vouch = self._judged

    def _attempt_locked(
        self, action: str, work: Callable[[Release | None], Publication], begun: float
    ) -> Publication:
        # The lock is taken before anything is read: a publisher that waits its turn must see what is true then.
        with target_lock(self._target, self._wait):
            close_inputs(self._target)
            self._published = journal.manifests_in(self._target)
            live, doubts = self._live()
            self._in_doubt = bool(doubts)
            entry: dict[str, Any] = {"who": self._who, "action": action, "from": states_of(live)}
            if not doubts:
                self._note_unlogged(live)
                sweep_leftovers(self._target, live, self._published)
            try:
                done = work(live)
            except (InputRefused, GateRefused, NoRelease, OSError) as error:
                with suppress(OSError):
                    journal.append(self._target, {**entry, **outcome_of_refusal(error, begun)})
                raise
            notes = (*doubts, *done.notes)
            try:
                journal.append(self._target, {**entry, **outcome_of(done, begun)})
            except OSError as error:
                notes = (
                    *notes,
                    f"The journal could not be written ({error.strerror}); the next publish adds this release.",
                )
            # It is published, whatever happens now.
            with suppress(OSError):
                prune(self._target, done.release, self._keep)
            if made := self._builder.memo.take_unsaved():
                keep_file(self._target / MEMO_FILE, made)
            return replace(done, notes=notes)

    def _publish(self, live: Release | None) -> Publication:
        guard, tree = self._guard(live, present_moment()), None
        try:
            tree = load_tree(self._root)
            source = read_present(self._builder, tree, guard, self._target)
            done = self._release(self._plan(source, live, guard, tree), live)
        except Exception as error:
            if live is None:
                raise
            # Whatever content or code did: a closing must not wait until somebody understands it.
            done = self._over_kept_content(live, error, guard, tree or load_tree(self._root, (STATE_FILE,)))
        if done.doubts and not done.switched:
            raise InputRefused(problem for found in done.doubts.values() for problem in found)
        return done

    def _guard(self, live: Release | None, instant: datetime) -> LogGuard:
        told = journal.last_published(self._target) if self._in_doubt else {}
        return LogGuard(live.manifest if live else None, instant, told)

    def _plan(self, source: Source, live: Release | None, guard: LogGuard, tree: Tree) -> Plan:
        instant = guard.instant
        rolled_back_from = live.manifest.instead_of if live else None
        if live and rolled_back_from == digest_of_all(listed(source.content)):
            source = read_kept(self._builder, live, tree, guard)
            note = f"content/ is still what was rolled back from, so the content of release {live.manifest.content_of} stays. Mend content/ to publish it."
            content_of = live.manifest.content_of
            return self._draft(source, instant, content_of, rolled_back_from, (note,))
        return self._draft(source, instant)

    def _over_kept_content(self, live: Release, error: Exception, guard: LogGuard, tree: Tree) -> Publication:
        """The present states over the last content that can be published; the error is what is pending then.

        First with the present templates, then with those that the live release was made with. Where an opening cannot be
        published over any content, the rest is, without it. Raises the error where nothing changes for visitors.
        """
        # Another builder, because this one may have crashed.
        self._kept_builder = None
        reason = explain_crash(error)
        reasons = [reason]
        designs = (None, live.design) if is_design_whole(live) else (None,)
        for judge, design in product((guard, replace(guard, openings=False)), designs):
            with self._designed(design):
                for release in with_other_content(self._target, live):
                    try:
                        source = read_kept(self._builder, release, tree, judge)
                        content_of, instead_of = release.manifest.content_of, live.manifest.instead_of
                        plan = self._draft(source, guard.instant, content_of, instead_of)
                        done = replace(self._release(plan, live), pending=reason)
                    except Exception as another:  # noqa: BLE001 - the next content is tried, and every reason is reported
                        reasons.append(explain_crash(another))
                        continue
                    if done.switched:
                        return done
                    raise (error if isinstance(error, OSError) else reason) from error
        raise (error if isinstance(error, OSError) else together(reasons)) from error

    @contextmanager
    def _designed(self, design: Path | None) -> Iterator[None]:
        """For the block, builds with the templates and static files of the folder `design`; None for the present ones."""
        present = self._builder
        if design:
            self._kept_builder = Builder(present.memo, design)
        try:
            yield
        finally:
            self._kept_builder = present

    def _plan_rollback(self, live: Release | None, number: int | None) -> Plan:
        chosen, tree = release_to_roll_back_to(self._target, needed(live), number), load_tree(self._root)
        instant, instead_of = present_moment(), digest_of_all(listed(tree.content))
        source = read_kept(self._builder, chosen, tree, self._guard(live, instant))
        if source.judged.doubts:
            raise InputRefused(source.judged.problems)
        # A roll-back can wait until its content is without the present address; a closing over kept content cannot.
        retired = find_retired(self._target, source.content, tree.content)
        source = replace(source, inputs=replace(source.inputs, retired=retired))
        return self._draft(source, instant, chosen.manifest.content_of, instead_of)

    def _release(self, plan: Plan, live: Release | None) -> Publication:
        draft, judged = plan.draft, plan.source.judged
        notes = (*plan.notes, *judged.notes)
        if judged.is_old_copy:
            # Whoever has an old log cannot know what is true now: it vouches for nothing.
            self.outdated = plan.source.log
        else:
            self._judged = vouch_for(plan, None if self._in_doubt else live)
        before = live.manifest.states if live else {}
        warnings = len(draft.inputs.warnings)
        zone = plan.source.inputs.manuscript.content.settings.zone
        rest = (notes, warnings, judged.doubts)
        gate = self._builder.gate
        if live and not self._in_doubt and stands(live, plan):
            damage = find_damage(live)
            if not damage:
                gate.verify_trees((draft.files, draft.expected), (plan.hidden.files, plan.hidden.expected))
                return Publication(live, False, before, draft.expected, zone, None, *rest)
            rest = ((*notes, _describe_damage(live, damage)), warnings, judged.doubts)
        if shown := links_to_rehearse(plan, live):
            rehearse_closings(self._builder, draft.inputs, plan.instant, shown, judged.unconfirmed)
        trees = plan.trees(old_assets(self._target, draft.files))
        kept = tuple(sorted(trees.site.keys() - plan.trees().site.keys()))
        manifest = manifest_of(plan, next_number(self._target, self._published), trees, kept)
        content = {
            **plan.source.content,
            **{f"{DESIGN}/{path}": data for path, data in plan.design.items()},
        }

        def write() -> Release:
            with staged(self._target, manifest, trees, content, live, self._progress) as (staging, there):
                refuse_previews(there.site)
                hidden_tree = (there.hidden, plan.hidden.expected)
                site, hidden = gate.verify_trees((there.site, draft.expected), hidden_tree)
            with switching(self._target, not STATES_WITH_LINK.isdisjoint(manifest.states.values())):
                return make_live(self._target, staging, manifest, site, hidden)

        release = self._make_room(write, live)
        if self._judged:
            self._judged = replace(self._judged, releases=frozenset({release.name}))
        return Publication(release, True, before, draft.expected, zone, None, *rest)

    def _make_room(self, write: Callable[[], Release], live: Release | None) -> Release:
        """The release that `write` makes; on a full disk, old releases are deleted for it. Raises OSError."""
        while True:
            try:
                return write()
            except OSError as error:
                # Where nobody can tell which release is live, none is deleted.
                if not is_full(error) or live is None or self._in_doubt or not prune_half(self._target, live):
                    raise

    def next_change(self, after: datetime) -> datetime:
        """The first moment after `after` at which the output changes by itself: an event, or the beginning of a day.

        As the log and the time zone say that were read last, also where nothing could be published.
        """
        if self._drafted is None:
            return after + timedelta(days=1)
        return next_change(self._drafted.logs, self._drafted.manuscript.content.settings.zone, after)

    def _draft(
        self,
        source: Source,
        instant: datetime,
        content_of: int | None = None,
        instead_of: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> Plan:
        """The plan of a release from `source`, with both of its trees."""
        self._drafted, moment = source.inputs, Moment(instant, is_present=True)
        draft = self._builder.draft(source.inputs, moment, Look(unconfirmed=source.judged.unconfirmed))
        hidden = self._builder.draft(draft.inputs, moment, Look(is_hidden=True))
        design = read_design(self._builder.design)
        return Plan(source, draft, hidden, instant, content_of, instead_of, notes, design)

    @property
    def _builder(self) -> Builder:
        # Made when first used: its memo is in the target, which may not be there before.
        if self._kept_builder is None:
            self._kept_builder = Builder(load_memo(self._target / MEMO_FILE), once=not self._stays)
        return self._kept_builder

    def _live(self) -> tuple[Release | None, tuple[str, ...]]:
        """What is live, or stands in for it, and a sentence if nobody can tell: a closing must not wait for that."""
        live, doubt = live_or_newest(self._target)
        if live and not doubt and self._is_changed(live):
            doubt = f"{live.name}/{MANIFEST_FILE} is not the one that was published."
        look = "The new release was made without it. Look: python build.py releases --verify"
        return live, (f"{doubt} {look}",) if doubt else ()

    def _is_changed(self, live: Release) -> bool:
        """True when the journal has another digest of the release's manifest: somebody edited it."""
        published = self._published.get(live.name)
        return published is not None and published != digest((live.folder / MANIFEST_FILE).read_bytes())

    def _note_unlogged(self, live: Release | None) -> None:
        """Adds a line for a live release whose publisher did not live to write it; never holds up a closing."""
        with suppress(OSError):
            if live and live.name not in self._published:
                found = {"who": "", "action": "publish", "from": {}, "to": states_of(live), "result": "found"}
                journal.append(self._target, {**found, **journal_of(live)})
