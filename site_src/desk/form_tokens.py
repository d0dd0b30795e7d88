"""The token of each login's forms, and the cookie that must come with it (`FormTokens`): valid until the desk restarts."""

from __future__ import annotations

import hashlib
import hmac
import secrets


class FormTokens:
    """Makes the token of a login's forms, and the cookie that must come with the token. Both are void after a restart."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def cookie(self, user: str) -> str:
        """Returns the cookie's value."""
        return self._sign(f"cookie {user}")

    def token(self, user: str) -> str:
        """Returns the value of the forms' hidden field."""
        return self._sign(f"form {user}")

    def accept(self, user: str, cookie: str, token: str) -> bool:
        """Returns True if both belong to this login."""
        pairs = ((cookie, self.cookie(user)), (token, self.token(user)))
        return all(hmac.compare_digest(given.encode(), right.encode()) for given, right in pairs)

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
