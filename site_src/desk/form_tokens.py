"""Protects forms against forged requests: makes and checks the token in each form and its cookie (`FormTokens`)."""

from __future__ import annotations

import hashlib
import hmac
import secrets


class FormTokens:
    """Makes a token for the forms of each login, and a cookie that must accompany the token. A restart makes both invalid."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def cookie(self, user: str) -> str:
        """Returns the value of the login's cookie."""
        return self._sign(f"cookie {user}")

    def token(self, user: str) -> str:
        """Returns the value of the hidden field in the login's forms."""
        return self._sign(f"form {user}")

    def accept(self, user: str, cookie: str, token: str) -> bool:
        """Returns True if both `cookie` and `token` belong to this login."""
        pairs = ((cookie, self.cookie(user)), (token, self.token(user)))
        return all(hmac.compare_digest(given.encode(), right.encode()) for given, right in pairs)

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
