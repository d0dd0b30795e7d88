"""Lists the output files that differ after a change of the quota log. This builds the site twice, so it is slow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from site_src.builder import Builder
from site_src.commands.output import print_row
from site_src.gate.gate import GateRefused
from site_src.instants import Moment
from site_src.memo_file import MEMO_FILE, load_memo
from site_src.problems import InputRefused
from site_src.publish.dist import builds_folder
from site_src.quota.change import Change
from site_src.read.project import Project


def list_files(change: Change, project: Project) -> None:
    """Prints the output files that will differ, or the first reason why the site cannot be built."""
    try:
        builder, moment = Builder(load_memo(builds_folder(project.dist) / MEMO_FILE)), Moment(change.instant)
        inputs = replace(builder.read(project.load_tree()).inputs(), content_judged=True)
        before, after = (
            builder.build(replace(inputs, logs={**inputs.logs, change.programme: log}), moment).files
            for log in (change.before, change.after)
        )
    except (InputRefused, GateRefused) as error:
        first = str(error).partition("\n")[0]
        print_row("files", f"cannot be listed now: {first}")
        print_row("", "To see all problems: python build.py check")
        return
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    print_row("files", f"{len(changed)} will change")
    for line in _in_few_lines(changed, inputs.manuscript.content.settings.languages):
        print_row("", line)


def _in_few_lines(paths: Sequence[str], languages: Collection[str]) -> Iterator[str]:
    """Yields the paths. Paths that differ only in their language share one line: `{en,nl}/index.html`."""
    in_languages: dict[str, list[str]] = {}
    for path in paths:
        folders = path.split("/")
        language = next((folder for folder in folders[:-1] if folder in languages), "")
        in_languages.setdefault(
            "/".join("*" if folder == language else folder for folder in folders), []
        ).append(language)
    for pattern, found in sorted(in_languages.items()):
        yield pattern.replace("*", found[0] if len(found) == 1 else f"{{{','.join(sorted(found))}}}")
