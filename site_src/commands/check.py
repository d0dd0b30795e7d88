"""`check`: all that `build` does, but for the writing; and a rehearsal of the states that have not come yet."""

from __future__ import annotations

import argparse
from pathlib import Path

from site_src.commands.instant import checked_instant, instant_of
from site_src.commands.report import report_problems, report_refusals
from site_src.conversions import KEPT_FILE, load_conversions
from site_src.gate import GateRefused
from site_src.outcomes import DONE, GATE_REFUSED, PROBLEMS
from site_src.output import builds_folder
from site_src.pipeline import build_site, judged_at, read_inputs, refuse_foretold_quota
from site_src.problems import InputRefused
from site_src.rehearsal import rehearse


def run(options: argparse.Namespace, root: Path) -> int:
    """Reports every problem; exit 1 with an error (or, with --strict, a warning), 3 if the gate refuses."""
    checked_instant(options.at)
    try:
        inputs = read_inputs(root, load_conversions(builds_folder(root / "dist") / KEPT_FILE))
        instant = instant_of(options.at, inputs.manuscript.content.settings.zone)
        inputs = judged_at(inputs, instant)
        if options.at is None:
            refuse_foretold_quota(inputs, instant)
        build_site(inputs, instant)
        rehearse(inputs, instant)
    except InputRefused as error:
        report_problems(error.problems, options.format)
        return PROBLEMS
    except GateRefused as error:
        report_refusals(error.refusals, options.format)
        return GATE_REFUSED
    report_problems(inputs.warnings, options.format)
    return PROBLEMS if options.strict and inputs.warnings else DONE
