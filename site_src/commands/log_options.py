"""The words and options of the commands that look after the quota log; imports nothing slow, because `cli` needs it for every command."""

from __future__ import annotations

import argparse

Words = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for this type


def add_due(words: Words[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds `quota due`."""
    due = words.add_parser(
        "due", help="what is overdue or will be; exit 1 for a warning or worse", allow_abbrev=False
    )
    due.add_argument(
        "--published",
        metavar="DIR",
        help="the folder that is published to (target in local.yaml, else dist/)",
    )
    due.add_argument("--format", choices=("text", "json"), default="text", help="how it is printed (text)")
    due.set_defaults(command="quota_due:due")
    return due


def add_saving(words: Words[argparse.ArgumentParser]) -> None:
    """Adds `quota save`, `quota merge`, `quota take` and `quota recover`."""
    save = words.add_parser("save", help="commit and push the log, as local.yaml says", allow_abbrev=False)
    save.set_defaults(command="quota_save:run")
    merge = words.add_parser("merge", help="git's merge driver for quota_state.yaml", allow_abbrev=False)
    for name, what in (
        ("base", "the common version"),
        ("ours", "our version; gets the result"),
        ("theirs", "the other version"),
    ):
        merge.add_argument(name, metavar=name.upper(), help=what)
    merge.set_defaults(command="quota_merge:run")
    take = words.add_parser("take", help="add the events of another version of the log", allow_abbrev=False)
    take.add_argument("base", metavar="BASE", help="the common version; empty if there is none")
    take.add_argument("theirs", metavar="THEIRS", help="the other version")
    take.set_defaults(command="quota_take_over:run")
    recover = words.add_parser(
        "recover", help="add the published events that the log lacks", allow_abbrev=False
    )
    recover.add_argument(
        "--published", metavar="DIR", help="the published folder, or a copy of it (target in local.yaml)"
    )
    recover.set_defaults(command="quota_recover:run")
