"""Publishes a change of state with the content of an earlier release if the present `content/` has errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from site_src.publish.audit import is_design_whole
from site_src.publish.log_guard import LogGuard
from site_src.publish.planner import Planner
from site_src.publish.publication import Plan, Publication, explain_crash, merge_reasons
from site_src.publish.releases import Release
from site_src.publish.sources import read_kept, with_other_content
from site_src.publish.switch import SwitchFailed
from site_src.read.tree import Tree


@dataclass(frozen=True, slots=True)
class KeptPlans:
    """What a publish with earlier content needs. `tree` contains the present log, and `guard` checks it."""

    planner: Planner
    target: Path
    live: Release
    guard: LogGuard
    tree: Tree

    def plan(self, release: Release, guard: LogGuard) -> Plan:
        """Plans a release with the content of `release`, and with the states according to `guard`. Raises InputRefused."""
        source = read_kept(self.planner.builder, release, self.tree, guard)
        content_of, instead_of = release.manifest.content_of, self.live.manifest.instead_of
        return self.planner.draft(source, guard.instant, content_of, instead_of)


def publish_kept(plans: KeptPlans, publish: Callable[[Plan], Publication], error: Exception) -> Publication:
    """Publishes the present states with the newest content that can be published. The result's `pending` is `error`.

    Tries the present templates first, then those of the live release; with each of them the live content, then older contents.
    If an opening cannot be published with any content, publishes the other changes without it. Raises InputRefused, GateRefused
    or OSError if nothing can be changed for visitors.
    """
    # A new builder, because the present one may have crashed.
    plans.planner.forget_builder()
    reason = explain_crash(error)
    reasons, live, guard = [reason], plans.live, plans.guard
    designs = (None, live.design) if is_design_whole(live) else (None,)
    for judge, design in product((guard, replace(guard, openings=False)), designs):
        with plans.planner.use_design(design):
            for release in with_other_content(plans.target, live):
                try:
                    done = replace(publish(plans.plan(release, judge)), pending=reason)
                except SwitchFailed:
                    raise
                except Exception as another:  # noqa: BLE001 - the next content is tried, and every reason is reported
                    reasons.append(explain_crash(another))
                    continue
                if done.switched:
                    return done
                raise (error if isinstance(error, OSError) else reason) from error
    raise (error if isinstance(error, OSError) else merge_reasons(reasons)) from error
