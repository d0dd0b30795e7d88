"""Parses YAML files and front matter strictly: limits nesting (MAX_DEPTH), and refuses anchors, tags and duplicate keys.

It supports a subset of YAML 1.2: mappings with text keys, sequences, and scalars. Only null, true, false and plain decimal
integers have a type; all other scalars are text (`no`, `12:30` and `2026-04-01` too). It refuses, with their line:
duplicate keys, anchors, aliases, merge keys, tags, second documents, deep nesting, and values over several lines
(except `|` and `>`), because an unclosed quote could hide an event. `yaml_builder` builds the value, and `yaml_errors` explains syntax errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import yaml

from site_src.problems import Problem, Report, Rule, Severity
from site_src.read.yaml_builder import MAX_DEPTH, Builder, Location, TooDeep


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
    builder = Builder(path, first_line, text.split("\n"))
    try:
        value = builder.build(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        builder.refuse_syntax(error)
        value = None
    except TooDeep as error:
        message = f"is nested more than {MAX_DEPTH} levels deep. Make it flatter."
        builder.refuse(error.event, "yaml-depth", message)
        value = None
    report.add(*builder.problems)
    if builder.problems:
        return None
    return Document(path, first_line, value, MappingProxyType(builder.lines), tuple(builder.flow))
