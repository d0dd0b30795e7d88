"""Prints problems and refusals: for people, for machines, and for a pull request."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from site_src.gate.gate import Refusal
from site_src.problems import Problem


def report_problems(
    problems: Sequence[Problem],
    form: str,
    more: Mapping[str, Any] | None = None,
    in_a_hurry: bool = False,
    headings: Mapping[Problem, str] | None = None,
) -> None:
    """Prints all problems, then their count; with `in_a_hurry`, `text` has no warnings.

    `headings` are lines that are printed before some problems on a terminal; elsewhere each line is one problem.

    `text` goes to standard error. `github` (workflow commands) and `json` go to standard output; the latter is one object
    with `problems`, `errors`, `warnings` and the keys of `more`.
    """
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
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
        if in_a_hurry and form == "text" and problem.severity == "warning":
            continue
        if form == "github":
            print(
                f"::{problem.severity} file={_property(problem.path)},line={problem.line},title={_property(problem.rule)}::{_data(problem.message)}"
            )
        else:
            print(problem, file=sys.stderr)
    where = "; to read all: python build.py check" if in_a_hurry and warnings else ""
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


@contextmanager
def ignore_output_errors() -> Iterator[None]:
    """Ignores OSError in the block, which only reports: with a closed pipe or a full disk, the command continues."""
    try:
        yield
    except OSError:
        # Python would write again at exit. If standard output was closed, another file may have its descriptor.
        if sys.stdout:
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), sys.stdout.fileno())


def pluralize(number: int, noun: str) -> str:
    """The number with its noun: `1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
