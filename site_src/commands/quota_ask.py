"""Asks the operator at the terminal to confirm a change: `yes`, or the programme's name if a link appears."""

from __future__ import annotations

import sys
from contextlib import suppress

from site_src.commands.output import has_terminal
from site_src.commands.quota_inputs import QuotaInputs
from site_src.commands.quota_report import effect
from site_src.exit_codes import WrongUse
from site_src.quota.change import Change, ChangeRefused


def check_terminal(as_json: bool) -> None:
    """Raises WrongUse if no question can be asked: standard input or output is not a terminal, or the output must be JSON."""
    if as_json or not has_terminal():
        why = "--json cannot ask a question" if as_json else "there is no terminal for a question"
        raise WrongUse(f"{why}. Add --yes to make the change, or --dry-run to see it first.")


def confirm_change(change: Change, inputs: QuotaInputs) -> None:
    """Asks the operator to confirm the change. If a link appears, the operator must type the programme's name.

    Raises ChangeRefused if the operator does not agree.
    """
    if not (change.link_after and not change.link_before):
        confirm("Type yes to do it: ")
        return
    name, known = inputs.name(change.programme), inputs.programmes.get(change.programme)
    names = {name, change.programme, *(known.names.values() if known else ())}
    confirm(f'The link {effect(change)}. Type "{name}" to do it: ', name, names)


def confirm(
    question: str, wanted: str = "yes", accepted: frozenset[str] | set[str] = frozenset({"yes", "y"})
) -> None:
    """Asks the question. Raises ChangeRefused unless the answer is one of `accepted`, in upper or lower case."""
    if read_answer(question) not in {text.casefold() for text in accepted}:
        raise ChangeRefused(f'the answer was not "{wanted}".')


def read_answer(question: str) -> str:
    """Asks the question, and returns the answer in lower case; "" for none. Discards what was typed before the question."""
    _drop_input()
    try:
        return input(question).strip().casefold()
    except (EOFError, KeyboardInterrupt):
        print()
        return ""


def _drop_input() -> None:
    import termios  # Windows has no termios.

    # A stream without a descriptor has no input queue.
    with suppress(OSError, termios.error):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
