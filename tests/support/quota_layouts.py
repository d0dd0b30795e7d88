"""State files in odd but legal layouts: comments anywhere, lists at any depth, quotes, blocks, line endings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from site_src.instants import local_text
from site_src.quota.log import Event, Log
from tests.support.project import AMSTERDAM
from tests.support.quota_logs import logs

PLAIN = re.compile(r"[a-z][a-z ]*[a-z]")
COMMENTS = st.sampled_from(["# said so", "#", "# - state: open", "# japan:", "# 'it's\" {[,", "# 日本"])


@dataclass(frozen=True)
class Laid:
    """A state file, its events, and the first and last line of each event.

    `unfinished` is true if the file ends inside a block of text, so that a further line would belong to the
    text.
    """

    text: str
    logs: Mapping[str, Log]
    own: Mapping[tuple[str, int], tuple[int, int]]
    unfinished: bool


@dataclass(frozen=True)
class _Style:
    """The layout of a programme's list: the column of the dashes, and of the keys."""

    dash: int
    keys: int


@st.composite
def state_files(draw: st.DrawFn, max_events: int = 4) -> Laid:
    """Draws a file for Japan and South Korea in either order, each with a log of one to `max_events` events."""
    lines: list[str] = draw(_head())
    places: dict[tuple[str, int], tuple[int, int]] = {}
    found: dict[str, Log] = {}
    for programme in draw(st.permutations(["japan", "south-korea"])):
        dash = draw(st.integers(0, 4))
        style = _Style(dash, dash + draw(st.integers(2, 5)))
        key = draw(st.sampled_from([programme, f'"{programme}"', f"'{programme}'"]))
        lines.append(f"{key}:{draw(_trailing())}")
        lines += draw(_between(dash))
        events = draw(logs(max_events))
        found[programme] = ()
        for number, planned in enumerate(events):
            own, event, in_block = draw(_event(style, planned))
            after = draw(_between(dash))
            # Blank lines after a block of text belong to it.
            while in_block and after and not after[0].strip():
                own.append(after.pop(0))
            places[programme, number] = (len(lines), len(lines) + len(own))
            lines += [*own, *after]
            found[programme] += (event,)
    tail = draw(st.sampled_from([[], [], ["..."], ["# the end"], ["", ""]]))
    if in_block and places[programme, number][1] == len(lines):
        places[programme, number] = (places[programme, number][0], len(lines) + tail.count(""))
    lines += tail
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    text = draw(st.sampled_from(["", "", "\ufeff"]))
    starts = []
    for line in lines:
        starts.append(len(text))
        text += line + end
    starts.append(len(text))
    unfinished = False
    if draw(st.booleans()):
        text = text.removesuffix(end)
        (programme, number), (_, behind) = max(places.items(), key=lambda place: place[1])
        event = found[programme][number]
        unfinished = behind == len(lines) and (event.note or "").endswith("\n") and lines[-1].strip() != ""
        if unfinished:
            short = replace(event, note=(event.note or "").removesuffix("\n"))
            found[programme] = (*found[programme][:number], short)
    own_text = {at: (starts[first], min(starts[behind], len(text))) for at, (first, behind) in places.items()}
    return Laid(text, found, own_text, unfinished)


@st.composite
def _head(draw: st.DrawFn) -> list[str]:
    lines = [draw(COMMENTS) for _ in range(draw(st.integers(0, 2)))]
    return lines + draw(st.sampled_from([[], [], ["---"], ["--- # the log"], ["%YAML 1.1", "---", ""]]))


@st.composite
def _between(draw: st.DrawFn, dash: int) -> list[str]:
    """Draws lines between events: blank ones, and comments that are not indented more than the list."""
    some = st.lists(
        st.one_of(st.just(""), COMMENTS.map(lambda text: " " * dash + text), COMMENTS), max_size=2
    )
    return draw(st.one_of(st.just([]), some))


@st.composite
def _trailing(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(["", "", "", " ", "   "])) + draw(
        st.one_of(st.just(""), COMMENTS.map(" {}".format))
    )


@st.composite
def _event(draw: st.DrawFn, style: _Style, event: Event) -> tuple[list[str], Event, bool]:
    """Draws the event's lines, the event as it is read, and whether its lines end in a block of text."""
    block = event.note is not None and draw(st.booleans())
    if block:
        event = replace(event, note=draw(st.sampled_from(["one\n", "one\ntwo: #2\n", "- state: open\n"])))
    moment = draw(
        st.sampled_from([local_text(event.starts, AMSTERDAM), f"{event.starts:%Y-%m-%dT%H:%M:%SZ}"])
    )
    keys = {"state": event.state.value, "from": draw(_quoted(moment))}
    if event.places is not None:
        keys["places"] = str(event.places)
    if event.by is not None:
        keys["by"] = draw(_quoted(event.by))
    if event.note is not None and not block:
        keys["note"] = draw(_quoted(event.note))
    pairs = [f"{key}: {value}" for key, value in draw(st.permutations(list(keys.items())))]
    lines = [pairs[0] + draw(_trailing())]
    for pair in pairs[1:]:
        lines += draw(_between(style.keys)) if draw(st.booleans()) else []
        lines.append(pair + draw(_trailing()))
    if block and event.note:
        lines += ["note: |", *(f"  {line}" for line in event.note.splitlines())]
    blank, wide = " " * style.dash, style.keys - style.dash - 1
    first = [f"{blank}-", *draw(_between(0))] if draw(st.booleans()) else []
    lines = [_indented(line, style.keys) for line in lines]
    if not first:
        lines[0] = f"{blank}-{' ' * wide}{lines[0].lstrip(' ')}"
    return [*first, *lines], event, block


def _indented(line: str, column: int) -> str:
    return line if not line or line.lstrip().startswith("#") else " " * column + line


@st.composite
def _quoted(draw: st.DrawFn, text: str) -> str:
    forms = [json.dumps(text, ensure_ascii=False), "'" + text.replace("'", "''") + "'"]
    if PLAIN.fullmatch(text) or re.fullmatch(r"[0-9][-0-9:TZ +]+", text):
        forms += [text, text]
    return draw(st.sampled_from(forms))
