"""The strict YAML reader: what values mean, what is refused, and the line that is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.problems import Problem
from site_src.source_files import FORBIDDEN
from site_src.yaml_source import MAX_DEPTH, Document, parse_yaml


def document(text: str, first_line: int = 1) -> Document:
    """The document of a text without problems."""
    problems: list[Problem] = []
    parsed = parse_yaml(text, "file.yaml", problems, first_line)
    assert (problems, parsed is None) == ([], False)
    assert parsed is not None
    return parsed


def refused(text: str) -> list[tuple[int, str, str]]:
    """Line, rule and message of each problem of a text that is refused."""
    problems: list[Problem] = []
    assert parse_yaml(text, "file.yaml", problems) is None
    return [(problem.line, problem.rule, problem.message) for problem in problems]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-5", -5),
        ("1200", 1200),
        ("123456789012345678", 123456789012345678),
        ("1234567890123456789", "1234567890123456789"),
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("12:30", "12:30"),
        ("012", "012"),
        ("+1", "+1"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        ("1.0", "1.0"),
        (".inf", ".inf"),
        ("=", "="),
        ("٣", "٣"),
        ("2026-04-01", "2026-04-01"),
        ("2026-03-01 09:00:00", "2026-03-01 09:00:00"),
        ("2026-02-30", "2026-02-30"),
        ('"12"', "12"),
        ("'true'", "true"),
        ('""', ""),
        ("''", ""),
        ('"a: b # c"', "a: b # c"),
        ("it's # a note", "it's"),
        ("[]", ()),
        ("[a, 1, true]", ("a", 1, True)),
        ("{}", {}),
        ("{no: yes, 1: 2}", {"no": "yes", "1": 2}),
        ("\n  - a\n  - b: c", ("a", {"b": "c"})),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        (">-\n  one\n  line\n", "one line"),
    ],
)
def test_reads_values(typed: str, value: object) -> None:
    """Only null, true, false and plain decimal integers mean something; all else is text, a list or a mapping."""
    read = document(f"key: {typed}").value["key"]

    assert read == value
    assert type(read) is type(value)


def test_an_empty_document_is_null() -> None:
    """A text of comments and blank lines has the value null."""
    assert document("# only a comment\n\n").value is None


# JSON is YAML, apart from characters that end a line in YAML, the merge key, and what is forbidden in every input.
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\u2028\u2029\u0085\ufeff"), max_size=20
).filter(lambda text: not FORBIDDEN.search(text) and text != "<<")
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(texts, values, min_size=1, max_size=5))
@settings(deadline=None, max_examples=300, derandomize=True)
def test_reads_json(value: dict[str, Any]) -> None:
    """What JSON can say is read as such, and each key has the line on which it stands."""
    typed = json.dumps(value, ensure_ascii=False, indent=1)
    parsed = document(typed, first_line=7)

    assert parsed.value == _with_tuples(value)
    lines = typed.split("\n")
    for key in value:
        quoted = json.dumps(key, ensure_ascii=False)
        assert lines[parsed.line_of((key,)) - 7].startswith(f" {quoted}:")


def _with_tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_with_tuples, value))
    if isinstance(value, dict):
        return {key: _with_tuples(item) for key, item in value.items()}
    return value


def test_a_missing_part_has_the_line_of_its_parent() -> None:
    """The line of something that is not there is that of the nearest part that is."""
    parsed = document("# note\na:\n  b:\n    - c: 1\n    - d: 2\n", first_line=3)

    assert parsed.line_of(("a", "b", 1, "d")) == 7
    assert parsed.line_of(("a", "b", 1, "gone")) == 7
    assert parsed.line_of(("a", "b", 5, "gone")) == 5
    assert parsed.line_of(("gone",)) == parsed.line_of(()) == 4


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
        assert document(text).line_of(("y",)) == 2
    else:
        assert [(line, rule) for line, rule, _ in refused(text)] == [(2, "yaml-depth")]


@given(st.text(st.sampled_from("ab:-?#&*!|>%@`'\"[]{},\\ \t\n\n0é\u2028"), max_size=40))
@settings(deadline=None, max_examples=2000, derandomize=True)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text, there is a document or at least one problem, and each names a line that the text has."""
    problems: list[Problem] = []
    parsed = parse_yaml(text, "file.yaml", problems)

    assert (parsed is None) == bool(problems)
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in problems)
    assert all(problem.message.endswith(".") for problem in problems)
