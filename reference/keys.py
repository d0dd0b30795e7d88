"""Generates the tables of docs/reference.md: every key of every input file, with the models' descriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reference.schemas import ROOT, describe
from site_src.quota.event_keys import Entry
from site_src.read.input_keys import NoticeMeta, PageMeta, Programme, Settings
from site_src.read.labels import Labels
from site_src.read.local import Local
from site_src.read.records import Record

PAGE = ROOT / "docs" / "reference.md"
BEGIN = "<!-- The tables below are made by `make schemas`. -->"
END = "<!-- End of the tables that are made by `make schemas`. -->"
FILES: tuple[tuple[str, type[Record]], ...] = (
    ("`quota_state.yaml`: each event", Entry),
    ("`content/site.yaml`", Settings),
    ("`content/programmes/PROGRAMME.yaml`", Programme),
    ("`content/LANGUAGE/PAGE.md`: front matter of a page", PageMeta),
    ("`content/LANGUAGE/_notices/STATE.md`: front matter of a notice", NoticeMeta),
    ("`content/LANGUAGE/_labels.yaml`", Labels),
    ("`local.yaml`, beside `quota_state.yaml` and not in git", Local),
)


@dataclass(frozen=True, slots=True)
class Key:
    """A row of a table. `name` includes the parent keys (`facts.NAME.value`). `form` describes the value in words."""

    name: str
    form: str
    required: bool
    description: str


def make_page(text: str) -> str:
    """Returns the text of docs/reference.md with current tables between the two markers.

    Raises ValueError if a marker is missing.
    """
    before, _ = text.split(BEGIN)
    _, after = text.split(END)
    return f"{before}{BEGIN}\n\n{_tables()}\n{END}{after}"


def list_keys(model: type[Record]) -> Iterator[Key]:
    """Yields each key of the model. The keys of a group come directly after the group."""
    schema = describe(model)
    yield from _keys(schema, schema.get("$defs", {}), "")


def _tables() -> str:
    parts = []
    for title, model in FILES:
        rows = "".join(
            f"| `{key.name}` | {key.form} | {'yes' if key.required else 'no'} | {key.description} |\n"
            for key in list_keys(model)
        )
        parts.append(f"### {title}\n\n| key | value | required | meaning |\n|---|---|---|---|\n{rows}")
    return "\n".join(parts)


def _keys(schema: Mapping[str, Any], groups: Mapping[str, Any], above: str) -> Iterator[Key]:
    for name, value in schema["properties"].items():
        yield Key(above + name, _form(value), name in schema.get("required", ()), value["description"])
        inside, place = value, f"{above}{name}."
        if "items" in value:
            inside, place = value["items"], f"{above}{name}[]."
        elif "additionalProperties" in value:
            inside, place = value["additionalProperties"], f"{above}{name}.NAME."
        if isinstance(inside, dict) and "$ref" in inside:
            yield from _keys(groups[inside["$ref"].rpartition("/")[2]], groups, place)


def _form(value: Mapping[str, Any]) -> str:
    """Describes a value in words, with the title of its type if it has one."""
    if "$ref" in value:
        return "group of keys"
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    if "title" in value:
        return str(value["title"]) + _placeholders(value)
    if "items" in value:
        return f"list: {_form(value['items'])}"
    if "patternProperties" in value:
        (inner,) = value["patternProperties"].values()
        return f"for each language: {_form(inner)}"
    if "additionalProperties" in value:
        return f"for each name: {_form(value['additionalProperties'])}"
    return {"boolean": "`true` or `false`", "integer": "whole number", "string": "text"}[value["type"]]


def _placeholders(value: Mapping[str, Any]) -> str:
    names = value.get("placeholders", ())
    return " with " + " and ".join(f"`{{{name}}}`" for name in names) if names else ""
