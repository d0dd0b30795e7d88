"""`quota close`: writes and publishes a closing in one command. The link is hidden before this module is loaded."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from site_src.commands.bucket_target import name_target
from site_src.commands.quota_set import set_state
from site_src.exit_codes import CONTENT_PENDING, DONE, WrongUse
from site_src.local_file import LOCAL_FILE
from site_src.read.local import Local, read_local
from site_src.states import State

# The options of `quota set` that `quota close` lacks, and their values.
_SET = {
    "state": str(State.QUOTA_REACHED),
    "moment": None,
    "places": None,
    "expect": None,
    "dry_run": False,
    "yes": True,
}


def run(options: argparse.Namespace, root: Path) -> int:
    """Writes that the quota is reached, publishes it, and reads the public address back; returns the exit codes of `publish`."""
    local, problems = read_local(root)
    if not options.publish:
        for problem in problems:
            print(problem, file=sys.stderr)
        raise WrongUse(
            f"where is the site published to? Write it to {LOCAL_FILE} beside quota_state.yaml, such as "
            '"target: /srv/www/working-holiday", or name it: --publish DIR'
        )
    _fill_in(options, local)
    for name, value in _SET.items():
        setattr(options, name, value)
    code = set_state(options, root)
    if not problems:
        return code
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{LOCAL_FILE}: of this file, only the target was used.", file=sys.stderr)
    return CONTENT_PENDING if code == DONE else code


def _fill_in(options: argparse.Namespace, local: Local | None) -> None:
    """Fills in missing options from local.yaml, if it is about this target."""
    if local and name_target(options, options.publish) == local.target:
        options.probe = options.probe or local.probe
        options.who = local.who
