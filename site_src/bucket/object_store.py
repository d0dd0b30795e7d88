"""Reads, creates, replaces, lists and deletes objects in an S3-compatible store, with obstore.

Keys are relative to the address's prefix. A failed request is repeated until a deadline. A conditional write is sent once: its
outcome may be unknown, so the caller reads the object back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from hashlib import md5
from typing import TYPE_CHECKING, TypeVar

from obstore.exceptions import AlreadyExistsError, BaseError, NotModifiedError, PreconditionError
from obstore.store import S3Store

from site_src.bucket.address import Address
from site_src.bucket.store_failure import StoreFailed, explain_failure, is_lasting
from site_src.exit_codes import WrongUse
from site_src.read.local import StoreSettings

if TYPE_CHECKING:
    from obstore import GetOptions, PutMode
    from obstore.store import ClientConfig, S3Config

REQUEST_SECONDS, CONNECT_SECONDS = 5.0, 2.0
_PAUSE_SECONDS, _LONGEST_PAUSE = 0.05, 2.0
_T = TypeVar("_T")


class Outcome(Enum):
    """The result of a conditional write."""

    DONE = auto()
    REFUSED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's bytes, and its ETag as the store sent it."""

    data: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An object's key below the prefix, and when it was last written."""

    key: str
    modified: datetime


class ObjectStore:
    """The objects of one site. A failed request is repeated for up to `patience` seconds.

    If `bare` is True, ETags are sent without their quotes. If `conditional` is False, the store ignores conditions. This class
    then checks the condition itself before the write, which is enough for a single publisher. Every method raises StoreFailed.
    """

    def __init__(self, address: Address, settings: StoreSettings, patience: float = 10.0) -> None:
        self.address, self.patience, self.bare = address, patience, False
        self.conditional = True
        self._store = _connect(address, settings, min(REQUEST_SECONDS, patience))

    def get(self, key: str) -> StoredObject | None:
        """Returns the object, or None if it does not exist."""

        def read() -> StoredObject | None:
            try:
                return self._get(key, {})
            except FileNotFoundError:
                return None

        return self._repeat(read)

    def get_changed(self, key: str, etag: str) -> StoredObject | None:
        """Returns the object if its ETag differs from `etag`, else None. Sends one request. Refuses a missing object."""
        try:
            return self._get(key, {"if_none_match": etag} if etag else {})
        except NotModifiedError:
            return None
        except FileNotFoundError:
            raise StoreFailed(f"{self.address}/{key}", "does not exist; publish the site first") from None
        except BaseError as error:
            raise self._failed(error) from None

    def create(self, key: str, data: bytes) -> Outcome:
        """Creates the object, or returns REFUSED if it exists. Sends one request."""
        if not self.conditional:
            return self._write_if(self.get(key) is None, key, data)
        return self._write(key, data, "create")

    def create_surely(self, key: str, data: bytes) -> bool:
        """Creates the object. Returns False if an object with different bytes exists.

        If the outcome is unknown, reads the object back.
        """

        def write() -> bool:
            if self.create(key, data) is Outcome.DONE:
                return True
            there = self.get(key)
            if there is None:
                raise TimeoutError("no answer")
            return there.data == data

        return self._repeat(write)

    def swap(self, key: str, data: bytes, etag: str) -> Outcome:
        """Replaces the object, or returns REFUSED if its ETag is no longer `etag`. Sends one request."""
        if not self.conditional:
            there = self.get(key)
            return self._write_if(there is not None and there.etag == etag, key, data)
        try:
            return self._write(key, data, {"e_tag": etag.strip('"') if self.bare else etag})
        except FileNotFoundError:
            return Outcome.REFUSED

    def put(self, key: str, data: bytes) -> None:
        """Writes the object, and verifies the stored bytes."""

        def write() -> None:
            etag = str(self._store.put(key, data, use_multipart=False)["e_tag"] or "").strip('"')
            # Most stores return the MD5 of the stored bytes as the ETag. It detects damage, but not attacks.
            if etag != md5(data, usedforsecurity=False).hexdigest():
                there = self.get(key)
                if there is None or there.data != data:
                    raise StoreFailed(
                        f"{self.address}/{key}", "was written, but the store returns different bytes"
                    )

        self._repeat(write)

    def list(self, folder: str) -> Sequence[Listed]:
        """Returns the objects whose keys begin with `folder/`, sorted by key."""
        pages = self._repeat(lambda: [*self._store.list(folder)])
        found = [Listed(meta["path"], meta["last_modified"]) for page in pages for meta in page]
        return sorted(found, key=lambda each: each.key)

    def delete(self, key: str) -> None:
        """Deletes the object if it exists. Sends one request."""
        try:
            self._store.delete(key)
        except BaseError as error:
            raise self._failed(error) from None

    def _get(self, key: str, options: GetOptions) -> StoredObject:
        answer = self._store.get(key, options=options)
        return StoredObject(bytes(answer.bytes()), str(answer.meta["e_tag"] or ""))

    def _write(self, key: str, data: bytes, mode: PutMode) -> Outcome:
        try:
            self._store.put(key, data, mode=mode, use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            return Outcome.REFUSED
        except BaseError as error:
            return self._judge(error)
        return Outcome.DONE

    def _write_if(self, condition: bool, key: str, data: bytes) -> Outcome:
        if not condition:
            return Outcome.REFUSED
        self.put(key, data)
        return Outcome.DONE

    def _repeat(self, work: Callable[[], _T]) -> _T:
        end, pause = time.monotonic() + self.patience, _PAUSE_SECONDS
        while True:
            try:
                return work()
            except StoreFailed:
                raise
            except (BaseError, TimeoutError) as error:
                self._judge(error)
                if time.monotonic() + pause >= end:
                    raise self._failed(error) from None
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _judge(self, error: Exception) -> Outcome:
        """Returns UNKNOWN for an error that may be temporary. Raises StoreFailed for a permanent error."""
        if is_lasting(error):
            raise self._failed(error) from None
        return Outcome.UNKNOWN

    def _failed(self, error: Exception) -> StoreFailed:
        return explain_failure(str(self.address), error)


def _connect(address: Address, settings: StoreSettings, seconds: float) -> S3Store:
    """Returns the store that the settings name. A request takes at most `seconds`, and is sent once. Raises WrongUse."""
    config: S3Config = {
        "virtual_hosted_style_request": not settings.path_style,
        "disable_bulk_delete": True,
    }
    if settings.endpoint:
        config["endpoint"] = settings.endpoint
    if settings.region:
        config["region"] = settings.region
    client: ClientConfig = {
        "allow_http": (settings.endpoint or "").startswith("http://"),
        "timeout": timedelta(seconds=seconds),
        "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
    }
    if settings.ca:
        client["root_certificate"] = _read_certificate(settings.ca)
    return S3Store(
        address.bucket,
        prefix=address.prefix,
        config=config,
        client_options=client,
        retry_config={"max_retries": 0},
    )


def _read_certificate(file: str) -> str:
    try:
        with open(file, encoding="ascii") as certificate:
            return certificate.read()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file}: the certificate (ca in local.yaml) cannot be read: {error}.") from None
