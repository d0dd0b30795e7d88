"""What was read, as values without behaviour: a `Reading`, complete or not; `Inputs`, once nothing is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from site_src.convert.manuscript import Manuscript
from site_src.problems import InputRefused, Problem, has_errors
from site_src.quota.log import Log


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was read and has no error in it; `warnings` are all that there is to say about it.

    `content_judged` is True for content whose own dates were judged before: that of a release, or of the first of several
    builds. What has expired since then must not hold up a change of state. `retired` are addresses, by programme, that opened a
    request in other contents: no page may have one, whatever the state.
    """

    manuscript: Manuscript
    logs: Mapping[str, Log]
    warnings: tuple[Problem, ...]
    content_judged: bool = False
    retired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, complete or not, with every problem found on the way, errors and warnings."""

    manuscript: Manuscript | None
    logs: Mapping[str, Log] | None
    problems: tuple[Problem, ...]

    def inputs(self) -> Inputs:
        """The inputs, if nothing is wrong with them; else raises InputRefused with every problem."""
        if has_errors(self.problems) or self.manuscript is None or self.logs is None:
            raise InputRefused(self.problems)
        return Inputs(self.manuscript, MappingProxyType(dict(self.logs)), self.problems)
