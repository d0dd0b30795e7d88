"""Parses the address of a site in a bucket, `s3://BUCKET/PREFIX`, and finds the working target (`.bucket/`), the publisher's
copy of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from site_src.exit_codes import WrongUse
from site_src.local_file import BUCKET_ADDRESS

WORKING_FOLDER = ".bucket"


@dataclass(frozen=True, slots=True)
class Address:
    """A bucket, and the prefix of all objects of the site in it, without "/" at its start or end."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def working_target(self, root: Path) -> Path:
        """Returns the folder in which publishers of this project keep their copy of the releases in the bucket."""
        return root / WORKING_FOLDER / f"{self.bucket}--{self.prefix.replace('/', '--')}"


def parse_address(text: str) -> Address:
    """Parses the address. Raises WrongUse for another form."""
    if not BUCKET_ADDRESS.fullmatch(text):
        raise WrongUse(f"{text}: must be of the form s3://BUCKET/PREFIX, such as s3://site/working-holiday.")
    bucket, _, prefix = text.removeprefix("s3://").partition("/")
    return Address(bucket, prefix)
