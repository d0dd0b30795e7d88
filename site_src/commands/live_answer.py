"""The answer of `releases --at`, as lines of text and as JSON: the release, its states, its event, the page and the proof."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from site_src.archive.lookup import Found, KeptPage
from site_src.commands.quota_inputs import QuotaInputs
from site_src.commands.report import describe_state, states_as_json
from site_src.instants import utc_text
from site_src.publish.manifest import digest
from site_src.quota.log import Event, event_at
from site_src.states import STATES_WITH_LINK

if TYPE_CHECKING:
    from site_src.archive.evidence import Recorded

# A shared cache may serve the previous page for a few seconds after the switch.
_CACHES = timedelta(seconds=10)
_AS_TEXT = (".html", ".json", ".xml", ".ics", ".txt", ".css", ".svg")


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What was live at a moment. `page` is the page in the kept release; `recorded` is the page in a WARC file."""

    found: Found
    page: KeptPage | None
    recorded: Recorded | None
    findings: tuple[str, ...]
    why_no_archive: str = ""
    is_bucket: bool = False

    @property
    def data(self) -> bytes | None:
        """Returns the page's bytes: from the kept release if the page there is unchanged, otherwise from the WARC file."""
        if self.page and not self.page.finding:
            return self.page.data
        return self.recorded.payload if self.recorded else None


def page_text(answer: LiveAnswer) -> list[str]:
    """Returns the lines of the page's text as a visitor saw them."""
    path = answer.page.path if answer.page else (answer.recorded.record.url if answer.recorded else "")
    text = (answer.data or b"").decode("utf-8", errors="replace")
    if text.lstrip()[:15].lower().startswith("<!doctype html"):
        from site_src.preview.differences import extract_lines

        return extract_lines(text)
    is_text = path.endswith(_AS_TEXT)
    return text.splitlines() if is_text else ["This page is not text. To save it: --out FILE"]


def list_lines(answer: LiveAnswer, inputs: QuotaInputs, page: str | None) -> Iterator[tuple[str, str]]:
    """Yields a title and a text for each line. `page` is the page that the command names."""
    found, span = answer.found, answer.found.span
    yield "moment", _both(found.instant, inputs)
    yield "release", f"{span.release}{'' if found.manifest else '; its files are not kept'}"
    until = f"until {_both(span.ends, inputs)}" if span.ends else "and still is"
    late = " (or earlier: a later publish added its line to the journal)" if span.noted_late else ""
    yield "live", f"from {_both(span.begins, inputs)}{late} {until}"
    for id, state in sorted(span.states.items()):
        yield "state", f"{id}: {describe_state(state)}"
    who = f"by {span.entry.get('who') or 'unknown'} ({span.entry.get('action')})"
    yield "published", f"{who}, line {span.number} of the journal; internal"
    for id, event in _events(found, inputs):
        by, note = (f", by {event.by}" if event.by else ""), (f": {event.note}" if event.note else "")
        why = f"{id}: {event.state} from {_both(event.starts, inputs)}{by}{note}"
        yield "why", f"{why}; internal, from the present log"
    for note in _doubts(answer, inputs):
        yield "note", note
    yield from _list_proof(answer, inputs, page)


def _list_proof(answer: LiveAnswer, inputs: QuotaInputs, page: str | None) -> Iterator[tuple[str, str]]:
    if kept := answer.page:
        yield "page", f"{kept.file}, {kept.finding or f'SHA-256 {digest(kept.data)}, as published'}"
    if answer.recorded:
        record = answer.recorded.record
        is_same = not answer.page or answer.page.data == answer.recorded.payload
        place = f"{record.file}, record {record.id} at byte {record.offset}"
        answered = f"{record.url} answered at {_both(record.date, inputs)}, SHA-256 {record.digest}"
        differs = "" if is_same else "; its bytes differ from the release"
        yield "archive", f"{place}, {answered}{differs}"
    elif page is not None:
        why = f": {answer.why_no_archive}" if answer.why_no_archive else ""
        yield "archive", f"no known WARC file contains this page of this release{why}"


def _doubts(answer: LiveAnswer, inputs: QuotaInputs) -> Iterator[str]:
    """Yields a sentence for each thing that the journal does not prove about what visitors saw at the moment."""
    found = answer.found
    if answer.is_bucket:
        yield "each web server follows the bucket a little later, and hides the links while it cannot reach the bucket; the server's own journal records what it showed"
    if found.instant - found.span.begins < _CACHES and found.before:
        yield f"release {found.before.release} was live until {_both(found.span.begins, inputs)}; a cache may have shown it for some seconds more"
    if found.gap:
        until = "on, and the journal does not record when it was renewed"
        if found.gap.ends:
            until = f"until {_both(found.gap.ends, inputs)}"
        yield f"no lease was valid from {_both(found.gap.begins, inputs)} {until}: web servers that check the lease hid the link, and showed a notice that the state cannot be confirmed"
    elif any(state in STATES_WITH_LINK for state in found.span.states.values()):
        yield "according to the journal, the lease was valid at this moment; the journal does not record interruptions of less than about five seconds"


def _events(found: Found, inputs: QuotaInputs) -> Iterator[tuple[str, Event]]:
    """Yields each event that was in force when the release was published, if the present log gives the same state for that moment."""
    for id, state in sorted(found.span.states.items()):
        event = event_at(inputs.logs.get(id, ()), found.span.begins)
        if event and event.state == state:
            yield id, event


def _both(instant: datetime, inputs: QuotaInputs) -> str:
    form = "milliseconds" if instant.microsecond else "seconds"
    local = instant.astimezone(inputs.zone).replace(tzinfo=None).isoformat(" ", form)
    return f"{local} {inputs.zone.key} ({utc_text(instant, form)})"


def to_json(answer: LiveAnswer, inputs: QuotaInputs, with_page: bool) -> dict[str, Any]:
    """Returns the answer as a JSON object. Times are in UTC."""
    found, span = answer.found, answer.found.span
    events = _events(found, inputs)
    return {
        "instant": utc_text(found.instant),
        "release": span.release,
        "kept": found.manifest is not None,
        "liveFrom": utc_text(span.begins),
        "liveUntil": utc_text(span.ends) if span.ends else None,
        "states": states_as_json(span.states),
        "journalLine": span.number,
        "who": span.entry.get("who"),
        "action": span.entry.get("action"),
        "why": [_event_to_json(id, event) for id, event in events],
        "notes": list(_doubts(answer, inputs)),
        "findings": list(answer.findings),
        **(_page_to_json(answer) if with_page else {}),
    }


def _event_to_json(id: str, event: Event) -> dict[str, Any]:
    who = {"by": event.by, "note": event.note}
    return {"programme": id, "state": event.state, "from": utc_text(event.starts), **who}


def _page_to_json(answer: LiveAnswer) -> dict[str, Any]:
    page, record = answer.page, answer.recorded and answer.recorded.record
    return {
        "page": page
        and {
            "file": str(page.file),
            "sha256": digest(page.data),
            "asPublished": page.finding is None,
        },
        "archive": record
        and {
            "file": str(record.file),
            "record": record.id,
            "offset": record.offset,
            "url": record.url,
            "answered": utc_text(record.date),
            "sha256": record.digest,
        },
        "text": None if answer.data is None else page_text(answer),
    }
