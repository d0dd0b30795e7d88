"""Reads back the public address and each web server in local.yaml after a publish. Prints what they show, or an alarm."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.commands.output import ignore_output_errors, say
from site_src.gate.expectation import Expectation
from site_src.publish import journal
from site_src.publish.publication import Publication
from site_src.publish.releases import Release, find_live, live_name
from site_src.publish.store import OutputRefused

if TYPE_CHECKING:
    from site_src.publish.probe import Wrong


def report_probe(publication: Publication, options: argparse.Namespace, target: Path, by: str) -> bool:
    """Reads back the public address, then each web server in local.yaml. Returns True if all of them show the live release.

    If an address does not show it, prints an alarm and adds the alarm to the journal. If a newer release is published in
    between, the addresses must show the newer one.
    """
    end = time.monotonic() + options.probe_for
    addresses = (options.probe, *getattr(options, "web_servers", ()))
    shown = [_read_back(address, publication, options, target, by, end) for address in addresses]
    return all(shown)


def _read_back(
    address: str, publication: Publication, options: argparse.Namespace, target: Path, by: str, end: float
) -> bool:
    from site_src.publish.probe import probe

    release, what = publication.release, "it"
    while True:
        seconds, overtaken = max(end - time.monotonic(), 0), partial(is_overtaken, release, target)
        wrong = probe(address, release.manifest, demanded(release, publication), seconds, overtaken)
        live = release_instead_of(release.name, target) if wrong else None
        if live is None:
            break
        release, what = live, f"release {live.name}, which was published meanwhile"
    if wrong:
        alarm(release, address, target, wrong, by)
        return False
    with ignore_output_errors():
        # With --format json, standard output must be one object.
        out = sys.stderr if options.format == "json" else sys.stdout
        print(f"{address} shows {what}.", file=out, flush=True)
    return True


def is_overtaken(release: Release, target: Path) -> bool:
    """Returns True if a different release is live."""
    return live_name(target) not in (release.name, None)


def release_instead_of(name: str, target: Path) -> Release | None:
    """Returns the live release if its name differs from `name`. Returns None otherwise, or if it cannot be read."""
    live = find_live(target)
    return live if live and live.name != name else None


def demanded(release: Release, publication: Publication | None) -> Expectation | None:
    """Returns what the gate demands of the release, or None if its states differ from those in `publication`."""
    same = publication and release.manifest.states == publication.release.manifest.states
    return publication.expected if publication and same else None


def alarm(release: Release, address: str, target: Path, wrong: tuple[Wrong, ...], by: str) -> None:
    """Prints what is wrong and what to do, and adds the failure to the journal. Continues if either fails."""
    say(
        *_in_few_lines(address, wrong),
        f"ALARM: {address} does not show release {release.name}. It is published on this machine, but visitors do not get it.",
        'Check the web server and every cache in front of it. See docs/running.md, "Alarms".',
    )
    entry = {"who": by, "action": "probe", "release": release.name, "result": "not-shown", "address": address}
    try:
        journal.append_locked(target, {**entry, "wrong": len(wrong), "harm": sum(one.harm for one in wrong)})
    except (OSError, OutputRefused) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        say(f"The journal could not be written ({reason}), so the alarm is not in it.")


def _in_few_lines(address: str, wrong: tuple[Wrong, ...]) -> Iterator[str]:
    """Yields one line for each harmful fault, then one line for all files with the same harmless fault."""
    yield from (f"{address}/{one.path}: {one.message}" for one in wrong if one.harm)
    paths: dict[str, list[str]] = {}
    for one in wrong:
        if not one.harm:
            paths.setdefault(one.message, []).append(one.path)
    for message, (first, *others) in paths.items():
        more = f" (and {len(others)} more files)" if others else ""
        yield f"{address}/{first}{more}: {message}"
