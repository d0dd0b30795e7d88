"""The folder that a command publishes to, checked before anything is done."""

from __future__ import annotations

import argparse
import os
import re
from contextlib import suppress
from pathlib import Path

from site_src.exit_codes import WrongUse
from site_src.publish.releases import refuse_foreign
from site_src.publish.store import OutputRefused

# Any port: the probe may use a web server on this machine, or one behind the public one.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*", re.ASCII)


def checked_target(options: argparse.Namespace, root: Path) -> Path:
    """The absolute path of the folder to publish to, after the options were checked; raises WrongUse before anything is done."""
    given: str = options.target
    if options.keep < 1:
        raise WrongUse("--keep must be a whole number above 0.")
    if options.probe:
        options.probe = options.probe.rstrip("/")
        if not _ADDRESS.fullmatch(options.probe):
            raise WrongUse(
                f'--probe: "{options.probe}" is not an address such as https://host or http://127.0.0.1:8080.'
            )
    target = Path(os.path.abspath(given))
    real = target.parent.resolve() / target.name
    if any(real.is_relative_to(root / inputs) for inputs in ("content", "site_src", "tests")):
        raise WrongUse(f"{given} lies among the sources. Name another folder.")
    # The publish checks this again, and reports errors of the disk.
    with suppress(OSError):
        try:
            refuse_foreign(target)
        except OutputRefused as error:
            raise WrongUse(str(error)) from None
    return target
