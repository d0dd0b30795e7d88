"""The values that the strict YAML reader returns, and the line of each part."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.problems import Report
from site_src.read.text import FORBIDDEN
from site_src.read.yaml import Document, parse_yaml


def document(text: str, first_line: int = 1) -> Document:
    """Returns the parsed document of a text that has no problems."""
    report = Report()
    parsed = parse_yaml(text, "file.yaml", report, first_line)
    assert (report.problems, parsed is None) == ((), False)
    assert parsed is not None
    return parsed


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
    """Only null, true, false and plain decimal integers have a type. Everything else is text, a list or a mapping."""
    read = document(f"key: {typed}").value["key"]

    assert read == value
    assert type(read) is type(value)


def test_an_empty_document_is_null() -> None:
    """A document that has only comments and blank lines has the value null."""
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
    """JSON is read with its values, and each key has its line."""
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
    """A missing part has the line of the nearest part above it that exists."""
    parsed = document("# note\na:\n  b:\n    - c: 1\n    - d: 2\n", first_line=3)

    assert parsed.line_of(("a", "b", 1, "d")) == 7
    assert parsed.line_of(("a", "b", 1, "gone")) == 7
    assert parsed.line_of(("a", "b", 5, "gone")) == 5
    assert parsed.line_of(("gone",)) == parsed.line_of(()) == 4
