"""Checks that a person has looked at the logo, because a program cannot read everything in a picture."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.settings import SETTINGS_FILE

_DIGITS = 12


def logo_checked(manuscript: Manuscript) -> Iterator[Problem]:
    """A person has checked the present logo: the gate reads its text, but not QR codes or drawn letters."""
    content = manuscript.content
    if content.logo is None:
        return
    digits = hashlib.sha256(content.logo.encode()).hexdigest()[:_DIGITS]
    if content.settings.logo_checked == digits:
        return
    changed = "changed since somebody looked at it" if content.settings.logo_checked else "is new"
    message = (
        f"logo: content/{content.settings.logo} {changed}. Open it in a browser: it shows the organisation's logo alone, "
        "with no QR code, address or state of the quota, also where the camera of a telephone looks at it. "
        f'Then write "logo_checked: {digits}".'
    )
    at = "logo_checked" if content.settings.logo_checked else "logo"
    line = content.documents[SETTINGS_FILE].line_of((at,))
    yield Problem(SETTINGS_FILE, line, message, "logo-checked", "warning")
