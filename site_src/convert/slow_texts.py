"""Limits processor time (of each text, and of a run), open brackets and nested tags, so that no page delays a closing.

Python-Markdown needs minutes for some texts, because each character makes it read or copy the rest of the text. The limits
are in processor time, so a busy machine refuses no more texts than an idle one. `read.tree` limits the size of files.
"""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from site_src.convert.markup import NestedTooDeep, TooMuchWork

MAX_TEXT_SECONDS, MAX_RUN_SECONDS = 2.0, 20.0
MAX_OPEN_BRACKETS = 200
# An ordinary text takes less, so a site may have any number of ordinary texts.
_ORDINARY_SECONDS = 0.02
# The interrupted code may catch the exception, so the exception is raised again at this interval.
_AGAIN_SECONDS = 0.5
# Measured: opening an element takes about a microsecond, and each tag may reopen all elements that are open at that
# point.
_MAX_OPENED = 1_250_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_OFTEN_NOT_CLOSED = frozenset("br col dd dt hr img li p td th tr".split())


class TimeLimit:
    """The limits of processor time, in seconds: one for each text, and one for the run.

    The first 0.02 seconds of each text do not count towards the limit of the run.
    """

    def __init__(self, text_seconds: float = MAX_TEXT_SECONDS, run_seconds: float = MAX_RUN_SECONDS) -> None:
        self._text_seconds, self._left = text_seconds, run_seconds

    @contextmanager
    def one_text(self) -> Iterator[None]:
        """Raises TooMuchWork if the block takes too long, or if earlier texts used up the time of the run.

        In the main thread, the exception interrupts the block, even inside a regular expression. In other threads, where
        Python delivers no signals, and on Windows, which has no such timer, the exception is raised after the block.
        """
        if self._left <= 0:
            raise TooMuchWork(
                "was not converted, because the texts before it took too long. Make those texts simpler."
            )
        seconds, began = min(self._text_seconds, self._left), time.thread_time()
        try:
            with _stop_after(seconds):
                yield
        finally:
            took = time.thread_time() - began
            self._left -= max(0.0, took - _ORDINARY_SECONDS)
        if took > seconds:
            raise _too_long()


@contextmanager
def _stop_after(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise _too_long()

    handler = signal.signal(signal.SIGVTALRM, stop)
    timer = signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, *timer)
        signal.signal(signal.SIGVTALRM, handler or signal.SIG_DFL)


def _too_long() -> TooMuchWork:
    return TooMuchWork(
        "takes too long to convert, and a closing must not wait for it. Split this text into several paragraphs or pages, and close its brackets."
    )


def refuse_open_brackets(text: str) -> None:
    """Raises NestedTooDeep for a text with more than 200 brackets that are not closed."""
    if any(
        text.count(opening) - text.count(closing) > MAX_OPEN_BRACKETS for opening, closing in ("[]", "<>")
    ):
        raise NestedTooDeep


def refuse_deep_tags(raw: str) -> None:
    """Raises NestedTooDeep if the cleaner would reopen too many elements of this HTML."""
    depth = deepest = tags = 0
    for closing, name in _TAG.findall(raw):
        if name.lower() not in _OFTEN_NOT_CLOSED:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
        tags += 1
    if tags * deepest > _MAX_OPENED:
        raise NestedTooDeep


def longest_paragraph(text: str) -> int:
    """Returns the line (from 0) on which the longest paragraph begins. This paragraph is the likely cause of a slow text."""
    lines = text.split("\n")
    longest = begins = length = best = 0
    for number, line in enumerate(lines):
        if not line.strip():
            length = 0
            continue
        begins = number if length == 0 else begins
        length += len(line)
        if length > best:
            longest, best = begins, length
    return longest
