"""Writes the site's redirects for nginx: python3 deploy/redirects.py FROM TO

FROM is the file `_redirects` of a built or published site. TO is the `redirects.conf` that nginx includes. Needs only Python.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

# Old path, new path or address, status. Any other text could have a special meaning for nginx.
_RULE = re.compile(r"(/[\w.~%/-]*) ((?:/|https?://)[!#-\[\]-~]+) (30[1278])", re.ASCII)


def convert(text: str) -> str:
    """Returns an nginx location for each redirect in `text`. Raises ValueError, with the line number, for any other line."""
    blocks = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        rule = _RULE.fullmatch(line)
        if not rule:
            raise ValueError(
                f'{number}: "{line}" is not a redirect such as "/en/old/ /en/new/ 301". Publish the site again.'
            )
        source, target, status = rule.groups()
        # A dollar sign would begin a variable.
        target = target.replace("$", "%24")
        places = [source, f"{source}index.html"] if source.endswith("/") else [source]
        blocks += [f'location = {place} {{ return {status} "{target}"; }}\n' for place in places]
    return "# Made by deploy/redirects.py from the site's _redirects. Do not edit.\n" + "".join(blocks)


def main(arguments: list[str]) -> int:
    """Replaces the file TO in one step. Returns 0, 1 after an error (TO is then unchanged), or 2 after wrong usage."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    source, to = map(Path, arguments)
    try:
        text = convert(source.read_text(encoding="utf-8"))
        new = to.with_name(f"{to.name}.new")
        new.write_text(text, encoding="utf-8")
        os.replace(new, to)
    except ValueError as error:
        print(f"{source}:{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return 1
    print(to)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
