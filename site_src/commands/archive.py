"""`archive`: records the whole site, as its public address serves it, in one WARC file, and adds a line to the journal."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from site_src.archive.archive_lines import ARCHIVE, ARCHIVED, FAILED, MISSED, find_missed
from site_src.commands.output import pluralize, say
from site_src.commands.target import find_folder, who
from site_src.exit_codes import DONE, NOT_SHOWN, CommandFailed, WrongUse
from site_src.local_file import ADDRESS
from site_src.publish import journal
from site_src.publish.releases import Release, all_releases, find_live
from site_src.publish.store import OutputRefused
from site_src.read.local import Local
from site_src.read.project import Project

if TYPE_CHECKING:
    from site_src.archive.archiving import Archived

INSTALL = "warcio is not installed. Install it: make extra-archive"
_MOST_NAMED = 10


def run(options: argparse.Namespace, project: Project) -> int:
    """Writes the WARC file. Returns 5 if a response differs from the release.

    A missing URL or DIR comes from local.yaml. If the address shows this host's published folder, adds a line to the journal of that
    folder. Raises CommandFailed if nothing was archived, InputRefused and WrongUse.
    """
    local = project.require_local()
    address, folder = _address(options, local), _folder(options, local)
    target = _target(options, local, address, find_folder(local, project) if local else None)
    if target and folder.is_relative_to(target):
        raise WrongUse(f"{folder} is in the published folder. Name a folder outside it.")
    release = _release(options, target)
    options.by, options.who = None, local.who if local else None
    entry: dict[str, Any] = {"who": who(options), "action": ARCHIVE, "address": address}
    if release:
        entry["release"] = release.name
    archived = _archive(_operator(project, address), folder, release, target, entry)
    entry |= {"result": ARCHIVED, "warc": archived.file.name, "sha256": archived.sha256}
    _report(archived, release)
    if target:
        try:
            journal.append_locked(target, {**entry, "wrong": len(archived.wrong)})
        except (OSError, OutputRefused) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise CommandFailed(
                f"The journal could not be written ({reason}), so it does not list this file."
            ) from None
    return NOT_SHOWN if archived.wrong else DONE


def _archive(
    operator: str,
    folder: Path,
    release: Release | None,
    target: Path | None,
    entry: dict[str, Any],
) -> Archived:
    """Writes the WARC file, or adds a line about the failure to the journal of `target`. Raises CommandFailed and WrongUse."""
    try:
        from site_src.archive.archiving import archive
    except ModuleNotFoundError as error:
        raise WrongUse(INSTALL) from error
    from site_src.archive.capture import CaptureFailed

    if target:
        _note_missed(target, entry)
    try:
        return archive(entry["address"], folder, release, operator)
    except (CaptureFailed, OSError) as error:
        why = str(error)
        if isinstance(error, OSError):
            why = f"{error.filename or folder}: {error.strerror or error}."
        if target:
            with suppress(OSError, OutputRefused):
                journal.append_locked(target, {**entry, "result": FAILED, "why": why[:300]})
        raise CommandFailed(f"NOT ARCHIVED. {why}") from None


def _report(archived: Archived, release: Release | None) -> None:
    of = f", release {release.name}" if release else ""
    size = f"{archived.file.stat().st_size / 1000:,.0f} kB"
    answers = f"{pluralize(archived.answers, 'response')} ({archived.revisits} as before)"
    print(f"{archived.file}: {answers}, {size}{of}")
    say(*archived.notes, *archived.wrong[:_MOST_NAMED])
    if archived.wrong and release:
        differed = pluralize(len(archived.wrong), "response")
        say(f"{differed} differed from release {release.name}. The WARC file contains them as received.")


def _note_missed(target: Path, entry: dict[str, Any]) -> None:
    """Adds a line to the journal for each release that was replaced before its archive began. Prints a message about each of them."""
    why = "another release replaced it before its archive began."
    with suppress(OSError, OutputRefused):  # The next archive adds the lines.
        for span in find_missed(target):
            if span.release != entry.get("release"):
                journal.append_locked(
                    target, {**entry, "release": span.release, "result": MISSED, "why": why}
                )
                say(f"Release {span.release} was not archived: {why}")


def _address(options: argparse.Namespace, local: Local | None) -> str:
    address = str(options.url or (local and local.probe) or "").rstrip("/")
    if not address:
        raise WrongUse("name the address of the site, or write it into local.yaml: probe: https://…")
    if not ADDRESS.fullmatch(address) or not urlsplit(address).hostname:
        raise WrongUse(f'"{address}" is not an address such as https://host or http://127.0.0.1:8080.')
    return address


def _folder(options: argparse.Namespace, local: Local | None) -> Path:
    given = options.folder or (local and local.archive)
    if not given:
        raise WrongUse("name a folder for the archive, or write it into local.yaml: archive: /srv/archive")
    folder = Path(os.path.abspath(given))
    if not folder.parent.is_dir():
        raise WrongUse(f"{folder.parent} is not a folder. Make it first: mkdir -p {folder.parent}")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise WrongUse(f"{folder} is not a folder. Name a different path, or delete this file.")
    return folder


def _target(options: argparse.Namespace, local: Local | None, address: str, own: Path | None) -> Path | None:
    """Returns this host's published folder if the address shows its site, or if --release is given; otherwise None. Raises WrongUse."""
    if local and (options.release is not None or (local.probe or "").rstrip("/") == address):
        return own
    if options.release is not None:
        raise WrongUse("--release needs local.yaml, which names the published folder: target: /srv/www/…")
    return None


def _release(options: argparse.Namespace, target: Path | None) -> Release | None:
    if target is None:
        return None
    if options.release is None:
        return find_live(target)
    for release in all_releases(target):
        if isinstance(release, Release) and release.number == options.release:
            return release
    raise WrongUse(
        f"{target} has no release {options.release}. To list them: python build.py releases {target}"
    )


def _operator(project: Project, address: str) -> str:
    """Returns the organisation in content/site.yaml, or the host of the address if that file cannot be read."""
    settings = project.read_settings()
    return settings.organisation[settings.default_language] if settings else str(urlsplit(address).hostname)
