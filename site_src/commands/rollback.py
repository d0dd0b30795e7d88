"""`rollback`: publishes the content of an earlier release again, with the present states."""

from __future__ import annotations

import argparse

from site_src.commands.output import has_terminal, pluralize, say
from site_src.commands.publish import PublishCommand
from site_src.commands.publish_report import report_refusal
from site_src.commands.quota_ask import read_answer
from site_src.commands.releases import find_existing
from site_src.commands.report import describe_state
from site_src.commands.target import checked_target
from site_src.exit_codes import CONTENT_PENDING, DONE, NOT_SHOWN, CommandFailed, WrongUse
from site_src.gate.gate import GateRefused
from site_src.problems import InputRefused
from site_src.publish.manifest import Manifest
from site_src.publish.publication import Plan, changes
from site_src.publish.sources import NoRelease
from site_src.read.project import Project


def run(options: argparse.Namespace, project: Project) -> int:
    """Prints what a roll-back changes, and publishes the earlier content with the present states. Raises CommandFailed and WrongUse."""
    target, number = find_existing(options, checked_target(options, project.root)), _number(options.release)
    command = PublishCommand(options, project, target)
    try:
        plan, live = command.publisher.plan_roll_back(number)
    except (InputRefused, GateRefused, NoRelease) as error:
        return report_refusal(error, options, target)
    if options.dry_run or not options.yes:
        _describe(plan, live.manifest, changes(plan, live))
    if options.dry_run:
        say("Dry run: nothing was published.")
        return DONE
    if not options.yes and not _agreed():
        raise CommandFailed("Refused: the answer was not yes. Nothing was published.")
    chosen = plan.source.kept_by.number if plan.source.kept_by else number
    command.hide_first()
    code = command.carry_out(lambda: command.publisher.roll_back(chosen))
    if code in (DONE, CONTENT_PENDING, NOT_SHOWN):
        say("Until content/ changes, later publishes keep this content. Correct content/, then publish.")
    return code


def _number(given: str | None) -> int | None:
    if given is None:
        return None
    digits = given.partition("-")[0]
    if not digits.isascii() or not digits.isdigit():
        raise WrongUse(
            f'"{given}" is not the number of a release. To list them: python build.py releases TARGET'
        )
    return int(digits)


def _describe(plan: Plan, live: Manifest, changed: dict[str, list[str]]) -> None:
    print(f"live      release {live.name}, content of {live.content_of}")
    print(f"then      the content of release {plan.content_of}, with the present states:")
    for id, status in plan.draft.site.programmes.items():
        print(f"  {id}: {describe_state(status.state)}")
    for what, paths in changed.items():
        print(f"{what:<8}  {pluralize(len(paths), 'file')}")
        for path in paths:
            print(f"  {path}")


def _agreed() -> bool:
    if not has_terminal():
        raise WrongUse(
            "there is no terminal for a question. Add --yes to roll back, or --dry-run to see the change first."
        )
    return read_answer("Type yes to do it: ") in ("yes", "y")
