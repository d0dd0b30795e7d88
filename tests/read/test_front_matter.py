"""Front matter is found or refused, and line numbers are counted from the start of the file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.problems import Report
from site_src.read.front_matter import FrontMatterFile, split_front_matter
from site_src.read.reader import Reader
from site_src.read.tree import load_tree
from tests.support.project import Project


def split(text: str) -> FrontMatterFile:
    """Returns the front matter and the body of a text that has no problems."""
    report = Report()
    file = split_front_matter(text, "page.md", report)
    assert (report.problems, file is None) == ((), False)
    assert file is not None
    return file


def problems_of(text: str) -> list[tuple[int, str]]:
    """Returns the line and rule of each problem of a text that is refused."""
    report = Report()
    assert split_front_matter(text, "page.md", report) is None
    return [(problem.line, problem.rule) for problem in report.problems]


@pytest.mark.parametrize(
    ("text", "body", "body_line"),
    [
        ("---\ntitle: A\n---\nBody\n", "Body\n", 4),
        ("---\ntitle: A\n---", "", 4),
        ("---\ntitle: A\n---\n", "", 4),
        ("\n  \n---\ntitle: A\n---\nBody", "Body", 6),
        ("---  \ntitle: A\n---\t\nBody", "Body", 4),
        ("---\ntitle: A\n---\nBody\n\n---\n\nMore", "Body\n\n---\n\nMore", 4),
        ("---\ntitle: A\n---\n\nBody", "\nBody", 4),
        ("---\n\ntitle: A\n\n---\nBody", "Body", 6),
    ],
    ids=[
        "usual",
        "no-body",
        "empty-body",
        "blank-lines-first",
        "blanks-after-the-dashes",
        "rule-in-body",
        "blank-line-before-body",
        "blank-lines-inside",
    ],
)
def test_finds_both_parts(text: str, body: str, body_line: int) -> None:
    """The body is everything after the closing line. The number of its first line is counted from the start of the file."""
    file = split(text)

    assert (file.meta.value, file.body, file.body_line) == ({"title": "A"}, body, body_line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Only a body", [(1, "front-matter")]),
        ("\n\nOnly a body", [(3, "front-matter")]),
        ("title: A\n---\nBody", [(1, "front-matter")]),
        (" ---\ntitle: A\n---\nBody", [(1, "front-matter")]),
        ("----\ntitle: A\n----\nBody", [(1, "front-matter")]),
        ("---", [(1, "front-matter")]),
        ("\n---\ntitle: A\nBody", [(2, "front-matter")]),
        ("---\ntitle: A\n ---\nBody", [(3, "front-matter")]),
        ("---\n---\nBody", [(1, "front-matter")]),
        ("\n---\n\n---\nBody", [(2, "front-matter")]),
        ("---\ntitle: A\ntitle: B\n---\n", [(3, "yaml-duplicate-key")]),
        ("\n\n---\ntitle: A\norder: &a 1\nmore: *a\n---\n", [(5, "yaml-alias"), (6, "yaml-alias")]),
        ('\n---\ntitle: "A\norder: 1\n---\n', [(3, "yaml-syntax")]),
        ("---\ntitle: A: B\n---\n", [(2, "yaml-syntax")]),
        ("---\ntitle: A\n\torder: 1\n---\n", [(3, "yaml-syntax")]),
    ],
    ids=[
        "none",
        "none-after-blank-lines",
        "no-opening",
        "indented-opening",
        "four-dashes",
        "lone-dashes",
        "never-closed",
        "closed-by-indented-dashes",
        "empty",
        "blank",
        "duplicate-key",
        "two-problems",
        "open-quote",
        "second-colon",
        "tab",
    ],
)
def test_refuses(text: str, expected: list[tuple[int, str]]) -> None:
    """A block that is missing, open, empty or invalid is refused on its line in the file."""
    assert problems_of(text) == expected


lines = st.lists(st.sampled_from(["", "text", "# note", "---", "--- x", "key: value", "  more"]), max_size=8)


@given(blank=st.integers(0, 3), body=lines)
@settings(deadline=None, max_examples=200, derandomize=True)
def test_every_line_of_the_body_has_its_number(blank: int, body: list[str]) -> None:
    """Line `body_line + n` of the file is line n of the body, for any body and any blank lines above the block."""
    text = "\n".join([*[""] * blank, "---", "title: A", "---", *body])
    file = split(text)
    in_file = text.split("\n")

    assert file.body == "\n".join(body)
    assert in_file[file.body_line - 1 :] == body
    assert in_file[file.meta.line_of(("title",)) - 1] == "title: A"


@given(blank=st.integers(0, 3), keys=st.integers(0, 6), below=st.integers(0, 3))
@settings(deadline=None, max_examples=100, derandomize=True)
def test_a_problem_has_the_line_of_the_file(blank: int, keys: int, below: int) -> None:
    """A mistake in the block is reported on its line of the file, wherever the block begins."""
    block = [*(f"key{n}: {n}" for n in range(keys)), "wrong: a: b", *(f"more{n}: {n}" for n in range(below))]
    text = "\n".join([*[""] * blank, "---", *block, "---", "Body"])

    assert problems_of(text) == [(text.split("\n").index("wrong: a: b") + 1, "yaml-syntax")]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no-mark", "byte-order-mark"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_line_ends_and_marks_make_no_difference(project: Project, mark: bytes, end: bytes) -> None:
    """A file with a byte-order mark or different line ends has the same values, body and line numbers, and gives a warning."""
    data = mark + end.join([b"---", b"title: A", b"---", b"One", b"Two", b""])
    project.write("content/en/odd.md", data)
    reader = Reader(load_tree(project.root))

    text = reader.read_text("content/en/odd.md")

    assert text is not None
    file = split(text)
    assert (file.meta.value, file.body, file.body_line) == ({"title": "A"}, "One\nTwo\n", 4)
    assert [(problem.rule, problem.severity) for problem in reader.report.problems] == [
        *([("byte-order-mark", "warning")] if mark else []),
        *([("line-ends", "warning")] if end != b"\n" else []),
    ]
