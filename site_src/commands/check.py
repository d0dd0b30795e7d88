"""`check`: all that `build` does, but for the writing; advice; and a rehearsal of the states that have not come yet."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from site_src.builder import Builder
from site_src.cache import MEMO_FILE, load_memo
from site_src.check.advice import advise
from site_src.commands.instant import checked_instant, moment_of
from site_src.commands.report import report_problems, report_refusals
from site_src.exit_codes import DONE, GATE_REFUSED, PROBLEMS
from site_src.gate.gate import GateRefused
from site_src.problems import InputRefused, Problem, has_errors
from site_src.publish.dist import builds_folder
from site_src.read.local import read_local
from site_src.read.tree import load_tree
from site_src.rehearsal import rehearse


def run(options: argparse.Namespace, root: Path) -> int:
    """Reports every problem; exit 1 with an error (or, with --strict, a warning), 3 if the gate refuses."""
    checked_instant(options.at)
    builder = Builder(load_memo(builds_folder(root / "dist") / MEMO_FILE))
    reading = builder.read(load_tree(root))
    if options.translations:
        from site_src.commands.translations import report_translations

        return report_translations(reading, options.format)
    advice: list[Problem] = []
    try:
        if reading.manuscript:
            zone = reading.manuscript.content.settings.zone
            moment = moment_of(options.at, zone)
            advice = advise(reading.manuscript, moment.instant.astimezone(zone).date())
        inputs = builder.build(reading.inputs(), moment).inputs
        rehearse(builder, inputs, moment.instant)
    except InputRefused as error:
        report_problems(_in_order((*error.problems, *read_local(root)[1]), advice), options.format)
        return PROBLEMS
    except GateRefused as error:
        report_refusals(error.refusals, options.format)
        return GATE_REFUSED
    found = _in_order((*inputs.warnings, *read_local(root)[1]), advice)
    report_problems(found, options.format)
    return PROBLEMS if has_errors(found) or (options.strict and found) else DONE


def _in_order(problems: Iterable[Problem], advice: Iterable[Problem]) -> list[Problem]:
    """Errors first, then warnings, each by file and line."""
    return sorted({*problems, *advice}, key=lambda problem: (problem.severity, problem))
