"""Which texts and facts will change by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from site_src.commands.findings import Finding
from site_src.commands.report import pluralize
from site_src.quota.log_file import local_text
from site_src.read.content import read_content
from site_src.read.in_force import list_coming_changes
from site_src.read.reader import Reader
from site_src.read.tree import Tree


def find_coming_changes(tree: Tree, now: datetime) -> Iterator[Finding]:
    """A finding for each moment after `now` (aware) at which texts or facts change; files with errors are left out."""
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
        message = (
            f'on {moment} {" and ".join(counts)} {verb}: {named}. Look: python build.py serve --at "{moment}"'
        )
        yield Finding("info", "dated-change", message)
