"""The strict YAML reader: what is refused, on which line, and in which words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.problems import Report
from site_src.read.yaml import MAX_DEPTH, parse_yaml


def refused(text: str) -> list[tuple[int, str, str]]:
    """Line, rule and message of each problem of a text that is refused."""
    report = Report()
    assert parse_yaml(text, "file.yaml", report) is None
    return [(problem.line, problem.rule, problem.message) for problem in report.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [(3, "yaml-duplicate-key", "a: stands here a second time (first on line 1)")]),
        ("a: {b: 1,\n b: 2}", [(2, "yaml-duplicate-key", "b: stands here a second time")]),
        ('a: 1\n"a": 2', [(2, "yaml-duplicate-key", "a: stands here a second time")]),
        ("1: a\n'1': b", [(2, "yaml-duplicate-key", "1: stands here a second time")]),
        ("a: &x 1\nb: *x", [(1, "yaml-alias", 'anchor "&x"'), (2, "yaml-alias", 'alias "*x"')]),
        ("- &x [*x]", [(1, "yaml-alias", 'anchor "&x"'), (1, "yaml-alias", 'alias "*x"')]),
        ("a: &x\n  b: 1", [(1, "yaml-alias", 'anchor "&x"')]),
        ("a:\n  <<: {b: 1}", [(2, "yaml-merge-key", 'merge key "<<"')]),
        ("a: !!str 1", [(1, "yaml-tag", '"!!str"')]),
        ("a: !!python/object:os.system x", [(1, "yaml-tag", "!!python")]),
        ("a: !secret x", [(1, "yaml-tag", '"!secret"')]),
        ("!!map\na: 1", [(1, "yaml-tag", '"!!map"')]),
        ("a: 1\n---\nb: 2", [(2, "yaml-documents", "second document")]),
        ("? [a, b]\n: 1", [(1, "yaml-key", "not plain text")]),
        ("{a: 1}: 2", [(1, "yaml-key", "not plain text")]),
        ("!!str a: 1", [(1, "yaml-key", "not plain text"), (1, "yaml-tag", "!!str")]),
        ("a: one\n  two", [(1, "yaml-lines", "runs on")]),
        ('a: "one\n  two"', [(1, "yaml-lines", "runs on")]),
        ("a: 'one\n\n\n  two'\nb: 1", [(1, "yaml-lines", "runs on")]),
        ("a: [one\n two]", [(1, "yaml-lines", "runs on")]),
        ('a: "\\u202e"', [(1, "control-character", "U+202E")]),
        ('a: "\\0"', [(1, "control-character", "U+0000")]),
        (
            "a: 1\na: 2\nb: &x 1\nb: 3",
            [
                (2, "yaml-duplicate-key", "a:"),
                (3, "yaml-alias", "&x"),
                (4, "yaml-duplicate-key", "b:"),
            ],
        ),
    ],
)
def test_refuses(text: str, expected: list[tuple[int, str, str]]) -> None:
    """Each mistake is named on its line, all of them at once."""
    found = refused(text)

    assert [(line, rule) for line, rule, _ in found] == [(line, rule) for line, rule, _ in expected]
    for (_, _, message), (_, _, part) in zip(found, expected, strict=True):
        assert part in message


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: 1\nb: c: d\ne: 2", 2, 'a second ": "'),
        ("a: 1\nb: c:\ne: 2", 2, 'a second ": "'),
        ("a:\n\tb: 1", 2, "a tab"),
        ("a: 1\n\tb: 2", 2, "a tab"),
        ('a: 1\nb: "c\nd: 2\n', 2, "does not close"),
        ("a: 1\nb: 'c\nd: 2\n", 2, "does not close"),
        ('a: 1\nb: "c', 2, "does not close"),
        ('a: "b\nc: the "d" of e\n', 1, "does not close"),
        ("a: 'b\nc: it's\n", 1, "does not close"),
        ('"a: b\nc: d', 1, "does not close"),
        ("a: [b, c\nd: 1\n", 1, "a bracket"),
        ("a: {b, c\nd: 1\n", 1, "a bracket"),
        ("a: [b\n", 1, "a bracket"),
        ('a: "b\\d"\nc: 1', 1, "backslash"),
        ('a: "b" c\nd: 1', 1, "behind a closing quote"),
        ("a: 'it's'\nd: 1", 1, "behind a closing quote"),
        ('- "b" c\n- d', 1, "behind a closing quote"),
        ("a: 1\nb: @c", 2, 'begins with "@"'),
        ("a: `b`", 1, 'begins with "`"'),
        ("a: %b", 1, 'begins with "%"'),
        ("a: *b* c", 1, 'begins with "*"'),
        ("a: |b\n", 1, 'begins with "|"'),
        ("a: ]", 1, 'begins with "]"'),
        ("a: - b", 1, "on the line of its key"),
        ("a: - b: c", 1, "on the line of its key"),
        ("a:b\nc: d\n", 1, 'a blank after the colon: "a: …"'),
        ("x: 1\na:b\nc: d\n", 2, 'a blank after the colon: "a: …"'),
        ("a b\nc: d\n", 1, "no colon"),
        ("c: d\na b", 2, "no colon"),
        ("a: 1\n  b: 2\nc: 3", 2, "indented more"),
        ("a:\n  b: 1\n   c: 2", 3, "indented more"),
        ("a:\n  b: 1\n c: 2", 3, "does not line up"),
        ("  a: 1\nb: 2", 2, "does not line up"),
        ("a: {b: 1} c\nd: 1", 1, "not valid YAML"),
        ("a: ?", 1, "not valid YAML"),
    ],
)
def test_explains_what_does_not_parse(text: str, line: int, part: str) -> None:
    """The line is the one to change, and the sentence says what to change there."""
    found = refused(text)

    assert [(at, rule) for at, rule, _ in found] == [(line, "yaml-syntax")]
    assert part in found[0][2]


def test_a_bomb_of_aliases_is_never_expanded() -> None:
    """Nine levels of nine aliases each are refused by name, one problem for each."""
    bomb = ["a: &a [lol]"]
    bomb += [
        f"{key}: &{key} [{', '.join([f'*{before}'] * 9)}]"
        for before, key in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    found = refused("\n".join(bomb))

    assert {rule for _, rule, _ in found} == {"yaml-alias"}
    assert len(found) == 9 + 8 * 9


@pytest.mark.parametrize("brackets", ["[]", "{}"], ids=["lists", "mappings"])
@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 500, 50_000])
def test_depth_has_an_end(depth: int, brackets: str) -> None:
    """A document may be so deep and no deeper; a much deeper one is refused the same way, not by a crash."""
    opening, closing = ("{a: ", "}") if brackets == "{}" else ("[", "]")
    text = f"x: 1\ny: {opening * (depth - 1)}1{closing * (depth - 1)}"

    if depth <= MAX_DEPTH:
        assert parse_yaml(text, "file.yaml", Report()) is not None
    else:
        assert [(line, rule) for line, rule, _ in refused(text)] == [(2, "yaml-depth")]


@given(st.text(st.sampled_from("ab:-?#&*!|>%@`'\"[]{},\\ \t\n\n0é\u2028"), max_size=40))
@settings(deadline=None, max_examples=2000, derandomize=True)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text, there is a document or at least one problem, and each names a line that the text has."""
    report = Report()
    parsed = parse_yaml(text, "file.yaml", report)
    problems = report.problems

    assert (parsed is None) == bool(problems)
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in problems)
    assert all(problem.message.endswith(".") for problem in problems)
