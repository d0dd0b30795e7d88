"""No text delays a build or a closing: a text that would take minutes to convert is reported with its file and line."""

from __future__ import annotations

import re
import signal
import threading
import time

import pytest

from site_src.cache import Memo
from site_src.check.code import replace_code
from site_src.convert.converter import Converter
from site_src.convert.markup import NestedTooDeep, TooMuchWork, Words
from site_src.convert.slow_texts import TimeLimit, longest_paragraph
from tests.support.commands import command
from tests.support.published import Target

PAGE = "content/en/index.md"
SLOW = "[a](b " * 10_000  # For each unclosed link, Python-Markdown reads to the end
DEEP = {"elements": "<div>" * 12_000, "formatting": "<b><p>" * 10_000}
ORDINARY = (
    "The **embassy** looks at [the conditions](japan.md#conditions) and at `forms` *twice* & more. "
    "Then it says what comes next, in words that anyone reads. "
)
LONG_PAGE = (
    f"{ORDINARY * 100}\n\n"
    + f"- {ORDINARY}\n" * 100
    + "\n| a | b |\n|---|---|\n"
    + f"| {ORDINARY} | {ORDINARY} |\n" * 50
    + f"\n## Part\n{ORDINARY}\n" * 50
    + "".join(f"\n{ORDINARY}[^{n}]\n\n[^{n}]: A note.\n" for n in range(50))
)


def test_a_slow_text_and_a_large_one_are_refused_and_a_closing_gets_through(target: Target) -> None:
    """A text that is too slow or too large is reported with its line.

    The closing is still published, with the last good content, and the command exits with 4.
    """
    command(target.project, "quota", "set", "japan", "open", "--yes")
    target.published()
    text = (target.project.root / PAGE).read_text().rstrip()
    target.project.write(PAGE, f"{text}\n\nWhat is good.\n\n{SLOW}\n\nWhat is good.\n")
    target.project.write("content/en/status.md", "x" * (64 * 1024 + 1))
    done = command(
        target.project, "quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder)
    )

    assert done.returncode == 4, done.stderr
    assert not target.shows_link()
    assert f"{PAGE}:{text.count(chr(10)) + 5}: takes too long to convert" in done.stderr
    assert "content/en/status.md:1: is larger than 64 KiB." in done.stderr


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    """Elements that are nested too deeply are refused."""
    with pytest.raises(NestedTooDeep):
        Converter(Memo()).convert(text, Words(), True)


def test_a_long_page_of_ordinary_text_is_converted() -> None:
    """An ordinary page almost as large as the limit for files is converted in less than a second."""
    assert 60_000 < len(LONG_PAGE) < 64 * 1024
    with TimeLimit(text_seconds=1).one_text():
        assert Converter(Memo()).convert(LONG_PAGE, Words("Back {number}"), True).html


def test_a_text_that_was_stopped_leaves_nothing_behind() -> None:
    """After a text was stopped, the next text is converted as usual. The signal handler and the timer are restored."""
    former = signal.getsignal(signal.SIGVTALRM)
    after = "- one\n\n    two *three*\n\nA paragraph."
    before = Converter(Memo()).convert(after, Words(), True)
    with pytest.raises(TooMuchWork), TimeLimit(text_seconds=0.1).one_text():
        Converter(Memo()).convert("- x\n\n" + "    # a\n" * 8_000, Words(), True)

    assert Converter(Memo()).convert(after, Words(), True) == before
    assert signal.getsignal(signal.SIGVTALRM) is former
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_the_texts_of_a_run_have_a_limit_together() -> None:
    """If some texts have used up the time of a run, the other texts of the run are refused without being converted."""
    limit = TimeLimit(text_seconds=0.1, run_seconds=0.15)
    for _ in range(3):
        with pytest.raises(TooMuchWork), limit.one_text():
            work(5)

    with pytest.raises(TooMuchWork, match="the texts before it took too long"), limit.one_text():
        pytest.fail("must not be reached")


def test_ordinary_texts_do_not_use_up_the_time_of_a_run() -> None:
    """The time for ordinary texts does not count towards the limit of a run, because a site may have thousands of pages."""
    limit = TimeLimit(text_seconds=1, run_seconds=0.01)
    for _ in range(10):
        with limit.one_text():
            work(0.004)


def test_another_thread_learns_of_it_afterwards() -> None:
    """In a thread, which gets no signal, a text that took too long is refused after its conversion."""
    found: list[BaseException] = []

    def convert() -> None:
        try:
            with TimeLimit(text_seconds=0.01).one_text():
                work(0.05)
        except TooMuchWork as error:
            found.append(error)

    thread = threading.Thread(target=convert)
    thread.start()
    thread.join()

    assert found


def test_a_regular_expression_is_stopped_too() -> None:
    """The time limit also stops a single call of the regular expression engine that would take hours."""
    began = time.process_time()
    with pytest.raises(TooMuchWork), TimeLimit(text_seconds=0.1).one_text():
        re.match(r"(a|aa)+$", "a" * 60 + "b")

    assert time.process_time() - began < 5


def test_code_is_found_in_one_pass() -> None:
    """A code span ends with as many back-ticks as it begins with.

    Thousands of unmatched back-ticks do not slow down the search.
    """
    assert replace_code("a `b` ``c ` d`` ``` `e", lambda code: f"<{code}>") == "a <`b`> <``c ` d``> ``` `e"
    began = time.process_time()
    replace_code(" ".join("`" * n for n in range(1, 1500)), lambda _: "")

    assert time.process_time() - began < 5  # takes an hour if the search for each run reads to the end


def test_the_longest_paragraph_is_blamed() -> None:
    """If a text takes too long, the problem is reported on the first line of its longest paragraph."""
    assert longest_paragraph("a\n\nbb\nbb\n\nccc\n") == 2
    assert longest_paragraph("\n\n") == 0


def work(seconds: float) -> None:
    """Uses processor time for this many seconds."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
