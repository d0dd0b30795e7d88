"""`quota due`: prints what is overdue or soon will be, and which texts will change, for a monitor or a timer.

The findings come from due_output, due_schedule, due_host, due_clock and due_servers.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from site_src.commands.due_clock import find_clock_fault
from site_src.commands.due_host import (
    find_archive_faults,
    find_ended_lease,
    find_in_bucket,
    find_silence,
    find_unsaved_log,
)
from site_src.commands.due_output import SEVERITIES, DueFinding, Output, find_coming_changes, find_old_output
from site_src.commands.due_schedule import Schedule
from site_src.commands.due_servers import find_server_faults
from site_src.commands.output import print_json
from site_src.commands.quota_inputs import QuotaInputs, read_quota_inputs
from site_src.commands.target import name_target, take_bucket
from site_src.exit_codes import DONE, PROBLEMS
from site_src.instants import checked_instant, instant_of, utc_text
from site_src.local_file import is_bucket
from site_src.problems import InputRefused
from site_src.publish.releases import live_or_newest
from site_src.read.local import Local
from site_src.read.project import Project


def due(options: argparse.Namespace, project: Project) -> int:
    """Prints each finding. Returns 1 if one is critical or a warning, otherwise 0. Raises InputRefused and WrongUse."""
    checked_instant(options.at)
    inputs, (local, problems) = read_quota_inputs(project), project.read_local()
    if inputs.problems or problems:
        raise InputRefused((*inputs.problems, *problems))
    instant = instant_of(options.at, inputs.zone)
    options.published = options.published or (local.target if local else None)
    take_bucket(options, project, "published")
    folder = options.published
    findings: list[DueFinding] = []
    if options.bucket:
        # This comes first, because it fetches the live release.
        findings += find_in_bucket(options.bucket, project.keys)
    findings += _find_in_log(inputs, instant, options, project.dist)
    findings += find_coming_changes(project.load_tree(), instant)
    # Findings about the host are about the present, so they are left out with --at.
    if folder and not options.at:
        is_own = local and name_target(options, os.path.abspath(folder)) == _full(local.target)
        own = local if is_own else None
        findings += _find_on_host(options, own)
        findings += find_unsaved_log(project, own)
        findings += find_archive_faults(Path(os.path.abspath(folder)), own)
    _print(findings, instant, options.format)
    return PROBLEMS if any(finding.severity != "info" for finding in findings) else DONE


def _find_in_log(
    inputs: QuotaInputs, instant: datetime, options: argparse.Namespace, dist: Path
) -> Iterator[DueFinding]:
    folder = options.published
    output = (
        Output(
            Path(os.path.abspath(folder)) / "current/site",
            f"python build.py publish {name_target(options, folder)}",
        )
        if folder
        else Output(dist, "python build.py")
    )
    for id, log in sorted(inputs.logs.items()):
        periods = inputs.programmes[id].registration_periods
        yield from Schedule(id, log, periods, instant, inputs.zone).find()
        yield from find_old_output(output, inputs.language, id, log, instant)


def _find_on_host(options: argparse.Namespace, own: Local | None) -> Iterator[DueFinding]:
    folder = Path(os.path.abspath(options.published))
    yield from find_silence(folder, own, datetime.now(UTC))
    if options.bucket and own and (live := live_or_newest(folder)[0]):
        yield from find_server_faults(own.web_servers, live.manifest)
    if not options.bucket:
        yield from find_ended_lease(folder)
    yield from find_clock_fault()


def _print(findings: list[DueFinding], instant: datetime, form: str) -> None:
    if form == "text":
        for finding in findings:
            print(finding)
        return
    found = {finding.severity for finding in findings}
    worst = next((severity for severity in SEVERITIES if severity in found), None)
    print_json(
        {"instant": utc_text(instant), "severity": worst, "findings": [*map(_as_json, findings)]}, None
    )


def _as_json(finding: DueFinding) -> dict[str, object]:
    where = {"severity": finding.severity, "rule": finding.rule, "programme": finding.programme or None}
    return {**where, "message": finding.message}


def _full(target: str) -> str:
    return target if is_bucket(target) else os.path.abspath(target)
