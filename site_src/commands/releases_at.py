"""`releases --at`: prints what was live at a moment, who published it and why, what a page said (`--page`), and the proof."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.archive.archive_lines import read_archives
from site_src.archive.lookup import Found, look_up, read_page
from site_src.commands.archive import INSTALL
from site_src.commands.live_answer import LiveAnswer, list_lines, page_text, to_json
from site_src.commands.output import print_json, say
from site_src.commands.quota_inputs import find_kept, read_quota_inputs
from site_src.exit_codes import DONE, PROBLEMS, CommandFailed, WrongUse
from site_src.instants import checked_instant, instant_of
from site_src.publish import journal
from site_src.read.project import Project

if TYPE_CHECKING:
    from site_src.commands.bucket_target import BucketTarget


def show(options: argparse.Namespace, project: Project, target: Path, folder: Path | None) -> int:
    """Prints what was live at the moment --at. With --page, also prints the text of that page. Returns 1 if a file was changed later.

    `folder` is the folder of the WARC files, or None. Raises CommandFailed, InputRefused and WrongUse.
    """
    checked_instant(options.at)
    inputs = read_quota_inputs(project, find_kept(str(target)))
    instant = instant_of(options.at, inputs.zone)
    if instant > datetime.now(UTC):
        raise WrongUse(
            "--at: that moment is in the future. To see what is scheduled: python build.py quota show"
        )
    found = look_up(target, instant, _read_shared_journal(options.bucket))
    answer = _look(options, target, folder, found)
    if options.json:
        print_json(to_json(answer, inputs, options.page is not None))
    else:
        for title, text in list_lines(answer, inputs, options.page):
            print(f"{title:<10} {text}")
    say(*answer.findings)
    if options.page is not None:
        _give_page(options, answer)
    return PROBLEMS if answer.findings else DONE


def _read_shared_journal(bucket: BucketTarget | None) -> list[journal.Line | int] | None:
    """Returns the lines of the bucket's journal, or None for a folder. Raises StoreFailed."""
    if bucket is None:
        return None
    from site_src.bucket.shared_journal import read_lines

    return read_lines(bucket.open().pointers.store)


def _look(options: argparse.Namespace, target: Path, folder: Path | None, found: Found) -> LiveAnswer:
    findings = list(found.findings)
    is_bucket = options.bucket is not None
    if options.page is None:
        return LiveAnswer(found, None, None, tuple(findings), is_bucket=is_bucket)
    page = read_page(target, found, options.page)
    if page and page.finding:
        findings.append(page.finding)
    recorded = None
    if folder:
        try:
            from site_src.archive.evidence import find_recorded

            recorded, more = find_recorded(target, folder, found, options.page)
            findings += more
        except ModuleNotFoundError:
            say(f"The WARC files were not read: {INSTALL}")
    tried = [line for line in read_archives(target) if line.release == found.span.release]
    why = tried[-1].why if tried and not tried[-1].warc else ""
    return LiveAnswer(found, page, recorded, tuple(findings), why, is_bucket)


def _give_page(options: argparse.Namespace, answer: LiveAnswer) -> None:
    """Writes the page to --out, or prints its text. Raises CommandFailed and WrongUse."""
    if answer.data is None:
        raise CommandFailed(
            f"The page {options.page} is not kept: release {answer.found.span.release} was deleted or changed, and no known WARC file contains the page."
        )
    if options.out:
        try:
            with open(options.out, "xb") as file:
                file.write(answer.data)
        except FileExistsError:
            raise WrongUse(f"--out: {options.out} already exists. Name a new file.") from None
        except OSError as error:
            raise CommandFailed(f"{options.out}: {error.strerror}.") from None
    elif not options.json:
        print()
        print("\n".join(page_text(answer)))
