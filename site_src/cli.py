"""The command line: parses the arguments, imports and runs the command, and returns its exit code.

Imports nothing slow: the module of a command is imported when the command runs.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from functools import cache
from io import TextIOWrapper
from pathlib import Path

from site_src import VERSION
from site_src.commands.building_options import add_building
from site_src.commands.options import CommandParser, load_function
from site_src.commands.output import say
from site_src.commands.publishing_options import add_publishing
from site_src.commands.quota_options import add_quota
from site_src.exit_codes import (
    INTERRUPTED,
    PROBLEMS,
    READER_GONE,
    SUMMARY,
    WRONG_USE,
    CommandFailed,
    WrongUse,
)
from site_src.problems import InputRefused
from site_src.read.project import Project

_HELP = ("-h", "--help")
# The libraries of the extra `store`.
_STORE_LIBRARIES = frozenset({"cryptography", "obstore", "securesystemslib", "tuf"})


def main(arguments: Sequence[str], root: Path) -> int:
    """Runs one command on the project in `root` and returns its exit code. The default is `build`. argparse raises SystemExit."""
    _prepare_streams()
    parser = _parser()
    options = parser.parse_args(_add_default_words(arguments))
    try:
        code = load_function(options.command)(options, Project(root))
        if sys.stdout:  # it is None if it was closed, as with `>&-`
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader closed the output. The work was done before anything was printed.
        _discard_output()
        return READER_GONE
    except KeyboardInterrupt:
        say("\nStopped. To see the present state: python build.py quota show")
        return INTERRUPTED
    except InputRefused as error:
        say(*error.problems)
        return PROBLEMS
    except OSError as error:
        _discard_output()
        # An error of writing without a file name concerns an output, such as one that is redirected to a file on a full disk.
        is_output = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
        what = error.filename or ("The output could not be written" if is_output else "The command failed")
        say(f"{what}: {error.strerror or error}.")
        return PROBLEMS
    except CommandFailed as error:
        say(error)
        return PROBLEMS
    except ModuleNotFoundError as error:
        say(f"{parser.prog}: {_explain_missing_library(error)}")
        return WRONG_USE
    except WrongUse as error:
        say(f"{parser.prog}: {error}")
        return WRONG_USE


def _discard_output() -> None:
    """Discards what was not yet written to standard output. Python would raise the same error again at its exit."""
    if isinstance(sys.stdout, TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explain_missing_library(error: ModuleNotFoundError) -> str:
    """Returns what to install. Raises the error if the library is not one of the extra `store`."""
    if (error.name or "").partition(".")[0] not in _STORE_LIBRARIES:
        raise error
    return "a bucket and its keys need the extra packages of requirements-store.lock. Install them: make extra-store"


def _prepare_streams() -> None:
    # A file name may contain bytes that are not text, or a terminal may not have a character. Neither may end a command.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _add_default_words(arguments: Sequence[str]) -> list[str]:
    """Adds the words that may be omitted to the arguments: `build`, and `show` after `quota`."""
    words = list(arguments)
    if "--version" in words:  # with any command
        return ["--version"]
    if not words or (words[0].startswith("-") and words[0] not in _HELP):
        words.insert(0, "build")
    if words[0] == "quota" and (len(words) == 1 or (words[1].startswith("-") and words[1] not in _HELP)):
        words.insert(1, "show")
    return words


@cache
def _parser() -> CommandParser:
    parser = CommandParser(
        prog="build.py",
        description="Builds and checks the Working Holiday site from content/ and quota_state.yaml.",
        epilog=f"Without a command: build. {SUMMARY}",
    )
    parser.add_argument("--version", action="version", version=f"Quotabord {VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    add_building(commands)
    add_quota(commands)
    add_publishing(commands)
    return parser
