"""`keys init`, `keys rotate`, `keys check`: creates, rotates and checks the keys that sign what is published to a bucket, and
warns before the root expires.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from site_src.exit_codes import DONE, PROBLEMS, CommandFailed, WrongUse
from site_src.problems import Problem
from site_src.read.project import Project

# The same as roots.WARN_DAYS, which cannot be imported without the extra `store`.
_WARN_DAYS = 30
_ROOT_NAME = "{}.root.json"


def init(options: argparse.Namespace, project: Project) -> int:
    """Creates a root key and an online key outside the checkout, and the first root in `keys/`. Raises CommandFailed and WrongUse."""
    from site_src.bucket.roots import KEYS, KeyRefused, make_keys

    folder = project.keys
    if folder.exists():
        raise WrongUse(f"{KEYS}/ exists already. To change keys: python build.py keys rotate")
    _refuse_inside(project, options.root_key, options.online_key)
    try:
        made = make_keys(Path(options.root_key), Path(options.online_key), options.days)
    except (KeyRefused, OSError) as error:
        raise CommandFailed(str(error)) from None
    folder.mkdir()
    (folder / _ROOT_NAME.format(1)).write_bytes(made)
    print(f"{KEYS}/1.root.json: created. Commit it, and copy it to every web server.")
    print(
        f"{options.root_key}: the root key. Move it to a medium that is not connected to any machine, and keep a copy elsewhere."
    )
    print(f"{options.online_key}: the online key. Put it on each publisher, readable by its user only.")
    return DONE


def rotate(options: argparse.Namespace, project: Project) -> int:
    """Creates the next root, with new keys if the command names files for them. Raises CommandFailed and WrongUse."""
    from site_src.bucket.roots import KEYS, KeyRefused, roots
    from site_src.bucket.roots import rotate as make_next

    _refuse_inside(project, options.new_root_key, options.new_online_key)
    try:
        version, newest = roots(project.keys)[-1]
        names = [Path(name) if name else None for name in (options.new_root_key, options.new_online_key)]
        made = make_next(newest, Path(options.root_key), names[0], names[1], options.days)
    except (KeyRefused, OSError) as error:
        raise CommandFailed(str(error)) from None
    (project.keys / _ROOT_NAME.format(version + 1)).write_bytes(made)
    print(f"{KEYS}/{version + 1}.root.json: created. Commit it, update every publisher, and publish.")
    return DONE


def find_expiry(project: Project) -> Iterator[Problem]:
    """Yields a warning if the newest root in `keys/` expires within 30 days, or an error if it has expired or cannot be read.

    Yields nothing if `keys/` has no root. Needs no library of the extra `store`, so `check` reports the expiry on every machine.
    """
    roots = [file for file in project.keys.glob("*.root.json") if file.name.partition(".")[0].isdecimal()]
    if not roots:
        return
    newest = max(roots, key=lambda file: int(file.name.partition(".")[0]))
    path = newest.relative_to(project.root).as_posix()
    try:
        expires = datetime.fromisoformat(json.loads(newest.read_bytes())["signed"]["expires"])
        left = expires - datetime.now(UTC)
    except (OSError, ValueError, KeyError, TypeError):
        yield Problem(path, 1, "cannot be read as a root of keys. Restore it with git.", "expired")
        return
    if left < timedelta(days=_WARN_DAYS):
        is_past = left < timedelta()
        when = "has expired" if is_past else f"expires in {left.days} days"
        message = f"{when}. Web servers refuse releases after that. Type: python build.py keys rotate"
        yield Problem(path, 1, message, "expired", "error" if is_past else "warning")


def check(options: argparse.Namespace, project: Project) -> int:  # noqa: ARG001 - a command takes its options
    """Prints when the root expires, and whether this host has the online key. Returns 1 if a person must act. Raises CommandFailed."""
    from site_src.bucket.opening import find_key_file
    from site_src.bucket.roots import KEYS, WARN_DAYS, KeyRefused, root_expires, roots
    from site_src.bucket.signing import load_online_key

    try:
        version, newest = roots(project.keys)[-1]
        expires = root_expires(newest)
    except KeyRefused as error:
        raise CommandFailed(str(error)) from None
    code, left = DONE, expires - datetime.now(UTC)
    print(f"{KEYS}/{version}.root.json: expires on {expires:%Y-%m-%d}, in {left.days} days.")
    if left < timedelta(days=WARN_DAYS):
        print("Web servers refuse releases after that. Type: python build.py keys rotate")
        code = PROBLEMS
    settings, _ = project.read_store_settings()
    try:
        load_online_key(find_key_file(settings), newest)
        print("The online key of this host matches the root.")
    except KeyRefused as error:
        print(error)
        code = PROBLEMS
    return code


def _refuse_inside(project: Project, *files: str | None) -> None:
    for file in files:
        if file and Path(file).resolve().is_relative_to(project.root):
            raise WrongUse(
                f"{file} is in the checkout. Private keys must not be there. Name a file outside it."
            )
