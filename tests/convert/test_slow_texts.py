"""No text holds up a build or a closing: what would take minutes to convert is a problem with its file and line."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from site_src.cache import Memo
from site_src.convert.converter import Converter
from site_src.convert.effort import no_longer_than
from site_src.convert.markup import NestedTooDeep, TooMuchWork
from tests.support.commands import command
from tests.support.project import NOON, Project
from tests.support.published import Target

PAGE = "content/en/index.md"
SIZE = 400_000
# Far more than any of them takes, and far less than the minutes that most of them took.
PATIENCE = 60
SHAPES = {
    "link": "[a](b ",
    "picture": "![a](",
    "picture with a blank": "![a](b ",
    "backslash": "\\",
    "tag": "<a ",
    "emphasis": "*_*_",
    "code": "`a` ",
    "entity": "&amp;",
    "links in one paragraph": "[a](b.md) ",
    "heading": "# a\n",
    "underlined heading": "a\n---\n",
    "definition": "a\n: b\n",
    "quotes": "> ",
    "elements": "<div>",
    "footnote": "a[^{n}]\n\n[^{n}]: b\n\n",
    "formatting": "<b id={n}><p>",
}
ORDINARY = (
    "The **embassy** looks at [the conditions](japan.md#conditions) and at `forms` *twice* & more. "
    "Then it says what comes next, in words that anyone reads. "
)
LONG_PAGES = {
    "paragraphs": (ORDINARY * 6 + "\n\n") * 220,
    "one paragraph": ORDINARY * 1300,
    "one list": f"- {ORDINARY}\n" * 1300,
    "a table": "| a | b |\n|---|---|\n" + f"| {ORDINARY} | {ORDINARY} |\n" * 650,
    "headings without empty lines": f"## Part\n{ORDINARY}{ORDINARY}\n{ORDINARY}\n" * 500,
    "footnotes": "".join(f"{ORDINARY}[^{n}]\n\n[^{n}]: A note.\n\n" for n in range(1000)),
    "reference definitions": "".join(f"See [this][r{n}].\n\n[r{n}]: japan.md\n\n" for n in range(5000)),
    "raw HTML": f'<div class="aside">\n\n<p>{ORDINARY}</p>\n\n</div>\n\n' * 900,
}


def slow(shape: str) -> str:
    """A text of SIZE that has nothing else."""
    many = SIZE // len(shape)
    return "".join(shape.replace("{n}", str(n)) for n in range(many)) if "{n}" in shape else shape * many


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_text_that_would_take_minutes_is_refused(project: Project, shape: str) -> None:
    """`build` names the file and the line, and comes to its end, whatever shape the text has."""
    text = (project.root / PAGE).read_text()
    project.write(PAGE, f"{text.rstrip()}\n\n{slow(shape)}\n")
    done = project.run("build", "--at", NOON, timeout=PATIENCE)

    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert f"{PAGE}:" in done.stderr
    assert "would take minutes to read" in done.stderr or "nested too deep" in done.stderr


@pytest.mark.parametrize("shape", ["<a ", "[a](b "])
def test_check_comes_to_its_end_too(project: Project, shape: str) -> None:
    """A text that is refused gets no advice, which would be as slow."""
    text = (project.root / PAGE).read_text()
    project.write(PAGE, f"{text.rstrip()}\n\n{slow(shape)}\n")

    done = project.run("check", "--at", NOON, timeout=PATIENCE)

    assert done.returncode == 1
    assert f"{PAGE}:" in done.stdout + done.stderr


def test_the_line_is_that_of_the_paragraph(project: Project) -> None:
    """Where the slow passage begins further down, the problem stands there."""
    text = (project.root / PAGE).read_text().rstrip()
    project.write(PAGE, f"{text}\n\nWhat is good.\n\nHere: {slow('[a](b ')}\n\nWhat is good.\n")
    done = command(project, "check", "--at", NOON)

    assert f"{PAGE}:{text.count(chr(10)) + 5}: would take minutes to read" in done.stderr


@pytest.mark.parametrize("shape", ["[a](b ", "![a](", "\\"])
def test_a_closing_gets_through_over_a_slow_page(target: Target, shape: str) -> None:
    """A page that took minutes holds up no closing: it is published over the last good content, with exit 4."""
    command(target.project, "quota", "set", "japan", "open", "--yes")
    target.published()
    text = (target.project.root / PAGE).read_text()
    target.project.write(PAGE, text + "\n" + slow(shape))
    words = ("quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder))
    done = target.project.run(*words, timeout=PATIENCE)

    assert done.returncode == 4, done.stderr
    assert not target.shows_link()
    assert f"{PAGE}:" in done.stderr


@pytest.mark.parametrize("text", LONG_PAGES.values(), ids=LONG_PAGES)
def test_a_long_page_of_ordinary_text_is_converted(text: str) -> None:
    """Some 200 KB of ordinary text are far from the bound, also where few lines are empty."""
    assert len(text) > 150_000
    assert Converter(Memo()).convert(text, "Back {number}", True).html


def test_a_text_that_was_stopped_leaves_nothing_behind() -> None:
    """What is converted after a text that was refused is what it always was."""
    after = "- one\n\n    two *three*\n\nA paragraph."
    before = Converter(Memo()).convert(after, "", True)
    for text in (
        "- x\n\n    > - " + slow("a\n: b\n"),
        "- x\n\n" + slow("    # a\n"),
        "- x\n- " + slow("[a](b "),
    ):
        with pytest.raises((TooMuchWork, NestedTooDeep)):
            Converter(Memo()).convert(text, "", True)

        assert Converter(Memo()).convert(after, "", True) == before


def test_the_clock_is_a_net_below() -> None:
    """What nobody counted is stopped by the processor's clock, and handler and timer are as before."""

    def own(*_: object) -> None:
        raise AssertionError

    def work_forever() -> None:
        while True:
            pass

    former = signal.signal(signal.SIGVTALRM, own)
    try:
        with pytest.raises(TooMuchWork), no_longer_than(0.05):
            work_forever()
        assert signal.getsignal(signal.SIGVTALRM) is own
        assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    finally:
        signal.signal(signal.SIGVTALRM, former)


def test_the_clock_is_left_alone_in_other_threads() -> None:
    """In a thread of the preview server, where no signal arrives, a text is converted without the net."""
    done: list[float] = []

    def work() -> None:
        with no_longer_than(0.01):
            until = time.thread_time() + 0.05
            while time.thread_time() < until:
                pass
            done.append(until)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert done
