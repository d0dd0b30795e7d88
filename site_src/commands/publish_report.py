"""Prints the result of a publish: what visitors get, what is pending, or why nothing was published; chooses the exit code."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from site_src.commands.output import ignore_output_errors, pluralize, say
from site_src.commands.report import (
    describe_state,
    report_problems,
    report_refusals,
    report_release,
    states_as_json,
)
from site_src.commands.target import name_target
from site_src.exit_codes import CONTENT_PENDING, DONE, GATE_REFUSED, PROBLEMS
from site_src.gate.gate import GateRefused
from site_src.problems import InputRefused
from site_src.publish.heartbeat import SILENT_SECONDS, last_beat
from site_src.publish.lease import read_lease
from site_src.publish.manifest import ManifestBroken
from site_src.publish.publication import Publication
from site_src.publish.releases import find_live, live_release
from site_src.publish.switch import OutcomeUnknown
from site_src.read.tree import STATE_FILE
from site_src.states import shown_links


def warn_of_lease(target: Path, options: argparse.Namespace) -> None:
    """Prints a warning if a link is live, the folder has a lease, and no resident publisher renews it."""
    if options.bucket:
        return  # The resident publisher may run on a different machine. See `quota due --published`.
    try:
        live = live_release(target) if read_lease(target) else None
    except (OSError, ManifestBroken):
        return
    if live is None or not shown_links(live.manifest.states):
        return
    if time.time() - last_beat(target) > SILENT_SECONDS:
        say(
            f"{target}/lease: no resident publisher renews it, so a web server that checks it hides the link. "
            'Start one (publish --watch --lease 30), or serve without a lease: docs/running.md, "The lease".'
        )


def report(publication: Publication, options: argparse.Namespace, target: Path) -> int:
    """Prints what visitors get now and what is pending, and returns the exit code. Ignores output errors."""
    with ignore_output_errors():
        _report(publication, options, target)
    return CONTENT_PENDING if publication.pending or publication.doubts else DONE


def _report(publication: Publication, options: argparse.Namespace, target: Path) -> None:
    pending = publication.pending
    reported = set(pending.problems) if isinstance(pending, InputRefused) else set()
    doubtful = {problem for found in publication.doubts.values() for problem in found}
    if options.format == "json":
        report_problems(sorted(reported | doubtful), "json", _as_json(publication))
    else:
        if pending:
            report_reason(pending, options.format)
            content = publication.release.manifest.content_of
            say(
                f"content/ was left out. The present states are published with the content of release {content}."
            )
        if publication.doubts:
            # If the whole log is broken, the pending reason also contains these problems.
            report_problems(sorted(doubtful - reported), options.format, in_a_hurry=True)
        _report_live(publication, name_target(options, target))
    print(end="", flush=True)


def _as_json(publication: Publication) -> dict[str, Any]:
    return {
        "release": publication.release.name,
        "switched": publication.switched,
        "programmes": states_as_json(publication.release.manifest.states),
        "notes": list(publication.notes),
    }


def _report_live(publication: Publication, target: str) -> None:
    manifest = publication.release.manifest
    for id in sorted(publication.doubts):
        shown = describe_state(manifest.states[id])
        say(f"{id}: {STATE_FILE} is not used until this is fixed. What visitors get: {shown}.")
    report_release(target, manifest, publication.before, publication.zone, publication.switched)
    say(*publication.notes)
    if publication.warnings:
        warnings = pluralize(publication.warnings, "warning")
        print(f"{warnings}. To read them, and the advice: python build.py check")


def report_reason(reason: InputRefused | GateRefused, form: str) -> None:
    """Prints every error and the number of warnings, or every refusal of the gate."""
    if isinstance(reason, InputRefused):
        report_problems(reason.problems, form, in_a_hurry=True)
    else:
        report_refusals(reason.refusals, form)


def report_refusal(error: Exception, options: argparse.Namespace, target: Path) -> int:
    """Prints why nothing was published and what visitors get, and returns the exit code."""
    if isinstance(error, InputRefused | GateRefused):
        report_reason(error, options.format)
        if _visitors_get(options, target):
            live = _live(target, "Visitors get")
            say(
                f"This command published nothing because of the errors above, but the change is already live. {live}"
            )
            return CONTENT_PENDING
    else:
        say(explain_disk(error, target) if isinstance(error, OSError) else f"Refused: {error}")
    if isinstance(error, OutcomeUnknown):
        say(f"NOT CONFIRMED. To see what is live: python build.py releases {name_target(options, target)}")
        return PROBLEMS
    say(f"NOT PUBLISHED. {_live(target, 'Visitors still get')}")
    return GATE_REFUSED if isinstance(error, GateRefused) else PROBLEMS


def explain_disk(error: OSError, target: Path) -> str:
    """Returns the path and the reason of the error, as a sentence."""
    return f"{error.filename or target}: {error.strerror or error}."


def _visitors_get(options: argparse.Namespace, target: Path) -> bool:
    """Returns True if the live release has the state that this command wrote for its programme."""
    programme, state = getattr(options, "noted", None) or ("", None)
    live = find_live(target)
    return bool(live and state and live.manifest.states.get(programme) == state)


def _live(target: Path, visitors_get: str) -> str:
    try:
        live = live_release(target)
    except ManifestBroken as error:
        return str(error)
    if live is None:
        return "There is no release yet."
    states = "; ".join(f"{id}: {describe_state(state)}" for id, state in sorted(live.manifest.states.items()))
    return f"{visitors_get} release {live.name}: {states}."
