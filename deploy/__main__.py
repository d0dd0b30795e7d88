"""Writes the nginx files: `http.conf` and `server.conf` from the table of headers, `redirects.conf` from the content.

python -m deploy [FOLDER]
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from site_src.builder import Builder
from site_src.cache import Memo
from site_src.problems import InputRefused
from site_src.read.tree import load_tree
from site_src.render.nginx import http_file, redirects_file, server_file
from site_src.site.assemble import Assembler
from site_src.site.model import Look

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Writes the three files and says so; with problems in the inputs it writes none, and exits 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "deploy" / "nginx")
    folder: Path = parser.parse_args(arguments).folder
    try:
        inputs = Builder().read(load_tree(root)).inputs()
        # Redirects follow from the content alone: any instant will do.
        site = Assembler(Memo()).assemble(inputs.manuscript, inputs.logs, datetime.now(UTC), Look())
        files = {
            "http.conf": http_file(),
            "server.conf": server_file(),
            "redirects.conf": redirects_file(site),
        }
    except InputRefused as error:
        print(error, file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
