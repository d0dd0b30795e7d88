"""What `quota due` finds: a sentence, how urgent it is, and the rule that found it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is due. `programme` is empty if it concerns the host.

    `critical`: visitors see, or may see, something that is not true, or no link although there are places. `warning`: that will
    happen if nobody does anything. `info`: what could not be found out, and texts that will change by themselves.
    """

    severity: Severity
    rule: str
    message: str
    programme: str = ""

    def __str__(self) -> str:
        return f"{self.programme}: {self.message}" if self.programme else self.message
