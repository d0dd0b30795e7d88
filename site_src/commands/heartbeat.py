"""The file by which a monitor knows that the resident publisher lives; `quota due --published` reads it."""

from __future__ import annotations

HEARTBEAT = "heartbeat.json"
