"""State files in the layouts that operators use, for the test of single-character edits."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tests.support.project import SITES

_SOUTH_KOREA_OPEN = """\
south-korea:
  - state: open
    from: 2026-01-01 00:00
"""

LAYOUTS: Mapping[str, str] = MappingProxyType(
    {
        "closed in spring": (SITES / "small" / "quota_state.yaml").read_text(encoding="utf-8"),
        "both have a history": """\
# The quota operator's file: from which moment each programme is in which state.
japan:
  - state: open
    from: 2026-04-01 00:00
  - state: quota_reached
    from: 2026-04-01 11:42
south-korea:
  - state: open
    from: 2026-01-01 00:00
  - state: quota_reached
    from: 2026-06-18 15:05
  - state: places_available
    from: 2026-10-05 09:00
    places: 12
""",
        "opening scheduled far ahead": """\
japan:
  - state: open
    from: 2026-04-01 00:00
  - state: quota_reached
    from: 2026-04-01 11:42
  - state: open
    from: 2027-04-01 00:00
"""
        + _SOUTH_KOREA_OPEN,
        "opening scheduled next month": """\
japan:
  - state: suspended
    from: 2026-04-01 00:00
  - state: open
    from: 2026-12-01 00:00
"""
        + _SOUTH_KOREA_OPEN,
        "first opening scheduled": """\
japan:
  - state: open
    from: 2027-01-01 00:00
"""
        + _SOUTH_KOREA_OPEN,
        "comments and quotes everywhere": """\
# "Quota", as the desk's list has it
south-korea:            # it's open
  - state: open         # said the "desk"
    from: "2026-01-01 00:00"   # the operators'
    by: 'the desk'
    note: "it's open"
  # - state: suspended
  #   from: 2026-02-01 00:00
japan:
  - state: open
    from: 2026-04-01 00:00 # 8"
    note: hello
  # the desk said so
  - from: '2026-04-01 11:42'
    # the operators'
    state: quota_reached
    by: the desk
  # 8"
""",
        "blocks of text": """\
south-korea:
      - state: open
        from: 2026-01-01 00:00
japan:
- state: open
  from: 2026-04-01 00:00
- state: quota_reached
  from: 2026-04-01 11:42+02:00
- state: suspended
  from: 2026-04-02T09:00:00+02:00
  note: |
    - state: open
      from: 2026-05-01 00:00
  by: >-
    the desk
""",
    }
)
