"""Plans a release with the present content or with that of an earlier release. Finds pages that vanish, and the next change."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from site_src.builder import Builder
from site_src.check.dates import find_next_change
from site_src.check.inputs import Inputs
from site_src.instants import Moment
from site_src.memo_file import MEMO_FILE, load_memo
from site_src.problems import InputRefused
from site_src.publish.log_guard import LogGuard
from site_src.publish.manifest import digest_of_all, list_entries
from site_src.publish.publication import Plan
from site_src.publish.releases import Release
from site_src.publish.retired import find_retired
from site_src.publish.sources import Source, read_kept
from site_src.read.picture_files import PICTURES
from site_src.read.tree import Tree, load_tree
from site_src.render.templating import read_design
from site_src.site.model import Look

_PAGE = "/index.html"


class Planner:
    """Plans releases for `target`. All plans use one builder, so later plans are faster."""

    def __init__(self, target: Path) -> None:
        self._target, self._stays = target, False
        self._kept_builder: Builder | None = None
        self._drafted: Inputs | None = None

    def stay(self) -> None:
        """Makes the builder keep the contents of files in memory, so that later plans are faster."""
        self._stays = True

    def forget_builder(self) -> None:
        """Makes the next plan use a new builder, because the present one may have crashed."""
        self._kept_builder = None

    @property
    def builder(self) -> Builder:
        """Returns the builder for all plans, with the memo from the target."""
        # Made at the first use, because the target with the memo may not exist earlier.
        if self._kept_builder is None:
            memo = load_memo(self._target / MEMO_FILE)
            if self._stays:
                memo.stay()
            self._kept_builder = Builder(memo, once=not self._stays)
        return self._kept_builder

    def convert_pictures(self, root: Path) -> None:
        """Converts the project's pictures, and keeps the results in the builder's memo. Ignores errors.

        Call it without the target's lock, so that a closing does not wait for it.
        """
        # The publish that follows gets the same error, and reports it.
        with suppress(Exception):
            self.builder.convert_pictures(load_tree(root, (PICTURES,)))

    def plan_present(self, source: Source, live: Release | None, guard: LogGuard, tree: Tree) -> Plan:
        """Plans a release from `source`. Raises InputRefused.

        If `content/` is still the content that was rolled back from, plans a release with the content of the live release
        instead.
        """
        instant = guard.instant
        rolled_back_from = live.manifest.instead_of if live else None
        if live and rolled_back_from == digest_of_all(source.entries):
            source = read_kept(self.builder, live, tree, guard)
            note = f"content/ is the same as before the rollback, so the content of release {live.manifest.content_of} stays live. To publish content/, change it first."
            content_of = live.manifest.content_of
            return self.draft(source, instant, content_of, rolled_back_from, (note,))
        plan = self.draft(source, instant)
        vanished = describe_vanished(live.manifest.files, plan.draft.files) if live else ()
        return replace(plan, notes=(*plan.notes, *vanished))

    def plan_rollback(self, chosen: Release, tree: Tree, guard: LogGuard) -> Plan:
        """Plans a roll-back to the content of the release `chosen`. `tree` is the present project. Raises InputRefused."""
        instead_of = digest_of_all(list_entries(tree.content))
        source = read_kept(self.builder, chosen, tree, guard, waits=True)
        if source.judged.doubts:
            raise InputRefused(source.judged.problems)
        # A roll-back can be refused because its pages contain the present address. A closing with kept content cannot.
        retired = find_retired(self._target, source.content, tree.content)
        source = replace(source, inputs=replace(source.inputs, retired=retired))
        return self.draft(source, guard.instant, chosen.manifest.content_of, instead_of)

    def draft(
        self,
        source: Source,
        instant: datetime,
        content_of: int | None = None,
        instead_of: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> Plan:
        """Plans a release from `source`: drafts the tree with the links and the hidden tree."""
        self._drafted, moment = source.inputs, Moment(instant, is_present=True)
        draft = self.builder.draft(source.inputs, moment, Look(unconfirmed=source.judged.unconfirmed))
        hidden = self.builder.draft(draft.inputs, moment, Look(is_hidden=True))
        design = read_design(self.builder.design)
        return Plan(source, draft, hidden, instant, content_of, instead_of, notes, design)

    @contextmanager
    def use_design(self, design: Path | None) -> Iterator[None]:
        """Makes plans inside the block use the templates and static files in the folder `design`; None means the present ones."""
        present = self.builder
        if design:
            self._kept_builder = Builder(present.memo, design)
        try:
            yield
        finally:
            self._kept_builder = present

    def next_change(self, after: datetime) -> datetime:
        """Returns the first moment after `after` (aware) at which the output changes although nobody edits a file.

        The cause is an event, a dated text or a new day. Uses the log and content of the last plan, even if it could not be
        published.
        """
        if self._drafted is None:
            return after + timedelta(days=1)
        return find_next_change(self._drafted, after)


def describe_vanished(published: Collection[str], files: Collection[str]) -> Iterator[str]:
    """Yields a message for each page that is in `published` but not in `files`. It names the page's address in each language.

    A page that was renamed with `moved_from` has a redirect at its earlier address, so it has not vanished.
    """
    languages = {path.partition("/")[0] for path in files if path.count("/") == 1 and path.endswith(_PAGE)}
    gone: dict[str, list[str]] = {}
    for path in sorted(published):
        language, _, rest = path.partition("/")
        if path not in files and language in languages and rest.endswith(_PAGE):
            gone.setdefault(rest.removesuffix(_PAGE), []).append(f"/{path.removesuffix('index.html')}")
    for slug, addresses in gone.items():
        yield (
            f"{', '.join(addresses)}: was published and does not exist any more, so visitors with a link to it get an error. "
            f'If another page replaces it, add "moved_from: [{slug}]" to the front matter of that page.'
        )
