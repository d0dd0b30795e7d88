"""Parses the address of a site in a bucket, `s3://BUCKET/PREFIX`, and names this machine's copy of it in `.bucket/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from site_src.exit_codes import WrongUse
from site_src.local_file import BUCKET_ADDRESS


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a site: the bucket, and the prefix of the site's objects, without "/" at either end."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def working_target(self, root: Path) -> Path:
        """Returns the folder for this machine's copy of the bucket, in the project folder `root`."""
        return root / ".bucket" / f"{self.bucket}--{self.prefix.replace('/', '--')}"


def parse_address(text: str) -> Address:
    """Parses `s3://BUCKET/PREFIX`. Raises WrongUse for any other form."""
    if not BUCKET_ADDRESS.fullmatch(text):
        raise WrongUse(f"{text}: must be of the form s3://BUCKET/PREFIX, such as s3://site/working-holiday.")
    bucket, _, prefix = text.removeprefix("s3://").partition("/")
    return Address(bucket, prefix)
