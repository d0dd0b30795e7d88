"""The strict YAML reader refuses what inputs may not contain. Each message has its line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.problems import Report
from site_src.read.yaml import parse_yaml
from site_src.read.yaml_builder import MAX_DEPTH


def refused(text: str) -> list[tuple[int, str, str]]:
    """Returns the line, rule and message of each problem of a text that is refused."""
    report = Report()
    assert parse_yaml(text, "file.yaml", report) is None
    return [(problem.line, problem.rule, problem.message) for problem in report.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [(3, "yaml-duplicate-key", "a: is here a second time (first on line 1)")]),
        ("a: {b: 1,\n b: 2}", [(2, "yaml-duplicate-key", "b: is here a second time")]),
        ('a: 1\n"a": 2', [(2, "yaml-duplicate-key", "a: is here a second time")]),
        ("1: a\n'1': b", [(2, "yaml-duplicate-key", "1: is here a second time")]),
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
        ("a: one\n  two", [(1, "yaml-lines", "continues on")]),
        ('a: "one\n  two"', [(1, "yaml-lines", "continues on")]),
        ("a: 'one\n\n\n  two'\nb: 1", [(1, "yaml-lines", "continues on")]),
        ("a: [one\n two]", [(1, "yaml-lines", "continues on")]),
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
    """All mistakes are reported at once, each on its line."""
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
        ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> main\n", 2, "two versions"),
        ("a: 1\nb:\u00a02\nc: 3", 2, "U+00A0 (no-break space)"),
        ("a:\n  - b: 1\n  -\u3000b: 2\n    c: 3", 3, "U+3000 (ideographic space)"),
        ("title： Money\nb: 1", 1, '"：" (fullwidth colon) after "title"'),
        ("a: 1\nmoved_from：\n  - x\nb: 2", 2, '"：" (fullwidth colon) after "moved_from"'),
        ("a: 1\nb﹕c\nd: 2", 2, '"﹕" (small colon)'),
        ("a:\n  - state： open\n    from: 2026", 2, '"：" (fullwidth colon) after "state"'),
        ("a: 1\n– b\nc: 2", 2, '"–" (en dash)'),
        ('a: "b\\d"\nc: 1', 1, 'has a "\\"'),
        ('a: "b" c\nd: 1', 1, "single quotes"),
        ("a: 1\nb: @c", 2, 'begins with "@"'),
        ("a: - b", 1, "an item of a list"),
        ("c: d\na b", 2, "no colon"),
        ("a:\n  b: 1\n c: 2", 3, "not valid YAML"),
        ("a: ?", 1, 'begins with "?"'),
    ],
)
def test_explains_what_does_not_parse(text: str, line: int, part: str) -> None:
    """The message for text that is not YAML is on the line to change, and says what to change."""
    found = refused(text)

    assert [(at, rule) for at, rule, _ in found] == [(line, "yaml-syntax")]
    assert part in found[0][2]


def test_each_line_with_another_colon_is_named() -> None:
    """Every line with a full-width colon is reported, because a Japanese keyboard types it on every line."""
    assert [line for line, _, _ in refused("a：1\nb：2\nc：3")] == [1, 2, 3]


@pytest.mark.parametrize("blank", "\u00a0\u1680\u2000\u2005\u200a\u200b\u202f\u205f\u3000")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a:_1", 1),
        ("a:_1\nb: 2", 1),
        ("a: 1\n_b: 2", 2),
        ("a:\n  - b: c\n_   d: x\n  - b: e", 3),
        ("a:\n  -_b\n  -_c", 2),
        ("a: b_", 1),
        ("a: b_# c", 1),
        ("a: _b", 1),
        ("a_: 1", 1),
    ],
)
def test_a_blank_that_is_no_space(text: str, line: int, blank: str) -> None:
    """If YAML needs a space, a different blank character there is reported on its line, before all other problems."""
    found = refused(text.replace("_", blank))

    assert {(at, message) for at, _, message in found if at == line} == {(line, found[0][2])}
    assert f"has the blank U+{ord(blank):04X} (" in found[0][2]


@pytest.mark.parametrize("text", ["a: b_c", 'a: "_b_ #"', "a: |\n  _b\n  -_c\n  d:_e #\n", "a: b__c"])
def test_a_blank_within_a_text_stays(text: str) -> None:
    """The same blank characters are accepted inside a value, within quotes and in a block of text."""
    assert parse_yaml(text.replace("_", "\u3000"), "file.yaml", Report()) is not None


def test_nested_keys_have_an_end() -> None:
    """Thousands of mappings nested as keys are refused because of their depth, and do not cause a crash."""
    assert "yaml-depth" in {rule for _, rule, _ in refused("? " * 5000 + "\na: 1")}


def test_an_explanation_takes_no_time() -> None:
    """A value of many blanks before a character that YAML refuses is explained as fast as any other value."""
    began = time.process_time()
    refused("title: " + " " * 300_000 + "@x")

    assert time.process_time() - began < 5  # takes a minute if every blank is compared with every other


def test_a_bomb_of_aliases_is_never_expanded() -> None:
    """A document with nine levels of aliases gives one problem for each anchor and alias. No alias is expanded."""
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
    """A document nested to the greatest allowed depth is read, and a deeper one is refused.

    A far deeper document, which libyaml may refuse first, does not cause a crash.
    """
    opening, closing = ("{a: ", "}") if brackets == "{}" else ("[", "]")
    text = f"x: 1\ny: {opening * (depth - 1)}1{closing * (depth - 1)}"

    if depth <= MAX_DEPTH:
        assert parse_yaml(text, "file.yaml", Report()) is not None
    else:
        ((line, rule, _),) = refused(text)
        assert line == 2
        assert rule == "yaml-depth" or (rule == "yaml-syntax" and depth == 50_000)


@given(st.text(st.sampled_from("ab:-?#&*!|>%@`'\"[]{},\\ \t\n\n0é\u2028"), max_size=40))
@settings(deadline=None, max_examples=2000, derandomize=True)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Any text gives a document or at least one problem, and each problem has a line of the text."""
    report = Report()
    parsed = parse_yaml(text, "file.yaml", report)
    problems = report.problems

    assert (parsed is None) == bool(problems)
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in problems)
    assert all(problem.message.endswith(".") for problem in problems)
