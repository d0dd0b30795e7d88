"""`check`: prints the problems that a build would report, the advice on texts, and the problems of rehearsed states.

Writes no output.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from site_src.builder import Builder
from site_src.check.advice import advise
from site_src.check.inputs import Reading
from site_src.commands.git import Git
from site_src.commands.keys import find_expiry
from site_src.commands.output import pluralize, say
from site_src.commands.report import report_problems, report_refusals
from site_src.commands.translations import report_translations
from site_src.exit_codes import DONE, GATE_REFUSED, PROBLEMS, WrongUse
from site_src.gate.gate import GateRefused
from site_src.instants import checked_instant, moment_of
from site_src.local_file import LOCAL_FILE
from site_src.memo_file import load_user_memo
from site_src.problems import InputRefused, Problem, group_problems, has_errors, nearest
from site_src.read.project import Project
from site_src.read.tree import Tree
from site_src.rehearsal import rehearse

# The titles of the groups of `group_problems`, printed if there are several groups.
_TITLES = (
    "Errors:",
    "Warnings in the files that you changed:",
    "Warnings in other files:",
    "Placeholders:",
    "Notes:",
)


def run(options: argparse.Namespace, project: Project) -> int:
    """Prints every problem. Returns 1 if there is an error (with --strict, also a warning), and 3 if the gate refuses.

    With paths, prints and counts only the problems in those files and folders. Raises WrongUse if a path does not exist.
    """
    checked_instant(options.at)
    builder = Builder(load_user_memo("check"))
    tree = project.load_tree()
    reading = builder.read(tree)
    if options.translations:
        return report_translations(reading, options.format)
    try:
        found = _find_problems(builder, reading, options.at)
    except GateRefused as error:
        report_refusals(error.refusals, options.format)
        return GATE_REFUSED
    finally:
        builder.memo.save()
    found |= {*project.read_local()[1], *find_expiry(project)}
    if options.paths:
        places = [_place(path, project, tree, found) for path in options.paths]
        chosen = {problem for problem in found if _is_below(problem.path, places)}
        _report(chosen, options.format)
        _report_others(found - chosen, options.format)
        found = chosen
    else:
        _report(found, options.format, Git(project.root).list_own_files)
    strict = options.strict and any(problem.severity == "warning" for problem in found)
    return PROBLEMS if strict or has_errors(found) else DONE


def _find_problems(builder: Builder, reading: Reading, at: str | None) -> set[Problem]:
    """Returns the problems of a build, the advice, and the problems of rehearsed states. Raises GateRefused."""
    advice: list[Problem] = []
    try:
        if reading.manuscript:
            zone = reading.manuscript.content.settings.zone
            moment = moment_of(at, zone)
            advice = advise(reading.manuscript, moment.instant.astimezone(zone).date(), builder.memo)
        inputs = builder.build(reading.inputs(), moment).inputs
        rehearse(builder, inputs, moment.instant)
    except InputRefused as error:
        return {*error.problems, *advice}
    return {*inputs.warnings, *advice}


def _report(
    problems: Iterable[Problem], form: str, own_files: Callable[[], frozenset[str]] | None = None
) -> None:
    """Prints the problems by group. With `own_files`, gives each group a title, and lists the warnings in these files separately."""
    grouped = group_problems(problems, ())
    if own_files and grouped.others and form == "text":
        grouped = group_problems(problems, own_files())
    groups = [(title, group) for title, group in zip(_TITLES, grouped, strict=True) if group]
    headings = {group[0]: title for title, group in groups} if own_files and len(groups) > 1 else {}
    report_problems([problem for _, group in groups for problem in group], form, headings=headings)


def _report_others(problems: Iterable[Problem], form: str) -> None:
    errors = sum(problem.severity == "error" for problem in problems)
    if errors and form == "text":
        say(f"{pluralize(errors, 'error')} in other files. To read all: python build.py check")


def _place(typed: str, project: Project, tree: Tree, problems: Iterable[Problem]) -> str:
    """Returns the path relative to the project. `typed` may be relative to the current folder or to the project. Raises WrongUse."""
    known = {*tree.paths, *tree.folders, *(problem.path for problem in problems)}
    known |= {LOCAL_FILE} if (project.root / LOCAL_FILE).is_file() else set()
    here = Path(os.path.relpath(Path(typed).absolute(), project.root)).as_posix()
    for place in (here, os.path.normpath(typed)):
        if place in known or place == ".":
            return place
    near = nearest(here, known)
    mean = f' Did you mean "{near}"?' if near else " Type a path such as content/en/japan.md."
    raise WrongUse(f'"{typed}" is not a file of this site.{mean}')


def _is_below(path: str, places: Sequence[str]) -> bool:
    return any(place in (".", path) or path.startswith(f"{place}/") for place in places)
