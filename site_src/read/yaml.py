"""Parses YAML files and front matter strictly: limits nesting (MAX_DEPTH), and refuses anchors, tags and duplicate keys.

It supports a subset of YAML 1.2: mappings with text keys, sequences, and scalars. Only null, true, false and plain decimal
integers have a type; all other scalars are text (`no`, `12:30` and `2026-04-01` too). It refuses, with their line:
duplicate keys, anchors, aliases, merge keys, tags, second documents, deep nesting, and values over several lines
(except `|` and `>`), because an unclosed quote could hide an event. It builds the value from the parser's events, so
aliases are never expanded. `yaml_errors` explains syntax errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import yaml

from site_src.frozen import dataclass
from site_src.problems import Problem, Report, Rule, Severity
from site_src.read.text import FORBIDDEN, false_blank_in

Scalar = None | bool | int | str
Location = tuple[str | int, ...]
MAX_DEPTH = 12

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Document:
    """A file's value, and the line of each part of it.

    `value` is None, bool, int, str, tuple or dict (keys are text). `lines` maps the location of a part, for example
    `("japan", 0, "from")`, to its line in the file, counted from 1. `first_line` is the line in the file on which the
    text begins. `flow` lists the outermost parts in flow style (`[…]`, `{…}`), in the order of the file.
    """

    path: str
    first_line: int
    value: Any
    lines: Mapping[Location, int]
    flow: tuple[Location, ...] = ()

    def line_of(self, location: Location) -> int:
        """Returns the line of the part, or of its nearest parent that has a line (a missing key has no line)."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, self.first_line)

    def problem(self, at: Location, rule: Rule, message: str, severity: Severity = "error") -> Problem:
        """Returns a problem with the part, on its line."""
        return Problem(self.path, self.line_of(at), message, rule, severity)


def parse_yaml(text: str, path: str, report: Report, first_line: int = 1) -> Document | None:
    """Returns the document in `text`, or None if it has problems. Reports all problems up to the first syntax error."""
    builder = _Builder(path, first_line, text.split("\n"))
    try:
        value = builder.document(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        builder.refuse_syntax(error)
        value = None
    except _TooDeep as error:
        builder.refuse(
            error.mark, "yaml-depth", f"is nested more than {MAX_DEPTH} levels deep. Make it flatter."
        )
        value = None
    report.add(*builder.problems)
    if builder.problems:
        return None
    return Document(path, first_line, value, MappingProxyType(builder.lines), tuple(builder.flow))


class _TooDeep(Exception):
    def __init__(self, mark: Any) -> None:
        self.mark = mark


class _Builder:
    """Builds one value from parser events. Records the line number of each part, the parts in flow style, and the problems."""

    def __init__(self, path: str, first_line: int, source: list[str]) -> None:
        self.path = path
        self.first_line = first_line
        self.source = source
        self.lines: dict[Location, int] = {}
        self.flow: list[Location] = []
        self.problems: list[Problem] = []
        self.run_on: tuple[int, int] | None = None  # first and last line of a value over several lines

    def document(self, events: Iterator[Any]) -> Any:
        next(events)  # the start of the stream
        event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._node(next(events), events, ())
        next(events)  # the end of the document
        event = next(events)
        if not isinstance(event, yaml.StreamEndEvent):
            self.refuse(
                event.start_mark, "yaml-documents", 'starts a second document here. Delete the line "---".'
            )
        return value

    def refuse(self, mark: Any, rule: Rule, message: str) -> None:
        self.problems.append(Problem(self.path, self._line(mark), message, rule))

    def refuse_syntax(self, error: yaml.MarkedYAMLError) -> None:
        from site_src.read.yaml_errors import explain_syntax  # most files have no mistake

        stop = error.problem_mark or error.context_mark
        caught = stop is not None and self.run_on is not None and stop.line <= self.run_on[1] + 1
        about = explain_syntax(stop, error.context_mark, self.source, self.run_on if caught else None)
        if caught and self.problems[-1].rule in ("yaml-blank", "yaml-syntax"):
            return  # the cause is reported already
        if caught and self.problems[-1].rule == "yaml-lines":
            if about is None:
                return  # the value over several lines is the cause, and is reported already
            self.problems.pop()
        line, message = about or (
            stop.line if stop else 0,
            f'is not valid YAML here ({error.problem}). Write "key: value" with a space after the colon, indent the keys of one group alike, and put a value with special characters in quotes.',
        )
        self.problems.append(
            Problem(self.path, self.first_line + min(line, len(self.source) - 1), message, "yaml-syntax")
        )

    def _line(self, mark: Any) -> int:
        return self.first_line + (min(mark.line, max(len(self.source) - 1, 0)) if mark else 0)

    def _node(self, event: Any, events: Iterator[Any], at: Location) -> Any:
        self.lines.setdefault(at, self._line(event.start_mark))
        if len(at) > MAX_DEPTH:
            raise _TooDeep(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self.refuse(
                event.start_mark, "yaml-alias", f'uses the alias "*{event.anchor}". Write the value itself.'
            )
            return None
        if event.anchor:
            self.refuse(
                event.start_mark,
                "yaml-alias",
                f'has the anchor "&{event.anchor}". Delete it, and write values out.',
            )
        if event.tag and event.tag != "!":
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.refuse(event.start_mark, "yaml-tag", f'has the tag "{tag}". Delete it.')
        if isinstance(event, yaml.ScalarEvent):
            self._check_scalar(event)
            return _scalar(event)
        if event.flow_style and not (self.flow and at[: len(self.flow[-1])] == self.flow[-1]):
            self.flow.append(at)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, at)
        return self._mapping(events, at)

    def _check_scalar(self, event: Any) -> None:
        first, last = event.start_mark.line, event.end_mark.line
        if last > first and event.style not in ("|", ">"):
            from site_src.read.yaml_errors import false_blank, false_characters

            self.run_on = (first, last)
            if not event.style and (blank := false_blank(self.source, first, last)):
                line, message = blank
                self.problems.append(Problem(self.path, self.first_line + line, message, "yaml-blank"))
            elif not event.style and (characters := false_characters(self.source, first, len(self.source))):
                self._refuse_characters(characters)
            elif not self._line_has_false_blank(first):
                self.refuse(
                    event.start_mark,
                    "yaml-lines",
                    'has a value that continues on the next lines. Write "key: value" on one line, with a space after the colon, and close its quotes there.',
                )
        elif not event.style and (about := false_blank_in(event.value)):
            self.refuse(event.start_mark, "yaml-blank", about)
        if bad := FORBIDDEN.search(event.value):
            self.refuse(
                event.start_mark,
                "control-character",
                f"has the invisible character U+{ord(bad[0]):04X} here. Delete it.",
            )

    def _refuse_characters(self, characters: list[tuple[int, str]]) -> None:
        """Adds a problem for each character, because an editor who types one such character often types it everywhere."""
        found = [Problem(self.path, self.first_line + line, text, "yaml-syntax") for line, text in characters]
        self.problems += [problem for problem in found if problem not in self.problems]

    def _line_has_false_blank(self, number: int) -> bool:
        """Returns True if the last problem is a false blank on this line (from 0). The next problem then has the same cause."""
        last = self.problems[-1] if self.problems else None
        return last is not None and (last.rule, last.line) == ("yaml-blank", self.first_line + number)

    def _sequence(self, events: Iterator[Any], at: Location) -> tuple[Any, ...]:
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, (*at, len(items))))
        return tuple(items)

    def _mapping(self, events: Iterator[Any], at: Location) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event, events, at)
            if key in mapping:
                first = self.lines[(*at, key)]
                self.refuse(
                    event.start_mark,
                    "yaml-duplicate-key",
                    f"{key}: is here a second time (first on line {first}). Keep one of the two.",
                )
                self._node(next(events), events, (*at, f"{key} (again)"))
                continue
            self.lines[(*at, key)] = self._line(event.start_mark)
            mapping[key] = self._node(next(events), events, (*at, key))
        return mapping

    def _key(self, event: Any, events: Iterator[Any], at: Location) -> str:
        if isinstance(event, yaml.ScalarEvent) and not event.anchor and not event.tag:
            if event.value == "<<":
                self.refuse(
                    event.start_mark, "yaml-merge-key", 'uses the merge key "<<". Write the keys out.'
                )
            elif not event.style and (about := false_blank_in(event.value)):
                self.refuse(event.start_mark, "yaml-blank", about)
            return str(event.value)
        self.refuse(
            event.start_mark, "yaml-key", "has a key that is not plain text. Write a word before the colon."
        )
        self._node(event, events, (*at, "?"))
        return f"(line {self._line(event.start_mark)})"


def _scalar(event: Any) -> Scalar:
    text = str(event.value)
    if not event.implicit[0]:  # quoted or a block: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text
