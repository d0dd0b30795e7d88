"""Prints problems and refusals (as text, as JSON, or as GitHub's workflow commands), and the summary of a published release."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from site_src.problems import Problem
from site_src.states import STATES_WITH_LINK, State

if TYPE_CHECKING:
    from site_src.gate.judge import Refusal
    from site_src.publish.manifest import Manifest


def report_problems(
    problems: Sequence[Problem],
    form: str,
    more: Mapping[str, Any] | None = None,
    in_a_hurry: bool = False,
    headings: Mapping[Problem, str] | None = None,
) -> None:
    """Prints all problems, then their count. With `in_a_hurry`, the form `text` leaves out warnings. Notes are not counted.

    On a terminal, prints the line in `headings` before its problem. Elsewhere each line is one problem.

    `text` goes to standard error. `github` (workflow commands) and `json` go to standard output. `json` is one object with
    `problems`, `errors`, `warnings` and the keys of `more`.
    """
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = sum(problem.severity == "warning" for problem in problems)
    if form == "json":
        entries = [
            {"path": p.path, "line": p.line, "severity": p.severity, "rule": p.rule, "message": p.message}
            for p in problems
        ]
        print(
            json.dumps(
                {"problems": entries, "errors": errors, "warnings": warnings, **(more or {})},
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    for problem in problems:
        if form == "text" and sys.stderr.isatty() and (heading := (headings or {}).get(problem)):
            print(heading, file=sys.stderr)
        if in_a_hurry and form == "text" and problem.severity != "error":
            continue
        if form == "github":
            print(
                f"::{'notice' if problem.severity == 'note' else problem.severity} file={_property(problem.path)},line={problem.line},title={_property(problem.rule)}::{_data(problem.message)}"
            )
        else:
            print(problem, file=sys.stderr)
    where = ". To read all: python build.py check" if in_a_hurry and warnings else ""
    print(f"{pluralize(errors, 'error')}, {pluralize(warnings, 'warning')}{where}", file=sys.stderr)


def report_refusals(refusals: Sequence[Refusal], form: str) -> None:
    """Prints why the gate refused, to the same streams and in the same forms as `report_problems`."""
    if form == "json":
        entries = [{"path": r.path, "programme": r.programme or None, "message": r.message} for r in refusals]
        print(json.dumps({"refusals": entries}, ensure_ascii=False, indent=2))
        return
    for refusal in refusals:
        if form == "github":
            print(f"::error title=gate::{_data(str(refusal))}")
        else:
            print(f"gate: {refusal}", file=sys.stderr)
    print(
        f"The gate refused the output ({pluralize(len(refusals), 'reason')}). Nothing was written.",
        file=sys.stderr,
    )


def report_release(
    target: str, manifest: Manifest, before: Mapping[str, str], zone: ZoneInfo, switched: bool = True
) -> None:
    """Prints the release that is now live at the target, and each programme's state, with its earlier state if that differs.

    `before` maps each programme to its earlier state.
    """
    news = pluralize(len(manifest.files), "file") if switched else "nothing has changed"
    print(
        f"{target}: release {manifest.name}, {news}, for {manifest.instant.astimezone(zone):%Y-%m-%d %H:%M:%S} ({zone.key})"
    )
    for id, state in sorted(manifest.states.items()):
        was = before.get(id)
        print(
            f"  {id}: {describe_state(state)}{f' (was {describe_state(was)})' if was and was != state else ''}"
        )


def describe_state(state: State | str) -> str:
    """Returns the state with its effect, such as "open, link shown"."""
    return f"{state}, link {'shown' if state in STATES_WITH_LINK else 'hidden'}"


@contextmanager
def ignore_output_errors() -> Iterator[None]:
    """Ignores OSError in a block that only prints. The command continues after a closed pipe or a full disk."""
    try:
        yield
    except OSError:
        # Python would write to standard output again at exit. If it was closed, another file may now have its descriptor.
        if sys.stdout:
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), sys.stdout.fileno())


def pluralize(number: int, noun: str) -> str:
    """Returns the number with its noun: `1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
