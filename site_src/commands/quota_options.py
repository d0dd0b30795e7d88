"""Options and help texts of `quota` and its subcommands: `set`, `close`, `open`, `undo`, `show`, `due`, `save`, `merge` …

Imports nothing slow.
"""

from __future__ import annotations

import argparse

from site_src.commands.options import Commands, add_at, add_publish_options, parse_count

# The words that change the state now and read the target from local.yaml: the state of each, and its help.
_AT_ONCE = {
    "close": ("quota_reached", "the quota is reached: hide the link, then publish"),
    "reopen": ("places_available", "places are available again: show the link, and publish"),
    "open": ("open", "pre-registration opens: show the link, and publish"),
    "suspend": ("suspended", "until further notice: hide the link, then publish"),
    "undo": (None, "take back the last change: restore what was before, or cancel what is scheduled"),
}
Words = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for this type


def add_quota(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `quota` and its subcommands."""
    quota = commands.add_parser(
        "quota", help="the operator's commands; without a command: show", allow_abbrev=False
    )
    words = quota.add_subparsers(metavar="WORD", required=True)
    _add_looking(words)
    for word, (state, help_text) in _AT_ONCE.items():
        at_once = words.add_parser(word, help=help_text, allow_abbrev=False)
        at_once.set_defaults(places=None, mistake=False)
        if word == "undo":
            at_once.add_argument(
                "programme", metavar="PROGRAMME", nargs="?", help="the programme (the one that changed last)"
            )
            at_once.add_argument(
                "--mistake",
                action="store_true",
                help="say on the pages that the closing was a mistake, and when it was corrected",
            )
        else:
            at_once.add_argument("programme", metavar="PROGRAMME", help="such as japan or south-korea")
        if word == "reopen":
            _add_places(at_once)
        _add_event_options(at_once)
        _add_change_options(at_once, "the published folder (target in local.yaml)")
        at_once.set_defaults(word=word, state=state, moment=None, uses_local=True, closes=word == "close")
    set_state = words.add_parser(
        "set", help="add an event: a state from now on, or from a given moment", allow_abbrev=False
    )
    set_state.add_argument("programme", metavar="PROGRAMME", help="such as japan or south-korea")
    set_state.add_argument(
        "state", metavar="STATE", help="open, quota_reached, places_available or suspended"
    )
    set_state.add_argument(
        "--from",
        dest="moment",
        metavar="INSTANT",
        help="when the state begins; it may be in the future (now)",
    )
    _add_places(set_state)
    _add_event_options(set_state)
    _add_change_options(set_state, "then publish to this folder")
    cancel = words.add_parser("cancel", help="cancel the next scheduled event", allow_abbrev=False)
    cancel.add_argument("programme", metavar="PROGRAMME", help="such as japan or south-korea")
    _add_change_options(cancel, "then publish to this folder")
    cancel.set_defaults(state=None, moment=None, expect=None, by=None, note=None)
    cancel.set_defaults(places=None)
    for word, parser in (("set", set_state), ("cancel", cancel)):
        parser.set_defaults(word=word, uses_local=False, closes=False, mistake=False)


def _add_looking(words: Commands[argparse.ArgumentParser]) -> None:
    show = words.add_parser("show", help="each programme's state, and what comes next", allow_abbrev=False)
    history = words.add_parser("history", help="all events, with by and note", allow_abbrev=False)
    due = add_due(words)
    add_saving(words)
    for word in (show, due):
        add_at(word, "look at")
    history.add_argument("programme", metavar="PROGRAMME", nargs="?", help="one programme (all)")
    for word in (show, history):
        word.add_argument("--json", action="store_true", help="print JSON")
    show.add_argument("--published", metavar="DIR", help="also print what visitors of this folder see")
    show.set_defaults(command="quota_show:show")
    history.set_defaults(command="quota_show:history")


def _add_places(word: argparse.ArgumentParser) -> None:
    word.add_argument(
        "--places",
        type=parse_count,
        metavar="N",
        help="how many places are left, only with places_available; published",
    )


def _add_event_options(word: argparse.ArgumentParser) -> None:
    word.add_argument(
        "--by", metavar="NAME", help="who reports this; never published (the login, or git's user name)"
    )
    word.add_argument("--note", metavar="TEXT", help="why; never published")
    word.add_argument(
        "--expect", metavar="STATE", help="refuse the change if the programme has a different state before it"
    )


def _add_change_options(word: argparse.ArgumentParser, publish_help: str) -> None:
    word.add_argument("--dry-run", action="store_true", help="show what would change; write nothing")
    word.add_argument("--yes", action="store_true", help="do not ask")
    word.add_argument("--publish", metavar="DIR", help=publish_help)
    add_publish_options(word)
    word.add_argument("--json", action="store_true", help="print JSON")
    word.set_defaults(command="hide_first:run", work="quota_change:run", who=None)


def add_due(words: Words[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds `quota due`."""
    due = words.add_parser(
        "due", help="print what is overdue or soon will be; exit 1 for a warning or worse", allow_abbrev=False
    )
    due.add_argument(
        "--published",
        metavar="DIR",
        help="the published folder (target in local.yaml, otherwise dist/)",
    )
    due.add_argument("--format", choices=("text", "json"), default="text", help="the output format (text)")
    due.set_defaults(command="quota_due:due")
    return due


def add_saving(words: Words[argparse.ArgumentParser]) -> None:
    """Adds `quota save`, `quota merge`, `quota take` and `quota recover`."""
    save = words.add_parser("save", help="commit and push the log, as local.yaml says", allow_abbrev=False)
    save.set_defaults(command="quota_save:run")
    merge = words.add_parser("merge", help="git's merge driver for quota_state.yaml", allow_abbrev=False)
    for name, what in (
        ("base", "the common version"),
        ("ours", "our version; the result replaces it"),
        ("theirs", "the other version"),
    ):
        merge.add_argument(name, metavar=name.upper(), help=what)
    merge.set_defaults(command="quota_merge:merge")
    take = words.add_parser("take", help="add the events of another version of the log", allow_abbrev=False)
    take.add_argument("base", metavar="BASE", help="the common version; empty if there is none")
    take.add_argument("theirs", metavar="THEIRS", help="the other version")
    take.set_defaults(command="quota_merge:take")
    recover = words.add_parser(
        "recover", help="add the published events that the log lacks", allow_abbrev=False
    )
    recover.add_argument(
        "--published", metavar="DIR", help="the published folder, or a copy of it (target in local.yaml)"
    )
    recover.set_defaults(command="quota_merge:recover")
