"""`releases --at`: prints what was live at a moment, who published it and why, what a page said (`--page`), and the proof."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from site_src.archive.lookup import Found, KeptPage, NotFound, look_up, read_page
from site_src.commands.archive import INSTALL
from site_src.commands.quota_inputs import QuotaInputs, find_kept, read_quota_inputs
from site_src.exit_codes import DONE, PROBLEMS, WrongUse
from site_src.instants import checked_instant, instant_of, utc_text
from site_src.publish import journal
from site_src.publish.history import read_archives
from site_src.publish.manifest import digest
from site_src.quota.log import Event, event_at
from site_src.read.project import Project
from site_src.states import STATES_WITH_LINK

if TYPE_CHECKING:
    from site_src.archive.evidence import Recorded
    from site_src.commands.bucket_target import BucketTarget

# A shared cache may serve an old answer for a few seconds after the switch. A probe then waits for the new one.
_CACHES = timedelta(seconds=10)
_AS_TEXT = (".html", ".json", ".xml", ".ics", ".txt", ".css", ".svg")


@dataclass(frozen=True, slots=True)
class _Answer:
    found: Found
    page: KeptPage | None
    recorded: Recorded | None
    findings: tuple[str, ...]
    why_no_archive: str = ""
    is_bucket: bool = False

    @property
    def data(self) -> bytes | None:
        """Returns the page's bytes, from the kept release if it is unchanged, otherwise from the WARC file."""
        if self.page and not self.page.finding:
            return self.page.data
        return self.recorded.payload if self.recorded else None


def show(
    options: argparse.Namespace,
    project: Project,
    target: Path,
    folder: Path | None,
) -> int:
    """Prints what was live at --at; with --page, also that page. Returns 1 if it is not known, or was changed since.

    `folder` contains the WARC files, if there are any. Raises InputRefused and WrongUse.
    """
    checked_instant(options.at)
    inputs = read_quota_inputs(project, find_kept(str(target)))
    instant = instant_of(options.at, inputs.zone)
    if instant > datetime.now(UTC):
        raise WrongUse("--at: that moment is in the future. What is scheduled: python build.py quota show")
    try:
        answer = _look(
            options, target, folder, look_up(target, instant, _read_shared_journal(options.bucket))
        )
    except NotFound as error:
        print(error, file=sys.stderr)
        return PROBLEMS
    if options.json:
        print(json.dumps(_as_json(answer, inputs, options.page is not None), ensure_ascii=False, indent=2))
    else:
        for title, text in _lines(answer, inputs, options.page):
            print(f"{title:<10} {text}")
    for finding in answer.findings:
        print(finding, file=sys.stderr)
    if options.page is None:
        return PROBLEMS if answer.findings else DONE
    return _give_page(options, answer)


def _read_shared_journal(bucket: BucketTarget | None) -> list[journal.Line | int] | None:
    """Returns the lines of the bucket's journal, or None for a folder. Raises StoreFailed."""
    if bucket is None:
        return None
    from site_src.bucket.shared_journal import read_lines

    return read_lines(bucket.open().pointers.store)


def _look(options: argparse.Namespace, target: Path, folder: Path | None, found: Found) -> _Answer:
    findings = list(found.findings)
    is_bucket = options.bucket is not None
    if options.page is None:
        return _Answer(found, None, None, tuple(findings), is_bucket=is_bucket)
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
            print(f"The WARC files were not read: {INSTALL}", file=sys.stderr)
    tried = [line for line in read_archives(target) if line.release == found.span.release]
    why = tried[-1].why if tried and not tried[-1].warc else ""
    return _Answer(found, page, recorded, tuple(findings), why, is_bucket)


def _give_page(options: argparse.Namespace, answer: _Answer) -> int:
    """Writes the page to --out, or prints its text."""
    if answer.data is None:
        print(
            f"The page {options.page} is not kept: release {answer.found.span.release} was deleted or changed, and no WARC file that is known has it.",
            file=sys.stderr,
        )
        return PROBLEMS
    if options.out:
        try:
            with open(options.out, "xb") as file:
                file.write(answer.data)
        except FileExistsError:
            raise WrongUse(f"--out: {options.out} is there already. Name a new file.") from None
        except OSError as error:
            print(f"{options.out}: {error.strerror}.", file=sys.stderr)
            return PROBLEMS
    elif not options.json:
        print()
        print("\n".join(_text_of(answer)))
    return PROBLEMS if answer.findings else DONE


def _text_of(answer: _Answer) -> list[str]:
    """Returns the lines of the page's text as a reader saw them."""
    path = answer.page.path if answer.page else (answer.recorded.record.url if answer.recorded else "")
    text = (answer.data or b"").decode("utf-8", errors="replace")
    if text.lstrip()[:15].lower().startswith("<!doctype html"):
        from site_src.preview.differences import extract_lines

        return extract_lines(text)
    is_text = path.endswith(_AS_TEXT)
    return text.splitlines() if is_text else ["It is no text. To get it: --out FILE"]


def _lines(answer: _Answer, inputs: QuotaInputs, page: str | None) -> Iterator[tuple[str, str]]:
    found, span = answer.found, answer.found.span
    yield "moment", _both(found.instant, inputs)
    kept = "" if found.manifest else "; its files are not kept"
    until = f"until {_both(span.ends, inputs)}" if span.ends else "and still is"
    late = " (or earlier: a later publish added its line to the journal)" if span.noted_late else ""
    yield "release", f"{span.release}{kept}"
    yield "live", f"from {_both(span.begins, inputs)}{late} {until}"
    for id, state in sorted(span.states.items()):
        yield "state", f"{id}: {state}, link {'shown' if state in STATES_WITH_LINK else 'hidden'}"
    yield (
        "published",
        f"by {span.entry.get('who') or 'not known'} ({span.entry.get('action')}), line {span.number} of the journal; internal",
    )
    for id, event in _events(found, inputs):
        by, note = (f", by {event.by}" if event.by else ""), (f": {event.note}" if event.note else "")
        yield (
            "why",
            f"{id}: {event.state} from {_both(event.starts, inputs)}{by}{note}; internal, from the present log",
        )
    for note in _doubts(answer, inputs):
        yield "note", note
    if answer.page:
        yield (
            "page",
            f"{answer.page.file}, {answer.page.finding or f'SHA-256 {digest(answer.page.data)}, as published'}",
        )
    if answer.recorded:
        record = answer.recorded.record
        same = (
            ""
            if not answer.page or answer.page.data == answer.recorded.payload
            else "; other bytes than the release"
        )
        yield (
            "archive",
            f"{record.file}, record {record.id} at byte {record.offset}, {record.url} answered at {_both(record.date, inputs)}, SHA-256 {record.digest}{same}",
        )
    elif page is not None:
        why = f": {answer.why_no_archive}" if answer.why_no_archive else ""
        yield "archive", f"no WARC file that is known has this page of this release{why}"


def _doubts(answer: _Answer, inputs: QuotaInputs) -> Iterator[str]:
    """Yields what the journal does not prove about what visitors saw at the moment."""
    found = answer.found
    if answer.is_bucket:
        yield "each web server follows the bucket a little later, and hides the links when it cannot reach it; the journal on that server says what it showed"
    if found.instant - found.span.begins < _CACHES and found.before:
        yield f"release {found.before.release} was live until {_both(found.span.begins, inputs)}; a cache may have shown it for some seconds more"
    if found.gap:
        until = (
            f"until {_both(found.gap.ends, inputs)}"
            if found.gap.ends
            else "and the journal has no end of that"
        )
        yield f"the lease had ended from {_both(found.gap.begins, inputs)} {until}: a web server that uses it showed no link, and the notice that the state cannot be confirmed"
    elif any(state in STATES_WITH_LINK for state in found.span.states.values()):
        yield "the journal has no lease that ended then; a lease that ended for less than about five seconds is not recorded"


def _events(found: Found, inputs: QuotaInputs) -> Iterator[tuple[str, Event]]:
    """Yields the events in force when the release was published, if the present log still has the same state."""
    for id, state in sorted(found.span.states.items()):
        event = event_at(inputs.logs.get(id, ()), found.span.begins)
        if event and event.state == state:
            yield id, event


def _both(instant: datetime, inputs: QuotaInputs) -> str:
    form = "milliseconds" if instant.microsecond else "seconds"
    local = instant.astimezone(inputs.zone).replace(tzinfo=None).isoformat(" ", form)
    return f"{local} {inputs.zone.key} ({utc_text(instant, form)})"


def _as_json(answer: _Answer, inputs: QuotaInputs, with_page: bool) -> dict[str, Any]:
    found, span, recorded = answer.found, answer.found.span, answer.recorded
    made: dict[str, Any] = {
        "instant": utc_text(found.instant),
        "release": span.release,
        "kept": found.manifest is not None,
        "liveFrom": utc_text(span.begins),
        "liveUntil": utc_text(span.ends) if span.ends else None,
        "states": {
            id: {"state": state, "linkShown": state in STATES_WITH_LINK} for id, state in span.states.items()
        },
        "journalLine": span.number,
        "who": span.entry.get("who"),
        "action": span.entry.get("action"),
        "why": [
            {
                "programme": id,
                "state": event.state,
                "from": utc_text(event.starts),
                "by": event.by,
                "note": event.note,
            }
            for id, event in _events(found, inputs)
        ],
        "notes": list(_doubts(answer, inputs)),
        "findings": list(answer.findings),
    }
    if with_page:
        made["page"] = answer.page and {
            "file": str(answer.page.file),
            "sha256": digest(answer.page.data),
            "asPublished": answer.page.finding is None,
        }
        made["archive"] = recorded and {
            "file": str(recorded.record.file),
            "record": recorded.record.id,
            "offset": recorded.record.offset,
            "url": recorded.record.url,
            "answered": utc_text(recorded.record.date),
            "sha256": recorded.record.digest,
        }
        made["text"] = None if answer.data is None else _text_of(answer)
    return made
