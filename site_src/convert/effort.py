"""A bound for the work that one text may make: a change of state must not wait for a page.

Some texts take Python-Markdown and nh3 minutes, because each sign makes them read or copy all that follows. The work is
counted in signs that are looked at, and not in seconds, so that a text gets the same answer on every machine. The clock is a
net below that, for what nobody has thought of.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.inlinepatterns import LinkInlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import STX, AtomicString

from site_src.convert.markup import TooMuchWork

# About a second. A long page of ordinary prose makes a fiftieth of it.
MAX_SIGNS_READ = 5_000_000
# The time of this process alone, so that a busy machine refuses nothing.
MAX_SECONDS = 10

_MARKS = "[\\`*_<&!\n"
# Measured: how much else is done while Python looks at one sign, and how much longer it takes to open an element.
_COPIED, _SEARCHED, _NOTES, _OPENED_ANEW = 800, 16, 20, 4
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_OFTEN_NOT_CLOSED = frozenset("br col dd dt hr img li p td th tr".split())


class Effort:
    """The work that one text has made so far; raises TooMuchWork when it is too much."""

    def __init__(self) -> None:
        self._text, self._read = "", 0

    def begin(self, text: str) -> None:
        """A new text: nothing has been done for it, but each of its footnotes will be looked for among all."""
        self._text, self._read = text, 0
        self.spend(text.count("[^") ** 2 // _NOTES)

    def spend(self, signs: int, at: str = "") -> None:
        """Notes that so many signs were looked at, because of the passage `at`."""
        self._read += signs
        if self._read > MAX_SIGNS_READ:
            begins = at.partition(STX)[0][:40]  # behind this sign stands what was replaced already
            raise TooMuchWork(self._text.count("\n", 0, max(self._text.find(begins), 0)))

    def watch(self, converter: Markdown) -> None:
        """Has the converter's work counted from now on."""
        converter.parser.blockprocessors.register(_Blocks(converter.parser, self), "effort", 1000)
        converter.treeprocessors.register(_Passages(self), "effort", 25)
        for pattern in converter.inlinePatterns:
            if isinstance(pattern, LinkInlineProcessor):
                _count_links(pattern, self)

    def spend_on_tags(self, raw: str) -> None:
        """Notes what HTML costs to clean: an element may be opened anew for each that stands in it."""
        depth = deepest = tags = 0
        for closing, name in _TAG.findall(raw):
            if name.lower() not in _OFTEN_NOT_CLOSED:
                depth += -1 if closing else 1
                deepest = max(deepest, depth)
            tags += 1
        self.spend(_OPENED_ANEW * tags * deepest)


class _Blocks(BlockProcessor):
    """Counts what is searched: each rule for blocks looks at all that is left of one, line for line."""

    def __init__(self, parser: object, effort: Effort) -> None:
        super().__init__(parser)  # type: ignore[arg-type]
        self._effort = effort

    def test(self, parent: ElementTree.Element, block: str) -> bool:  # noqa: ARG002
        self._effort.spend(len(block) // _SEARCHED, block)
        return False


class _Passages(Treeprocessor):
    """Counts what is copied: each mark in a passage makes Python-Markdown write the whole passage anew."""

    def __init__(self, effort: Effort) -> None:
        super().__init__()
        self._effort = effort

    def run(self, root: ElementTree.Element) -> None:
        for element in root.iter():
            for passage in (element.text, element.tail):
                if passage and not isinstance(passage, AtomicString):
                    marks = sum(map(passage.count, _MARKS))
                    self._effort.spend(marks * len(passage) // _COPIED, passage)


def _count_links(pattern: LinkInlineProcessor, effort: Effort) -> None:
    """Counts what is read in vain: a bracket that is not closed is looked for to the passage's end."""
    get_text, get_link = pattern.getText, pattern.getLink

    def counted_text(data: str, index: int) -> tuple[str, int, bool]:
        found = get_text(data, index)
        effort.spend(found[1] - index, data)
        return found

    def counted_link(data: str, index: int) -> tuple[str, str | None, int, bool]:
        found = get_link(data, index)
        effort.spend(found[2] - index, data)
        return found

    pattern.getText, pattern.getLink = counted_text, counted_link  # type: ignore[method-assign]


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Raises TooMuchWork in the block after so much time of the processor; in the main thread alone, elsewhere nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise TooMuchWork(0)

    handler = signal.signal(signal.SIGVTALRM, stop)
    timer = signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, *timer)
        signal.signal(signal.SIGVTALRM, handler or signal.SIG_DFL)
