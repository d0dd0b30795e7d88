"""`build`: repeats the output of the last build if nothing has changed, without importing what a build needs. Otherwise builds."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.exit_codes import DONE
from site_src.publish.dist import builds_folder, is_readable
from site_src.publish.receipt import RECEIPT_FILE, digest_build, find_lines
from site_src.read.project import Project


def run(options: argparse.Namespace, project: Project) -> int:
    """If the output is still up to date, prints what the last build printed and returns 0. Otherwise returns the result of `build.run`."""
    plain = options.at is None and not options.state and options.format == "text"
    # `build.run` resolves and checks the path. It makes no receipt for a path that it refuses.
    out = project.dist if options.out == "dist" else Path(os.path.abspath(options.out))
    instant = datetime.now(UTC).replace(microsecond=0)
    receipt = builds_folder(out) / RECEIPT_FILE
    if plain and receipt.is_file() and is_readable(out):
        build = digest_build(project.load_tree(), options.base_url)
        if lines := find_lines(receipt, build, out, instant):
            first, zone, *rest = lines
            moment = f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} ({zone})"
            print(f"{options.out}: {first}, as before, for {moment}", *rest, sep="\n")
            return DONE
    from site_src.commands import build as whole

    return whole.run(options, project)
