"""`build`: builds and verifies the site, writes it to a folder (`dist`), prints a summary, and saves the receipt."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from site_src.builder import Builder, Built
from site_src.check.dates import find_next_change
from site_src.commands.output import pluralize
from site_src.commands.report import describe_state, report_problems, report_refusals, states_as_json
from site_src.commands.typed_names import programme_id, state_name
from site_src.exit_codes import DONE, GATE_REFUSED, PROBLEMS, CommandFailed, WrongUse
from site_src.gate.gate import GateRefused
from site_src.instants import checked_instant, moment_of
from site_src.memo_file import BATCH, MEMO_FILE, load_memo
from site_src.problems import InputRefused
from site_src.publish.dist import builds_folder, keep, output_lock, write_output
from site_src.publish.receipt import RECEIPT_FILE, SHOWN_FILE, digest_build, digest_code, dump_receipt
from site_src.publish.shown_events import check_not_reopened, dump_shown
from site_src.read.project import Project
from site_src.read.values import base_url
from site_src.site.model import Look
from site_src.states import State, nearest_state


def run(options: argparse.Namespace, project: Project) -> int:
    """Builds and writes the site, or writes nothing and prints why. Returns the exit code. Raises CommandFailed and WrongUse."""
    checked_instant(options.at)
    out = _output(options.out, project)
    look = Look(_base_url(options.base_url), _preview(options.state))
    if look.states and options.out == "dist":
        raise WrongUse("--state builds a preview, which must not replace the site. Add: --out preview")
    code = digest_code()
    try:
        # Take the lock before anything is read: a build that waited must read the inputs as they are after the wait.
        with output_lock(out):
            built, instant, written = _build(options, project, out, look, code)
    except InputRefused as error:
        report_problems(error.problems, options.format)
        return PROBLEMS
    except GateRefused as error:
        report_refusals(error.refusals, options.format)
        return GATE_REFUSED
    except OSError as error:
        raise CommandFailed(
            f"{options.out}: could not be written: {error.strerror}. What was there before is still there."
        ) from None
    _report(options, built, instant, written)
    return DONE


def _build(
    options: argparse.Namespace, project: Project, out: Path, look: Look, code: str
) -> tuple[Built, datetime, bool]:
    """Builds the site and writes it. Returns it with its instant, and True if the output changed. `code` is the digest of the code."""
    builder = Builder(load_memo(builds_folder(out) / MEMO_FILE, BATCH), once=True)
    tree = project.load_tree()
    made_from = digest_build(tree, options.base_url)
    inputs = builder.read(tree).inputs()
    moment = moment_of(options.at, inputs.manuscript.content.settings.zone)
    built, instant = builder.build(inputs, moment, look), moment.instant
    is_present = options.at is None and not look.states
    if is_present:
        check_not_reopened(builds_folder(out) / SHOWN_FILE, inputs.logs, instant)
    written = write_output(out, built.verified)
    if is_present:
        keep(out, SHOWN_FILE, dump_shown(inputs.logs, instant))
        # The code may have been updated while this build waited or ran.
        if code == digest_code():
            keep(out, RECEIPT_FILE, _receipt(built, made_from, instant))
    builder.memo.save()
    return built, instant, written


def _output(given: str, project: Project) -> Path:
    # The path is relative to the current folder, except for `dist`. If its last part is a symlink, the symlink is not followed.
    out = Path(os.path.abspath(given)) if given != "dist" else project.dist
    real = out.parent.resolve() / out.name
    for inputs in ("content", "site_src", "tests"):
        if real.is_relative_to(project.root / inputs):
            raise WrongUse(f"--out: {given} is inside the sources. Name another place.")
    return out


def _preview(words: Sequence[str]) -> dict[str, State]:
    preview = {}
    for word in words:
        programme, _, name = word.partition("=")
        state = state_name(name)
        if not name or state not in list(State):
            raise WrongUse(f'--state: "{word}" is not PROGRAMME=STATE.{nearest_state(state, State)}')
        id = programme_id(programme)
        if id in preview:
            raise WrongUse(f'--state: "{word}" names {id} a second time. Keep one of the two.')
        preview[id] = State(state)
    return preview


def _base_url(given: str | None) -> str | None:
    try:
        return None if given is None else base_url(given.rstrip("/"))
    except ValueError as error:
        raise WrongUse(f"--base-url: {error}") from None


def _report(options: argparse.Namespace, built: Built, instant: datetime, written: bool) -> None:
    if options.format != "text":
        done: dict[str, Any] = {
            "output": options.out,
            "files": len(built.files),
            "instant": instant.isoformat(),
            "programmes": states_as_json({id: it.state for id, it in built.site.programmes.items()}),
        }
        report_problems(built.inputs.warnings, options.format, more=done)
        return
    zone, as_before = built.inputs.manuscript.content.settings.zone, "" if written else ", as before"
    moment = f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S} ({zone.key})"
    print(f"{options.out}: {pluralize(len(built.files), 'file')}{as_before}, for {moment}")
    print(*_state_lines(built), sep="\n")
    if built.site.preview or options.at is not None:
        what = "a preview" if built.site.preview else "a build for the moment of --at"
        print(f"This is {what}, not the present site. To build the present site: python build.py")
    for line in _warning_lines(built):
        print(line)


def _state_lines(built: Built) -> Iterator[str]:
    previewed = {word.partition("=")[0] for word in built.site.preview}
    for id, status in built.site.programmes.items():
        yield f"  {id}: {describe_state(status.state)}{' (preview)' if id in previewed else ''}"


def _warning_lines(built: Built) -> Iterator[str]:
    if warnings := built.inputs.warnings:
        yield f"{pluralize(len(warnings), 'warning')}. To read them, and the advice: python build.py check"


def _receipt(built: Built, made_from: str, instant: datetime) -> bytes:
    """Returns the receipt of this build, with the lines that `build_again` prints."""
    inputs, zone = built.inputs, built.inputs.manuscript.content.settings.zone
    lines = [pluralize(len(built.files), "file"), zone.key, *_state_lines(built), *_warning_lines(built)]
    until, shown = find_next_change(inputs, instant), dump_shown(inputs.logs, instant)
    return dump_receipt(made_from, built.files, shown, instant, until, lines)
