"""Validates a YAML document as a strict, frozen pydantic model, and explains unknown keys, missing keys and wrong types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from site_src.problems import Report, Rule, did_you_mean, nearest
from site_src.read.text import explain_lookalikes
from site_src.read.yaml import Document
from site_src.read.yaml_builder import Location

_KEYS = 'must be lines such as "key: value".'
_GROUP = 'must be a group of keys: lines such as "key: value", indented below it.'


class Record(BaseModel):
    """Base of every input model: refuses unknown keys, converts no values, and is immutable."""

    # Each command validates a few of the models, and building a validator takes longer than using it.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


RecordType = TypeVar("RecordType", bound=Record)


def validate(
    model: type[RecordType], document: Document, report: Report, at: Location = ()
) -> RecordType | None:
    """Returns the part `at` of the document as a `model`. If it is not valid, reports each mistake and returns None."""
    value = document.value
    for step in at:
        value = value[step]
    if value is None:
        report.add(document.problem(at, "missing-key", f"{name_location(at)}is empty. {_example(model)}"))
        return None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for detail in _without_consequences(error.errors(include_url=False)):
            location = _known_location(document, (*at, *detail["loc"]))
            message, rule = _explain(model, detail)
            if not location and message == _GROUP:
                message = _KEYS
            report.add(document.problem((*at, *detail["loc"]), rule, f"{name_location(location)}{message}"))
        return None


def _without_consequences(details: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yields the errors, except those that another error causes.

    For example, a missing key may be in the document with a spelling mistake, and a list may be empty because its items
    were refused.
    """
    missing = {tuple(detail["loc"]) for detail in details if detail["type"] == "missing"}
    misspelt: set[tuple[Any, ...]] = set()
    for detail in details:
        *parent, key = detail["loc"] or ("",)
        beside = [str(other) for *above, other in missing if above == parent]
        if detail["type"] == "extra_forbidden" and (meant := nearest(str(key), beside)):
            misspelt.add((*parent, meant))
    for detail in details:
        at = tuple(detail["loc"])
        refused_items = any(other["loc"][:-1] == at for other in details)
        if at not in misspelt and not (detail["type"] == "too_short" and refused_items):
            yield detail


def _known_location(document: Document, location: Location) -> Location:
    """Removes the last parts of `location` that pydantic adds (the marker of a key, a branch of a union)."""
    while location and location not in document.lines and location[:-1] not in document.lines:
        location = location[:-1]
    return tuple(part for part in location if part != "[key]")


def name_location(location: Location) -> str:
    """Returns the location as the beginning of a message: `history[2].from: `. Items count from 1. Returns "" for the whole document."""
    name = ""
    for part in location:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if name else part
    return f"{name}: " if name else ""


def _explain(model: type[BaseModel], detail: Mapping[str, Any]) -> tuple[str, Rule]:
    """Returns the message and the rule's name for one of pydantic's errors, by the error's type."""
    kind, value, context = detail["type"], detail.get("input"), detail.get("ctx", {})
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "missing":
        return (
            f'is missing. Add a line such as "{key}: {_example_value(model, detail["loc"])}".',
            "missing-key",
        )
    if kind == "extra_forbidden":
        return (
            f"is not a key that is known here.{did_you_mean(key, _keys_beside(model, detail['loc']))}",
            "unknown-key",
        )
    if value is None:
        return f'is empty. Write a value: "{_start_of_line(key)} …".', "missing-key"
    if kind == "value_error":
        return str(context["error"]), "value"
    if kind in ("literal_error", "enum"):
        known = [word.strip("' ") for word in context["expected"].replace(" or ", ",").split(",")]
        return f'"{value}" is not known.{did_you_mean(str(value), known)}', "value"
    return _explain_type(kind, key, value, context) or f"{detail['msg']}.", "value"


def _start_of_line(key: str) -> str:
    return "-" if key.isdecimal() else f"{key}:"  # an item of a list has a number for a key


def _explain_type(kind: str, key: str, value: Any, context: Mapping[str, Any]) -> str | None:
    if kind == "string_type" and isinstance(value, bool | int):
        return f'must be text. Put it in quotes: {_start_of_line(key)} "{str(value).lower()}".'
    if kind == "int_type" and not isinstance(value, str):
        return f"must be a whole number, not {'true or false' if isinstance(value, bool) else 'a list or a group of keys'}."
    return {
        "string_type": "must be text, not a list or a group of keys.",
        "int_type": f'must be a whole number without quotes, not "{value}".{explain_lookalikes(str(value))}',
        "bool_type": f'must be true or false, not "{value}".',
        "greater_than": f"must be more than {context.get('gt')}, not {value}.",
        "too_short": 'must have at least one item: a line "- …".',
        "tuple_type": 'must be a list: one line "- …" for each item.',
        "dict_type": _GROUP,
        "mapping_type": _GROUP,
        "model_type": _GROUP,
    }.get(kind)


def _keys_beside(model: type[BaseModel], location: Location) -> list[str]:
    """Returns the known keys of the mapping that contains the unknown key."""
    return list(_fields_beside(model, location))


def _example_value(model: type[BaseModel], location: Location) -> str:
    """Returns an example of a value for the missing key."""
    field = _fields_beside(model, location).get(str(location[-1]))
    return str(field.examples[0]) if field and field.examples else "…"


def _fields_beside(model: type[BaseModel], location: Location) -> Mapping[str, FieldInfo]:
    """Returns the fields, by key, of the model that contains the last part of the location."""
    for part in location[:-1]:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        if isinstance(part, str) and part in fields:
            model = _model_in(fields[part].annotation) or model
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _example(model: type[BaseModel]) -> str:
    required = next(
        ((field.alias or name) for name, field in model.model_fields.items() if field.is_required()), None
    )
    return f'Write its keys, such as "{required}: …".' if required else "Write its keys."
