"""`journal anchor`: prints, commits or sends the digest of the journal's newest line, signed if the checkout has `keys/`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.commands.alarm import ring_and_wait
from site_src.commands.git import Git, GitFailed
from site_src.commands.target import find_folder, take_bucket
from site_src.exit_codes import DONE, PROBLEMS, CommandFailed, WrongUse
from site_src.file_lock import open_own
from site_src.problems import InputRefused
from site_src.publish.anchor import take_anchor
from site_src.read.project import Project

if TYPE_CHECKING:
    from site_src.bucket.anchor_keys import AnchorKeys
    from site_src.bucket.signing import OnlineKey

_KEYS = "keys"
_INSTALL = f"the project has {_KEYS}/, but the libraries that check signatures are not installed. Install them: make extra-store"


def anchor(options: argparse.Namespace, project: Project) -> int:
    """Prints the anchor, or adds it to FILE. Commits FILE with --commit; passes the anchor to the alarm program with --send.

    Returns 1 if that program fails. Raises CommandFailed, InputRefused and WrongUse.
    """
    local = project.require_local()
    take_bucket(options, project)
    target, program = options.target or (local and find_folder(local, project)), local and local.alarm
    if not target:
        raise WrongUse(
            "name the published folder (--target), or write it into local.yaml: target: /srv/www/…"
        )
    if options.commit and not options.file:
        raise WrongUse("--commit needs a FILE, in a git repository.")
    if options.send and not program:
        raise WrongUse("--send needs an alarm program. Add it to local.yaml: alarm: /usr/local/bin/…")
    key = load_anchor_key(project)
    taken = take_anchor(Path(target), key.sign if key else None)
    if taken is None:
        raise WrongUse(f"{target} has no journal yet. Publish first.")
    line = taken.as_json()
    if options.file:
        _add(Path(os.path.abspath(options.file)), line, options.commit)
    else:
        print(line)
    if options.send and program and not ring_and_wait(program, f"Quotabord journal anchor: {line}"):
        return PROBLEMS
    return DONE


def _add(file: Path, line: str, commit: bool) -> None:
    """Adds the line to the file, and commits the file if `commit` is True. Raises CommandFailed."""
    try:
        with open(open_own(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), "ab") as out:
            out.write(f"{line}\n".encode())
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise CommandFailed(f"{file}: {error.strerror}. The anchor was not written.") from None
    print(f"{file}: {line}")
    if not commit:
        return
    git = Git(file.parent)
    try:
        git.run("add", "--", file.name)
        git.run("commit", "--quiet", "--message", "Anchor the journal", "--", file.name)
    except GitFailed as error:
        raise CommandFailed(f"{file}: was written, but git did not commit it ({error}).") from None


def load_anchor_key(project: Project) -> OnlineKey | None:
    """Returns the online key of this host, or None if the checkout has no `keys/`.

    Raises InputRefused if local.yaml has problems, and WrongUse if the key is missing or wrong, or the libraries are not installed.
    """
    if not project.keys.is_dir():
        return None
    settings, problems = project.read_store_settings()
    if problems:
        raise InputRefused(problems)
    try:
        from site_src.bucket.opening import find_key_file
        from site_src.bucket.roots import KeyRefused, newest_root
        from site_src.bucket.signing import load_online_key
    except ModuleNotFoundError as error:
        raise WrongUse(_INSTALL) from error
    try:
        return load_online_key(find_key_file(settings), newest_root(project.keys))
    except KeyRefused as error:
        raise WrongUse(str(error)) from None


def load_anchor_keys(project: Project) -> AnchorKeys | None:
    """Returns the public keys that may have signed an anchor, or None if the checkout has no `keys/`. Raises WrongUse."""
    if not project.keys.is_dir():
        return None
    try:
        from site_src.bucket.anchor_keys import AnchorKeys
        from site_src.bucket.roots import KeyRefused
    except ModuleNotFoundError as error:
        raise WrongUse(_INSTALL) from error
    try:
        return AnchorKeys(project.root)
    except KeyRefused as error:
        raise WrongUse(str(error)) from None
