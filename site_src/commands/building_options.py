"""Options and defaults of `build`, `check`, `move`, `review` and `serve`.

Imports nothing slow, because `cli` needs this module for every command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from site_src.commands.options import add_at, add_command, add_format
from site_src.exit_codes import SUMMARY

if TYPE_CHECKING:
    from site_src.commands.options import Commands


def add_building(commands: Commands) -> None:
    """Adds the commands `build`, `check`, `move`, `review` and `serve`."""
    _add_build(commands)
    _add_check(commands)
    _add_move(commands)
    _add_review(commands)
    _add_serve(commands)


def _add_build(commands: Commands) -> None:
    build = add_command(commands, "build", "build_again:run", "build the site into dist/", epilog=SUMMARY)
    build.value("--out", "DIR", "the folder for the site (dist)", default="dist")
    build.value("--base-url", "URL", "the site's address, instead of the one in content/site.yaml")
    states = "build a preview with these states; its pages say so"
    build.value("--state", "PROGRAMME=STATE", states, nargs="+", action="extend", default=[])
    add_at(build, "build for")
    add_format(build)


def _add_check(commands: Commands) -> None:
    help = "check everything that build checks; write nothing"
    check = add_command(commands, "check", "check:run", help, epilog=SUMMARY)
    check.value("paths", "PATH", "report only the problems in these files or folders (all)", nargs="*")
    check.flag("--strict", "treat warnings as errors")
    check.flag("--translations", "print the state of each page in each language: complete, older, missing")
    add_at(check, "build for")
    add_format(check)


def _add_move(commands: Commands) -> None:
    help = "rename a page in every language, and change the links to it"
    move = add_command(commands, "move", "move:run", help)
    move.value("old", "OLD", "the present name of the page, such as about.md")
    move.value("new", "NEW", "the new name, such as guides/about.md")


def _add_review(commands: Commands) -> None:
    help = "make a folder that shows what changed on the pages since a commit"
    review = add_command(commands, "review", "review:run", help)
    review.value("--against", "REV", "the commit or branch to compare with, such as main", required=True)
    review.value("--out", "DIR", "the folder to make; it must not exist", required=True)


def _add_serve(commands: Commands) -> None:
    help = "a live preview of every page in every state, on this machine"
    serve = add_command(commands, "serve", "serve:run", help)
    serve.value("--port", "N", "the port (%(default)s); 0 chooses a free one", type=int, default=8000)
    serve.flag("--open", "open the preview in the browser")
    serve.flag("--poll", "look for changes at regular intervals; needed on shared folders")
    serve.value("--published", "DIR", "the published release to compare with (dist)")
    add_at(serve, "show")
