"""The entry to every command: `python build.py --help`. The work is done in `site_src`."""

import sys
from pathlib import Path

from site_src.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], root=Path(__file__).resolve().parent))
