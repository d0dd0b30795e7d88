"""Finds `target` in local.yaml without a YAML library, and defines the range of a lease and the forms of an address and a target.

A closing needs the target before anything slow is loaded. `read.local` reads the whole file, and refuses any other form
of this line.
"""

from __future__ import annotations

import re

LOCAL_FILE = "local.yaml"
LEAST_LEASE, LONGEST_LEASE = 3, 600
# Any port is allowed, because the address may belong to a web server on this machine, or to one that is not public.
ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*", re.ASCII)
PATH = re.compile("/[A-Za-z0-9._/-]+", re.ASCII)
BUCKET_ADDRESS = re.compile(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+", re.ASCII
)
_TARGET_LINE = re.compile(
    rf"^target: ({PATH.pattern}|{BUCKET_ADDRESS.pattern})[ \t]*(?:#.*)?\r?$", re.MULTILINE | re.ASCII
)


def is_bucket(target: str) -> bool:
    """Returns True if the target is the address of a bucket, even a malformed one."""
    return target.startswith("s3://")


def find_target(text: str) -> str | None:
    """Returns the target in the text of local.yaml, or None if the line is missing, occurs twice, or has a different form."""
    found = _TARGET_LINE.findall(text)
    return str(found[0]) if len(found) == 1 else None
