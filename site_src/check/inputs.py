"""The results of reading: a `Reading`, which may be incomplete, and `Inputs`, which have no errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from site_src.convert.manuscript import Manuscript
from site_src.problems import InputRefused, Problem, has_errors
from site_src.quota.log import Log


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was read, without errors. `warnings` contains all warnings about it.

    `content_judged` is True if the dates of the content were already checked: for the content of a release, or after the
    first of several builds. A date that has expired since that check must not delay a change of state.

    `retired` maps programmes to addresses that opened a request in other versions of the content. No page may contain
    such an address in any state.
    """

    manuscript: Manuscript
    logs: Mapping[str, Log]
    warnings: tuple[Problem, ...]
    content_judged: bool = False
    retired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was read, even if it is incomplete, and all problems found: errors and warnings."""

    manuscript: Manuscript | None
    logs: Mapping[str, Log] | None
    problems: tuple[Problem, ...]

    def inputs(self) -> Inputs:
        """Returns the inputs. If they have errors, raises InputRefused with every problem."""
        if has_errors(self.problems) or self.manuscript is None or self.logs is None:
            raise InputRefused(self.problems)
        return Inputs(self.manuscript, MappingProxyType(dict(self.logs)), self.problems)
