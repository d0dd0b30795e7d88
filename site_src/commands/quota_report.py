"""Prints a change of the quota log: for people, as JSON, and as the list of output files that differ."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from site_src.commands.quota_inputs import QuotaInputs
from site_src.commands.quota_show import both_zones, event_line
from site_src.instants import utc_text
from site_src.problems import InputRefused
from site_src.quota.change import Change
from site_src.quota.log import next_event, state_at
from site_src.states import STATES_WITH_LINK, State


def describe(change: Change, inputs: QuotaInputs, root: Path, as_json: bool) -> None:
    """Prints what would change, with the output files that will differ."""
    if as_json:
        print_json(change, written=False)
        return
    print_change(change, inputs)
    _list_files(change, root)


def print_change(change: Change, inputs: QuotaInputs) -> None:
    """Prints the change, and its effect on the link."""
    print(f"{inputs.name(change.programme)} ({change.programme})")
    if change.taken_back:
        _row("takes back", " ".join(event_line(change.taken_back, inputs.zone).split()))
    _row("before", _words(state_at(change.before, change.instant), change.link_before))
    _row("after", _words(state_at(change.after, change.instant), change.link_after))
    if change.added and change.added.places:
        _row("places", f"{change.added.places}, published")
    _row("from", both_zones(inputs, change.programme, change.instant))
    _row("the link", effect(change))
    if scheduled := next_event(change.after, change.instant):
        shown = "shown" if scheduled.state in STATES_WITH_LINK else "hidden"
        _row(
            "then",
            f"{scheduled.state} from {both_zones(inputs, change.programme, scheduled.starts)}, link {shown}",
        )


def print_json(change: Change, written: bool) -> None:
    """Prints the change for machines; docs/reference.md lists the keys."""
    taken_back = change.taken_back
    printed: Mapping[str, Any] = {
        "programme": change.programme,
        "from": utc_text(change.instant),
        "before": {"state": state_at(change.before, change.instant), "linkShown": change.link_before},
        "after": {"state": state_at(change.after, change.instant), "linkShown": change.link_after},
        "takenBack": {"state": taken_back.state, "from": utc_text(taken_back.starts)} if taken_back else None,
        "written": written,
    }
    print(json.dumps(printed, ensure_ascii=False, indent=2))


def _words(state: State, shown: bool) -> str:
    return f"{state}, link {'shown' if shown else 'hidden'}"


def effect(change: Change) -> str:
    """The effect on the link, as the end of a sentence that begins with "The link"."""
    if change.link_before == change.link_after:
        return "stays shown" if change.link_after else "stays hidden"
    if not change.added:
        return "will not DISAPPEAR then" if change.link_after else "will not APPEAR then"
    return "APPEARS" if change.link_after else "DISAPPEARS"


def _list_files(change: Change, root: Path) -> None:
    """Prints the output files that will differ, or the first reason why the content cannot be built."""
    from dataclasses import replace

    from site_src.builder import Builder
    from site_src.gate.gate import GateRefused
    from site_src.instants import Moment
    from site_src.memo_file import MEMO_FILE, load_memo
    from site_src.publish.dist import builds_folder
    from site_src.read.tree import load_tree

    try:
        builder, moment = Builder(load_memo(builds_folder(root / "dist") / MEMO_FILE)), Moment(change.instant)
        inputs = replace(builder.read(load_tree(root)).inputs(), content_judged=True)
        before, after = (
            builder.build(replace(inputs, logs={**inputs.logs, change.programme: log}), moment).files
            for log in (change.before, change.after)
        )
    except (InputRefused, GateRefused) as error:
        first = str(error).partition("\n")[0]
        _row("files", f"cannot be listed now: {first}")
        _row("", "All problems: python build.py check")
        return
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    _row("files", f"{len(changed)} will change")
    for line in _in_few_lines(changed, inputs.manuscript.content.settings.languages):
        _row("", line)


def _in_few_lines(paths: Sequence[str], languages: Collection[str]) -> Iterator[str]:
    """The paths; paths that differ only in their language become one line: `{en,nl}/index.html`."""
    in_languages: dict[str, list[str]] = {}
    for path in paths:
        folders = path.split("/")
        language = next((folder for folder in folders[:-1] if folder in languages), "")
        in_languages.setdefault(
            "/".join("*" if folder == language else folder for folder in folders), []
        ).append(language)
    for pattern, found in sorted(in_languages.items()):
        yield pattern.replace("*", found[0] if len(found) == 1 else f"{{{','.join(sorted(found))}}}")


def _row(title: str, text: str) -> None:
    print(f"  {title:<12}{text}")
