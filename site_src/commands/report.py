"""Prints problems and refusals (as text, as JSON, or as GitHub's workflow commands), and the summary of a published release."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from site_src.commands.output import pluralize, print_json, say
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

    On a terminal, prints the line in `headings` before its problem. Elsewhere each line is one problem. `text` goes to standard error. `github` (workflow commands) and `json` go to standard output. `json` is one object with
    `problems`, `errors`, `warnings` and the keys of `more`.
    """
    severities = [problem.severity for problem in problems]
    errors, warnings = severities.count("error"), severities.count("warning")
    if form == "json":
        keys = ("path", "line", "severity", "rule", "message")
        entries = [{key: getattr(problem, key) for key in keys} for problem in problems]
        print_json({"problems": entries, "errors": errors, "warnings": warnings, **(more or {})})
        return
    for problem in problems:
        if form == "github":
            print(_workflow_command(problem))
            continue
        if sys.stderr.isatty() and (heading := (headings or {}).get(problem)):
            say(heading)
        if problem.severity == "error" or not in_a_hurry:
            say(problem)
    where = ". To read all: python build.py check" if in_a_hurry and warnings else ""
    say(f"{pluralize(errors, 'error')}, {pluralize(warnings, 'warning')}{where}")


def report_refusals(refusals: Sequence[Refusal], form: str) -> None:
    """Prints why the gate refused, to the same streams and in the same forms as `report_problems`."""
    if form == "json":
        entries = [{"path": r.path, "programme": r.programme or None, "message": r.message} for r in refusals]
        print_json({"refusals": entries})
        return
    for refusal in refusals:
        if form == "github":
            print(f"::error title=gate::{_escape_data(str(refusal))}")
        else:
            say(f"gate: {refusal}")
    say(f"The gate refused the output ({pluralize(len(refusals), 'reason')}). Nothing was written.")


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
        was = before.get(id, state)
        print(f"  {id}: {describe_state(state)}{f' (was {describe_state(was)})' if was != state else ''}")


def states_as_json(states: Mapping[str, State]) -> dict[str, dict[str, object]]:
    """Returns each programme's state, and whether the link is shown, as JSON values."""
    return {id: {"state": state, "linkShown": state in STATES_WITH_LINK} for id, state in states.items()}


def describe_state(state: State | str) -> str:
    """Returns the state with its effect, such as "open, link shown"."""
    return f"{state}, link {'shown' if state in STATES_WITH_LINK else 'hidden'}"


def _workflow_command(problem: Problem) -> str:
    level = "notice" if problem.severity == "note" else problem.severity
    file, title = _escape_property(problem.path), _escape_property(problem.rule)
    return f"::{level} file={file},line={problem.line},title={title}::{_escape_data(problem.message)}"


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
