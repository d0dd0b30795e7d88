"""The entry to every command: `python build.py --help`. The work is done in `site_src`."""

import gc
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if sys.flags.safe_path:  # PYTHONSAFEPATH keeps a script's own folder out of the search for modules
    sys.path.insert(0, str(ROOT))

from site_src.cli import main  # noqa: E402

if __name__ == "__main__":
    # Nothing here uses the machine's own time zone, but Babel looks at it, and fails if it is none.
    os.environ["TZ"] = "UTC"
    # pydantic would look through every installed package for plugins.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    # A command is over before a collection of cycles would free anything worth its time, also the last one at the end.
    gc.disable()
    try:
        code = main(sys.argv[1:], root=ROOT)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("site_src"):
            raise
        if error.name == "fcntl":
            sys.exit(
                "build.py: this command needs the locks of Linux or macOS. On Windows, use WSL; check, serve and move work here."
            )
        sys.exit(
            f"build.py: the library {error.name} is not here. Type: make site; then: .venv/bin/python build.py …"
        )
    gc.freeze()
    sys.exit(code)
