"""Finds the line `target` of local.yaml without a YAML library; also what an address and a lease in the file may be.

A closing needs the target before anything slow is loaded; `read.local` reads the whole file, and accepts no other form of the line.
"""

from __future__ import annotations

import re

LOCAL_FILE = "local.yaml"
LEAST_LEASE, LONGEST_LEASE = 3, 600
# Any port, because the address may be that of a web server on this machine or behind the public one.
ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*", re.ASCII)
PATH = re.compile("/[A-Za-z0-9._/-]+", re.ASCII)
BUCKET_ADDRESS = re.compile(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+", re.ASCII
)
_TARGET_LINE = re.compile(
    rf"^target: ({PATH.pattern}|{BUCKET_ADDRESS.pattern})[ \t]*(?:#.*)?\r?$", re.MULTILINE | re.ASCII
)


def is_bucket(target: str) -> bool:
    """True for the address of a bucket, also a wrong one."""
    return target.startswith("s3://")


def find_target(text: str) -> str | None:
    """The target that the text of local.yaml names; None where it does not, or not in this form, or twice."""
    found = _TARGET_LINE.findall(text)
    return str(found[0]) if len(found) == 1 else None
