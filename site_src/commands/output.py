"""Prints what a command says: messages on standard error (`say`), and JSON on standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def say(*lines: object) -> None:
    """Prints each line to standard error. Ignores output errors, so the command continues after a closed pipe or a full disk."""
    with ignore_output_errors():
        for line in lines:
            print(line, file=sys.stderr, flush=True)


def print_json(value: object, indent: int | None = 2) -> None:
    """Prints the value to standard output as JSON."""
    import json

    print(json.dumps(value, ensure_ascii=False, indent=indent))


def print_row(title: str, text: str) -> None:
    """Prints a row with its title in a column of its own."""
    print(f"  {title:<12}{text}")


def has_terminal() -> bool:
    """Returns True if the command can ask a question: standard input and output are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


@contextmanager
def ignore_output_errors() -> Iterator[None]:
    """Ignores OSError in a block that only prints."""
    try:
        yield
    except OSError:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            try:
                stream.flush()
            except OSError:
                # Python would write to the stream again at exit. If it was closed, another file may now have its descriptor.
                with suppress(OSError), open(os.devnull, "wb") as nothing:
                    os.dup2(nothing.fileno(), stream.fileno())


def pluralize(number: int, noun: str) -> str:
    """Returns the number with its noun: `1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
