"""Makes files that contain a planted address in every disguise. They prove in each run that the scan finds addresses."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterable, Iterator

CANARY = "canary"
CANARY_ADDRESS = "https://canary.invalid/planted/by-the-gate"
# Browsers do not decode a split percent code, so each code stays whole.
_CHARACTER = re.compile(r"(?:%[0-9A-Fa-f]{2})+|.")


def plant(addresses: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yields the path and the bytes of a file for each address in each disguise. The paths have unusual extensions."""
    for number, address in enumerate(addresses):
        plain = address.encode()
        percent = "".join(f"%{byte:02x}" for byte in plain)
        disguises = {
            "plain": b'<p title="' + plain + b'">',
            "percent": percent.encode(),
            "entities": "".join(f"&#{byte};" for byte in plain).encode(),
            "json": '"{}"'.format(address.replace("/", "\\/")).encode(),
            "base64": b"data:text/html;base64," + base64.b64encode(b"<!-- " + plain),
            "utf-16": percent.encode("utf-16"),
            "gzip": gzip.compress(plain, mtime=0),
            "split": "<b></b>".join(_CHARACTER.findall(address)).replace("a", "\uff41").encode(),
        }
        for name, data in disguises.items():
            yield f"{CANARY}/{number}.{name}", data
