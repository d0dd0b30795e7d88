"""Who publishes, for the journal."""

from __future__ import annotations

import argparse
import getpass
import os

from site_src.exit_codes import WrongUse
from site_src.read.text import is_plain_line


def who(options: argparse.Namespace) -> str:
    """Who publishes, for the journal: from --by, else from local.yaml, else the user of this process. Raises WrongUse."""
    if options.by:
        if not is_plain_line(options.by):
            raise WrongUse("--by must be one line of plain text.")
        return str(options.by)
    if named := getattr(options, "who", None):  # by local.yaml
        return str(named)
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in many containers
        name = ""
    return name if name and is_plain_line(name) else f"user {os.getuid()}"
