"""Explains a failed request to a store, and decides whether repeating the request can help."""

from __future__ import annotations

import re

from obstore.exceptions import (
    InvalidPathError,
    NotSupportedError,
    PermissionDeniedError,
    UnauthenticatedError,
)

from site_src.publish.switch import SwitchFailed

_LASTING = (InvalidPathError, NotSupportedError, PermissionDeniedError, UnauthenticatedError)
# The address at which a machine in a cloud requests the keys of its role.
_ROLE = "http://169.254.169.254"
# The library says how long a request took. Without that, the same failure has the same message, and so one alarm.
_TOOK = re.compile(r" in \d[\d.]*[^\s\d]*s\b")
_CERTIFICATE = re.compile(r"InvalidCertificate\(\s*(\w+)")


class StoreFailed(SwitchFailed):
    """Raised if the store refuses a request, or does not answer before the deadline."""


class AccessRefused(StoreFailed):
    """Raised if the store refuses the access keys for this object."""


def is_lasting(error: Exception) -> bool:
    """Returns True for an error of obstore that is permanent: repeating the request cannot help."""
    return isinstance(error, _LASTING) or _ROLE in str(error) or bool(_CERTIFICATE.search(str(error)))


def explain_failure(address: str, error: Exception) -> StoreFailed:
    """Converts an error of obstore to a StoreFailed that names the bucket and what to do. Returns a StoreFailed unchanged."""
    if isinstance(error, StoreFailed):
        return error
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        reason = "the store refuses these access keys (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role of this host)"
        return AccessRefused(address, reason)
    if _ROLE in str(error):
        reason = "there is no access key in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), and this host has no role"
        return AccessRefused(address, reason)
    if found := _CERTIFICATE.search(str(error)):
        reason = (
            f"the store's certificate is not accepted ({found[1]}). Name the certificate of its authority in local.yaml "
            '("ca: /etc/ssl/certs/agency.pem" below "store:"); the certificate must contain the host name of the endpoint'
        )
        return StoreFailed(address, reason)
    # After the first paragraph, the library prints its internal structures.
    text = _TOOK.sub("", " ".join(str(error).partition("\n\n")[0].split())) or type(error).__name__
    return StoreFailed(address, f"the store does not answer ({text[:160]})")
