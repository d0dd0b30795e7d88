"""Builds the value of a YAML document from the parser's events, and refuses what `yaml` lists. Aliases are never expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from site_src.problems import Problem, Rule
from site_src.read.text import FORBIDDEN, false_blank_in

Scalar = None | bool | int | str
Location = tuple[str | int, ...]
MAX_DEPTH = 12
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


class TooDeep(Exception):
    """Raised at an event that is nested more than MAX_DEPTH levels deep."""

    def __init__(self, event: Any) -> None:
        super().__init__(event)
        self.event = event


class Builder:
    """Builds one value from parser events. Records the line number of each part, the parts in flow style, and the problems."""

    def __init__(self, path: str, first_line: int, source: list[str]) -> None:
        self.path = path
        self.first_line = first_line
        self.source = source
        self.lines: dict[Location, int] = {}
        self.flow: list[Location] = []
        self.problems: list[Problem] = []
        self.run_on: tuple[int, int] | None = None  # first and last line of a value over several lines

    def build(self, events: Iterator[Any]) -> Any:
        """Returns the value of the only document. Raises TooDeep, and the errors of the parser."""
        next(events)  # the start of the stream
        event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._node(next(events), events, ())
        next(events)  # the end of the document
        event = next(events)
        if not isinstance(event, yaml.StreamEndEvent):
            self.refuse(event, "yaml-documents", 'starts a second document here. Delete the line "---".')
        return value

    def refuse(self, event: Any, rule: Rule, message: str) -> None:
        """Adds a problem on the line on which the event begins."""
        self.problems.append(Problem(self.path, self._line(event), message, rule))

    def refuse_syntax(self, error: yaml.MarkedYAMLError) -> None:
        """Adds a problem for the error at which the parser stopped, unless its cause is reported already."""
        from site_src.read.yaml_errors import explain_syntax  # most files have no mistake

        stop = error.problem_mark or error.context_mark
        caught = stop is not None and self.run_on is not None and stop.line <= self.run_on[1] + 1
        about = explain_syntax(stop, error.context_mark, self.source, self.run_on if caught else None)
        last = self.problems[-1].rule if caught else None
        if last in ("yaml-blank", "yaml-syntax") or (last == "yaml-lines" and about is None):
            return
        if last == "yaml-lines":
            self.problems.pop()
        message = f'is not valid YAML here ({error.problem}). Write "key: value" with a space after the colon, indent the keys of one group alike, and put a value with special characters in quotes.'
        line, message = about or (stop.line if stop else 0, message)
        at = self.first_line + min(line, len(self.source) - 1)
        self.problems.append(Problem(self.path, at, message, "yaml-syntax"))

    def _line(self, event: Any) -> int:
        return self.first_line + min(int(event.start_mark.line), len(self.source) - 1)

    def _node(self, event: Any, events: Iterator[Any], at: Location) -> Any:
        self.lines.setdefault(at, self._line(event))
        if len(at) > MAX_DEPTH:
            raise TooDeep(event)
        if isinstance(event, yaml.AliasEvent):
            self.refuse(event, "yaml-alias", f'uses the alias "*{event.anchor}". Write the value itself.')
            return None
        if event.anchor:
            message = f'has the anchor "&{event.anchor}". Delete it, and write values out.'
            self.refuse(event, "yaml-alias", message)
        if event.tag and event.tag != "!":
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.refuse(event, "yaml-tag", f'has the tag "{tag}". Delete it.')
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
                message = 'has a value that continues on the next lines. Write "key: value" on one line, with a space after the colon, and close its quotes there.'
                self.refuse(event, "yaml-lines", message)
        elif not event.style and (about := false_blank_in(event.value)):
            self.refuse(event, "yaml-blank", about)
        if bad := FORBIDDEN.search(event.value):
            message = f"has the invisible character U+{ord(bad[0]):04X} here. Delete it."
            self.refuse(event, "control-character", message)

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
                message = f"{key}: is here a second time (first on line {first}). Keep one of the two."
                self.refuse(event, "yaml-duplicate-key", message)
                self._node(next(events), events, (*at, f"{key} (again)"))
                continue
            self.lines[(*at, key)] = self._line(event)
            mapping[key] = self._node(next(events), events, (*at, key))
        return mapping

    def _key(self, event: Any, events: Iterator[Any], at: Location) -> str:
        if isinstance(event, yaml.ScalarEvent) and not event.anchor and not event.tag:
            if event.value == "<<":
                self.refuse(event, "yaml-merge-key", 'uses the merge key "<<". Write the keys out.')
            elif not event.style and (about := false_blank_in(event.value)):
                self.refuse(event, "yaml-blank", about)
            return str(event.value)
        self.refuse(event, "yaml-key", "has a key that is not plain text. Write a word before the colon.")
        self._node(event, events, (*at, "?"))
        return f"(line {self._line(event)})"


def _scalar(event: Any) -> Scalar:
    text = str(event.value)
    if not event.implicit[0]:  # quoted or a block: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text
