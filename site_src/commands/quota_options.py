"""Options and help texts of `quota` and its subcommands: `set`, `close`, `open`, `undo`, `show`, `due`, `save`, `merge` …

Imports nothing slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from site_src.commands.options import (
    CommandParser,
    add_at,
    add_command,
    add_format,
    add_publish_options,
    parse_count,
)

if TYPE_CHECKING:
    from site_src.commands.options import Commands

# The words that change the state now and read the target from local.yaml: the state of each, and its help.
_AT_ONCE = {
    "close": ("quota_reached", "the quota is reached: hide the link, then publish"),
    "reopen": ("places_available", "places are available again: show the link, and publish"),
    "open": ("open", "pre-registration opens: show the link, and publish"),
    "suspend": ("suspended", "until further notice: hide the link, then publish"),
    "undo": (None, "take back the last change: restore what was before, or cancel what is scheduled"),
}


def add_quota(commands: Commands) -> None:
    """Adds the command `quota` and its subcommands."""
    quota = commands.add_parser("quota", help="the operator's commands; without a command: show")
    words = quota.add_subparsers(metavar="WORD", required=True)
    _add_looking(words)
    _add_saving(words)
    for word, (state, help_text) in _AT_ONCE.items():
        _add_at_once(words, word, state, help_text)
    _add_set(words)
    cancel = _add_change(words, "cancel", "cancel the next scheduled event")
    cancel.set_defaults(state=None, moment=None, expect=None, by=None, note=None, places=None)
    _add_programme(cancel)
    _add_change_options(cancel)


def _add_looking(words: Commands) -> None:
    show = add_command(words, "show", "quota_show:show", "each programme's state, and what comes next")
    history = add_command(words, "history", "quota_show:history", "all events, with by and note")
    help = "print what is overdue or soon will be; exit 1 for a warning or worse"
    due = add_command(words, "due", "quota_due:due", help)
    due.value("--published", "DIR", "the published folder (target in local.yaml, otherwise dist/)")
    add_format(due, ("text", "json"), "the output format (text)")
    for word in (show, due):
        add_at(word, "look at")
    history.value("programme", "PROGRAMME", "one programme (all)", nargs="?")
    for word in (show, history):
        word.flag("--json", "print JSON")
    show.value("--published", "DIR", "also print what visitors of this folder see")


def _add_saving(words: Commands) -> None:
    add_command(words, "save", "quota_save:run", "commit and push the log, as local.yaml says")
    merge = add_command(words, "merge", "quota_merge:merge", "git's merge driver for quota_state.yaml")
    merge.value("base", "BASE", "the common version")
    merge.value("ours", "OURS", "our version; the result replaces it")
    merge.value("theirs", "THEIRS", "the other version")
    take = add_command(words, "take", "quota_merge:take", "add the events of another version of the log")
    take.value("base", "BASE", "the common version; empty if there is none")
    take.value("theirs", "THEIRS", "the other version")
    help = "add the published events that the log lacks"
    recover = add_command(words, "recover", "quota_merge:recover", help)
    recover.value("--published", "DIR", "the published folder, or a copy of it (target in local.yaml)")


def _add_at_once(words: Commands, word: str, state: str | None, help_text: str) -> None:
    at_once = _add_change(words, word, help_text)
    at_once.set_defaults(state=state, moment=None, uses_local=True, closes=word == "close", places=None)
    if word == "undo":
        at_once.value("programme", "PROGRAMME", "the programme (the one that changed last)", nargs="?")
        mistake = "say on the pages that the closing was a mistake, and when it was corrected"
        at_once.flag("--mistake", mistake)
    else:
        _add_programme(at_once)
    if word == "reopen":
        _add_places(at_once)
    _add_event_options(at_once)
    _add_change_options(at_once, "the published folder (target in local.yaml)")


def _add_set(words: Commands) -> None:
    set_state = _add_change(words, "set", "add an event: a state from now on, or from a given moment")
    _add_programme(set_state)
    set_state.value("state", "STATE", "open, quota_reached, places_available or suspended")
    moment = "when the state begins; it may be in the future (now)"
    set_state.value("--from", "INSTANT", moment, dest="moment")
    _add_places(set_state)
    _add_event_options(set_state)
    _add_change_options(set_state)


def _add_change(words: Commands, word: str, help: str) -> CommandParser:
    change = add_command(words, word, "hide_first:run", help)
    change.set_defaults(word=word, work="quota_change:run")
    change.set_defaults(who=None, uses_local=False, closes=False, mistake=False)
    return change


def _add_programme(word: CommandParser) -> None:
    word.value("programme", "PROGRAMME", "such as japan or south-korea")


def _add_places(word: CommandParser) -> None:
    help = "how many places are left, only with places_available; published"
    word.value("--places", "N", help, type=parse_count)


def _add_event_options(word: CommandParser) -> None:
    word.value("--by", "NAME", "who reports this; never published (the login, or git's user name)")
    word.value("--note", "TEXT", "why; never published")
    word.value("--expect", "STATE", "refuse the change if the programme has a different state before it")


def _add_change_options(word: CommandParser, publish_help: str = "then publish to this folder") -> None:
    word.flag("--dry-run", "show what would change; write nothing")
    word.flag("--yes", "do not ask")
    word.value("--publish", "DIR", publish_help)
    add_publish_options(word)
    word.flag("--json", "print JSON")
