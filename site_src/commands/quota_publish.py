"""Publishes a change of the quota log: hands it over to a resident publisher, or publishes it in this process.

Imports what publishes only when it is called.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext, redirect_stdout

from site_src.commands.output import say
from site_src.commands.quota_inputs import QuotaInputs
from site_src.commands.target import checked_target, name_target
from site_src.exit_codes import GATE_REFUSED, INTERRUPTED, PROBLEMS, WrongUse
from site_src.problems import InputRefused
from site_src.quota.change import Change
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE


def publish_change(
    options: argparse.Namespace,
    project: Project,
    inputs: QuotaInputs | None = None,
    change: Change | None = None,
) -> int:
    """Publishes the log, and returns the exit code. If the publish fails, prints what the operator must do.

    A resident publisher publishes the `change` that was just written, if one runs.
    """
    again = f"python build.py publish {name_target(options, options.publish)}"
    # With --json, standard output contains only the change.
    with redirect_stdout(sys.stderr) if options.json else nullcontext():
        try:
            code = _hand_over_or_publish(options, project, inputs, change)
        except KeyboardInterrupt:
            say(
                f"\nStopped. The change stays in {STATE_FILE}, but visitors may not get it yet. To publish it: {again}"
            )
            return INTERRUPTED
        except (WrongUse, InputRefused) as error:
            # The event is written. A publisher with the right settings may publish it.
            options.first.fail(str(error).partition("\n")[0])
            say(f"{error}\nNOT PUBLISHED.")
            code = PROBLEMS
    if code in (PROBLEMS, GATE_REFUSED):
        others = " A resident publisher of this checkout publishes it." if options.bucket else ""
        say(f"The change stays in {STATE_FILE}.{others} When the cause is fixed: {again}")
    return code


def _hand_over_or_publish(
    options: argparse.Namespace, project: Project, inputs: QuotaInputs | None, change: Change | None
) -> int:
    if inputs and change and inputs.is_whole:
        from site_src.commands.hand_over import hand_over

        target = checked_target(options, project.root)
        logs = {**inputs.logs, change.programme: change.after}
        code = hand_over(options, target, logs, inputs.zone)
        if code is not None:
            return code
    from site_src.commands.publish import run

    return run(options, project)
