"""Shows the operator what a change of the quota log would do, and asks for confirmation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from site_src.commands.quota_inputs import QuotaInputs, find_kept, read_quota_inputs
from site_src.commands.quota_report import describe, effect
from site_src.exit_codes import WrongUse
from site_src.quota.change import Change, ChangeRefused

Plan = Callable[[QuotaInputs], Change]


def ask(plan: Plan, options: argparse.Namespace, root: Path) -> Change:
    """The change, after the operator confirmed it; raises ChangeRefused if not, WrongUse without a terminal, and InputRefused."""
    inputs = read_quota_inputs(root, find_kept(options.publish))
    change = plan(inputs)
    # A closed stream is None in `sys`.
    if options.json or not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        why = "--json cannot ask a question" if options.json else "there is no terminal to ask you on"
        raise WrongUse(f"{why}. Add --yes to do it, or --dry-run to look first.")
    describe(change, inputs, root, as_json=False)
    appears = change.link_after and not change.link_before
    wanted = inputs.name(change.programme) if appears else "yes"
    question = f'The link {effect(change)}. Type "{wanted}" to do it: ' if appears else "Type yes to do it: "
    try:
        answer = input(question).strip().casefold()
    except (EOFError, KeyboardInterrupt):
        print()
        answer = ""
    known = inputs.programmes.get(change.programme)
    names = {wanted, change.programme, *(known.names.values() if known else ())}
    if answer not in ({name.casefold() for name in names} if appears else {"yes", "y"}):
        raise ChangeRefused(f'the answer was not "{wanted}".')
    return change
