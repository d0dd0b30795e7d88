"""The folder that a command publishes to, checked before anything is done."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from pathlib import Path

from site_src.outcomes import WrongUse
from site_src.releases import refuse_foreign
from site_src.schema import base_url
from site_src.staging import OutputRefused


def checked_target(options: argparse.Namespace, root: Path) -> Path:
    """The folder to publish to, and the options checked; raises WrongUse before anything is done."""
    given: str = options.target
    if "://" in given:
        raise WrongUse(
            f"{given}: only a folder can be published to. Name one, and let the web server or rsync take it from there."
        )
    if options.keep < 1:
        raise WrongUse("--keep must be a whole number above 0.")
    if options.probe:
        try:
            options.probe = base_url(options.probe.rstrip("/"))
        except ValueError as error:
            raise WrongUse(f"--probe: {error}") from None
    target = Path(os.path.abspath(given))
    real = target.parent.resolve() / target.name
    if any(real.is_relative_to(root / inputs) for inputs in ("content", "site_src", "tests")):
        raise WrongUse(f"{given} lies among the sources. Name another folder.")
    # What the disk refuses is told by the publish itself, which looks again.
    with suppress(OSError):
        try:
            refuse_foreign(target)
        except OutputRefused as error:
            raise WrongUse(str(error)) from None
    return target
