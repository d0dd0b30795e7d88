"""`serve`: starts the editor's preview, which is built again at each change to the files, and opens the browser."""

from __future__ import annotations

import argparse
import errno
import gc
import socket
import threading
import webbrowser
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from site_src.commands.git import Git
from site_src.commands.output import pluralize, say
from site_src.commands.target import take_bucket
from site_src.exit_codes import DONE, WrongUse
from site_src.instants import checked_instant, instant_of
from site_src.preview.pages import ADDRESS
from site_src.preview.server import HOST, PreviewServer
from site_src.preview.sites import PreviewContents, PreviewSites
from site_src.problems import group_problems
from site_src.publish.watcher import Watcher
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE

WATCHED = ("content", STATE_FILE)
# The style sheets and templates, if the project has its own.
STYLES = tuple(f"site_src/render/{folder}" for folder in ("static", "templates"))
# How often the clock is read, so that a scheduled change appears at its time.
CLOCK_SECONDS = 1.0


def run(options: argparse.Namespace, project: Project) -> int:
    """Serves the preview until Ctrl-C. Raises WrongUse if the port cannot be used."""
    checked_instant(options.at)
    gc.enable()  # Other commands end before garbage collection saves anything.
    take_bucket(options, project, "published")
    published = Path(options.published).absolute() if options.published else project.dist
    sites = PreviewSites(project.root, _moment(options.at, project), published)
    server = _listen(sites, options.port)
    watcher = Watcher(project.root, (*WATCHED, *STYLES), poll=options.poll)
    view = sites.look()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"Preview: {sites.origin}/   all pages and states: {sites.origin}{ADDRESS}   to stop: Ctrl-C")
    if branch := Git(project.root).find_branch():
        print(_explain_drafts(branch))
    if options.open:
        # With some browsers the call returns only when the browser is closed.
        threading.Thread(target=_open, args=(f"{sites.origin}/",), daemon=True).start()
    _print_problems(view)
    try:
        _watch(sites, watcher)
    except KeyboardInterrupt:
        print()
        return DONE
    finally:
        server.shutdown()
        server.server_close()
        watcher.close()


def _listen(sites: PreviewSites, port: int) -> PreviewServer:
    try:
        return PreviewServer(sites, port)
    except OSError as error:
        raise WrongUse(_explain_port(port, error)) from None
    except OverflowError:
        raise WrongUse(f"--port: {port} is not a port. Write a number up to 65535.") from None


def _watch(sites: PreviewSites, watcher: Watcher) -> NoReturn:
    """Shows each change of the files and of the clock, until Ctrl-C."""
    polling: str | None = None
    while True:
        if watcher.polling and watcher.polling != polling:
            polling = watcher.polling
            print(f"Looking for changes twice a second: {polling}.", flush=True)
        if watcher.wait(CLOCK_SECONDS):
            _print_problems(sites.look())
        sites.look_at_clock()


def _explain_drafts(branch: str) -> str:
    """Returns one line about drafts: a branch other than main is a draft, and is not published until it is merged."""
    if branch in ("main", "master"):
        return f"You edit {branch}. To make a draft that others can review: git switch -c my-change"
    return f"You edit the draft {branch}. It is not published until it is merged."


def _open(address: str) -> None:
    """Opens the address in the browser, or prints that this is not possible."""
    if not webbrowser.open(address):
        say(f"No browser could be opened. Open {address} yourself.")


def _moment(text: str | None, project: Project) -> datetime | None:
    """Returns the instant of --at, read in the site's time zone, or in Europe/Amsterdam if the settings cannot be read."""
    if text is None:
        return None
    settings = project.read_settings()
    return instant_of(text, settings.zone if settings else ZoneInfo("Europe/Amsterdam"))


def _print_problems(view: PreviewContents) -> None:
    """Prints errors and refusals as `check` does, and the numbers of warnings and placeholders."""
    errors, _, others, placeholders, _ = group_problems(view.problems, ())
    say(*errors)
    for refusal in view.refusals:
        say(f"gate: {refusal}")
    last = " The last good pages stay." if view.broken and view.inputs else ""
    warnings = pluralize(len(others), "warning")
    if placeholders:
        warnings += f", {pluralize(len(placeholders), 'placeholder')}"
    outcome = pluralize(len(errors), "error") if errors else "The gate refuses." if view.refusals else "Good"
    print(f"{outcome}, {warnings}.{last}".replace("..", "."), flush=True)


def _explain_port(port: int, error: OSError) -> str:
    if error.errno == errno.EACCES:
        return f"--port: you may not use {port} ({error.strerror}). Name a port above 1023."
    if error.errno != errno.EADDRINUSE:
        return f"--port: {port} cannot be used: {error.strerror}."
    free = next((other for other in range(port + 1, min(port + 100, 65536)) if _is_free(other)), 0)
    cure = f"Type: python build.py serve --port {free}" if free else "Name another port."
    return f"--port: another program uses {port}. {cure}"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0
