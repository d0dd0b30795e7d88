"""Problems of inputs (file, line, message, rule), the list of all rules, their order, and "Did you mean …?".

Three kinds of failure exist: a `Problem` (a mistake in an input, always shown with all others), wrong use of a command
(argparse, exit 2), and a bug (a traceback, never hidden).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
# Every rule that inputs can break. docs/checks.md explains each rule; a test compares the two lists.
Rule = Literal[
    # files
    "byte-order-mark", "control-character", "empty-file", "encoding", "file-name", "line-ends", "missing-file",
    "not-a-file", "symbolic-link", "too-large", "unreadable-file",
    # YAML and front matter
    "fact-name", "front-matter", "language", "missing-key", "unknown-key", "value", "yaml-alias", "yaml-blank", "yaml-depth",
    "yaml-documents", "yaml-duplicate-key", "yaml-key", "yaml-lines", "yaml-merge-key", "yaml-syntax", "yaml-tag",
    # the quota log
    "quota-end", "quota-event", "quota-flow", "quota-foretold", "quota-older", "quota-order", "quota-programme", "quota-step",
    # pages
    "default-language", "logo", "moved-from", "needed-page", "same-page", "unknown-programme",
    # security.txt
    "expired", "security",
    # texts
    "address", "box", "dated", "duplicate-id", "example", "fact-ahead", "heading", "link", "lost-text", "merge-conflict", "nesting",
    "picture", "placeholder", "reserved-name", "same-notice", "shared-contact", "slow-text", "token", "typed-address",
    # publishing
    "crash", "kept-content", "template",
    # advice
    "alternative-text", "claim", "cleaned-html", "dated-past", "dated-translation", "fact-checked", "footnote", "heading-order", "headings-differ", "line-start", "link-text",
    "list", "logo-checked", "long-sentence", "markdown-sign", "periods-past", "picture-look", "state-in-text", "translation-missing", "translation-older", "typed-date",
    "typed-figure", "updated-ahead",
]  # fmt: skip
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MAX_LISTED = 20


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. Instances sort by path, then line, then text.

    `path` is relative to the project's folder, with forward slashes. `line` counts from 1. `message` says what is wrong
    and what to type. A note states a fact and requests nothing. `rule` is the name in the documentation. `str` gives
    one line: control characters in a file's name or a value become spaces.
    """

    path: str
    line: int
    message: str
    rule: Rule
    severity: Severity = "error"

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else f"{self.severity}: "
        return _CONTROL.sub(" ", f"{self.path}:{self.line}: {mark}{self.message}")


class InputRefused(Exception):
    """Raised at the end of a step whose inputs have errors. Carries every problem found so far."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Report:
    """The problems that one reader has found so far."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Returns all problems, in the order in which they were found."""
        return tuple(self._found)

    def add(self, *problems: Problem) -> None:
        """Adds these problems."""
        self._found.extend(problems)

    def error(self, path: str, line: int, rule: Rule, message: str) -> None:
        """Adds an error on a line (from 1) of a file."""
        self._found.append(Problem(path, line, message, rule))


class Groups(NamedTuple):
    """Problems in the order in which they are shown. Each group is sorted by file and line."""

    errors: tuple[Problem, ...]
    own: tuple[Problem, ...]
    others: tuple[Problem, ...]
    placeholders: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def group_problems(problems: Iterable[Problem], own: Collection[str]) -> Groups:
    """Groups the problems: errors, warnings about files in `own`, warnings about other files, warnings about placeholders, and notes.

    The errors of the files in `own` come first.
    """
    ordered = sorted(set(problems), key=lambda problem: (problem.path not in own, problem))
    errors = tuple(problem for problem in ordered if problem.severity == "error")
    warnings = [problem for problem in ordered if problem.severity == "warning"]
    texts = [problem for problem in warnings if problem.rule != "placeholder"]
    return Groups(
        errors,
        tuple(problem for problem in texts if problem.path in own),
        tuple(problem for problem in texts if problem.path not in own),
        tuple(problem for problem in warnings if problem.rule == "placeholder"),
        tuple(problem for problem in ordered if problem.severity == "note"),
    )


def has_errors(problems: Iterable[Problem]) -> bool:
    """Returns True if at least one problem is an error."""
    return any(problem.severity == "error" for problem in problems)


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Suggests the most similar known word: ` Did you mean "…"?`. If none is similar, lists at most 20 known words."""
    choices = sorted(set(words))
    if near := nearest(word, choices):
        return f' Did you mean "{near}"?'
    more = f", and {len(choices) - _MAX_LISTED} more" if len(choices) > _MAX_LISTED else ""
    return f" Known here: {', '.join(choices[:_MAX_LISTED])}{more}." if choices else ""


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Returns the known word that is most similar to `word`, or None if none is similar."""
    from difflib import get_close_matches

    choices = sorted(set(words))
    near = get_close_matches(word.lower().replace("_", "-"), choices, n=1, cutoff=0.6)
    near = near or get_close_matches(word.lower().replace("-", "_"), choices, n=1, cutoff=0.6)
    return near[0] if near else None
