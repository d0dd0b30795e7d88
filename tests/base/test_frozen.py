"""The decorator of `site_src.frozen` makes the same classes as `dataclasses.dataclass(frozen=True, slots=True)`."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from site_src.frozen import dataclass


def _define(decorate: Any) -> Any:
    @decorate(frozen=True, slots=True)
    class Page:
        """A page."""

        path: str
        tags: dict[str, int] = dataclasses.field(default_factory=dict)
        line: int = dataclasses.field(default=0, compare=False)
        body: str = dataclasses.field(default="", repr=False)

        @property
        def name(self) -> str:
            return self.path.upper()

    return Page


OURS, STANDARD = _define(dataclass), _define(dataclasses.dataclass)


@pytest.mark.parametrize(
    ("words", "named"), [(("a",), {}), (("a", {"b": 1}, 3), {}), ((), {"path": "a", "line": 2, "body": "x"})]
)
def test_an_object_has_the_same_fields(words: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Both classes have the same fields, text and properties for the same arguments."""
    ours, standard = OURS(*words, **named), STANDARD(*words, **named)
    assert dataclasses.asdict(ours) == dataclasses.asdict(standard)
    assert repr(ours) == repr(standard)
    assert ours.name == standard.name == "A"
    assert OURS.__match_args__ == STANDARD.__match_args__
    assert OURS.__slots__ == STANDARD.__slots__


def test_objects_compare_by_their_fields() -> None:
    """Objects are equal if the compared fields are, and an object of a different class is never equal."""
    assert OURS("a", line=1) == OURS("a", line=2)
    assert OURS("a") != OURS("b")
    assert OURS("a") != STANDARD("a")
    assert dataclasses.replace(OURS("a", line=1), path="b") == OURS("b")


def test_objects_can_be_keys_of_a_dictionary() -> None:
    """Equal objects have equal hashes, and an object with a dictionary has none, as in the standard library."""

    @dataclass(frozen=True, slots=True)
    class Key:
        name: str

    assert {Key("a"): 1}[Key("a")] == 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(OURS("a"))


def test_each_object_has_its_own_default() -> None:
    """A default factory is called for each object."""
    assert OURS("a").tags is not OURS("a").tags


@pytest.mark.parametrize("words", [(), ("a", {}, 1, "", 5)])
def test_wrong_arguments_raise(words: tuple[Any, ...]) -> None:
    """A missing or an additional argument raises TypeError."""
    with pytest.raises(TypeError):
        OURS(*words)


def test_objects_do_not_change() -> None:
    """Assigning and deleting a field, and adding an attribute, raise FrozenInstanceError."""
    page = OURS("a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'path'"):
        page.path = "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        page.other = "b"
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'path'"):
        del page.path
    assert page == OURS("a")


def test_keyword_only_and_identity() -> None:
    """With kw_only, positional arguments raise TypeError. With eq=False, each object equals only itself."""

    @dataclass(frozen=True, slots=True, kw_only=True, eq=False)
    class Named:
        first: int = 1
        second: int

    assert Named(second=2).first == 1
    assert Named(second=2) != Named(second=2)
    with pytest.raises(TypeError):
        Named(1, 2)  # type: ignore[call-arg]


def test_other_classes_are_refused() -> None:
    """A class that is not frozen, or has no slots, is refused: those are made by the standard library."""
    with pytest.raises(TypeError):
        dataclass(frozen=False, slots=True)
    with pytest.raises(TypeError):
        dataclass(frozen=True, slots=False)
