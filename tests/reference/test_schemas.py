"""The JSON Schemas and the tables of keys are made from the models, and accept the real files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reference.keys import FILES, PAGE, list_keys, make_page
from reference.schemas import FOLDER, make_schemas
from site_src.problems import Report
from site_src.read.records import Record
from site_src.read.yaml import parse_yaml
from tests.support.project import REPOSITORY
from tests.support.real_site import copy_of_repository

FIRST_LINE = "# yaml-language-server: $schema="
INPUTS = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for pattern in (
        "quota_state.yaml",
        "content/*.yaml",
        "content/programmes/*.yaml",
        "content/*/_labels.yaml",
    )
    for path in REPOSITORY.glob(pattern)
)


def read_value(text: str) -> Any:
    """Returns the value of a YAML text as JSON, parsed as the site parses it."""
    report = Report()
    document = parse_yaml(text, "file.yaml", report)
    assert document is not None, report.problems
    return json.loads(json.dumps(document.value))


def list_mistakes(schema: str, text: str) -> list[str]:
    """Returns the path of each mistake that the schema finds in the text."""
    from jsonschema import Draft7Validator  # importing it takes seconds

    validator = Draft7Validator(
        json.loads((FOLDER / schema).read_text(encoding="utf-8")),
        format_checker=Draft7Validator.FORMAT_CHECKER,
    )
    return [error.json_path for error in validator.iter_errors(read_value(text))]


def test_the_schemas_are_those_of_the_models() -> None:
    """`schemas/` contains exactly the files that `make schemas` writes."""
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert written == make_schemas()


def test_the_tables_are_those_of_the_models() -> None:
    """The tables of docs/reference.md are those that `make schemas` writes."""
    text = PAGE.read_text(encoding="utf-8")
    assert make_page(text) == text


@pytest.mark.parametrize("schema", make_schemas())
def test_a_schema_is_valid(schema: str) -> None:
    """Each schema is valid JSON Schema, draft 7."""
    from jsonschema import Draft7Validator

    Draft7Validator.check_schema(json.loads((FOLDER / schema).read_text(encoding="utf-8")))


@pytest.mark.parametrize(("title", "model"), FILES, ids=[title for title, _ in FILES])
def test_every_key_is_described(title: str, model: type[Record]) -> None:
    """Each key of each model has a description, which is in the table of its file."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n### {title}\n")[1].split("\n###")[0]
    keys = list(list_keys(model))
    assert {field.alias or name for name, field in model.model_fields.items()} <= {key.name for key in keys}
    for key in keys:
        assert key.description.endswith("."), key.name
        assert f"\n| `{key.name}` | " in section


@pytest.mark.parametrize("path", INPUTS)
def test_the_real_files_are_valid(path: str) -> None:
    """The first line of each real file names its schema, which finds no mistake in the file."""
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith(FIRST_LINE)
    schema = (REPOSITORY / path).parent / first.removeprefix(FIRST_LINE)
    assert schema.resolve().parent == FOLDER
    assert list_mistakes(schema.name, text) == []


def test_every_schema_is_named_by_a_file() -> None:
    """Each schema is named by an input file, and each input file names a schema."""
    named = {
        (REPOSITORY / path).read_text(encoding="utf-8").splitlines()[0].rpartition("/")[2] for path in INPUTS
    }
    assert named == set(make_schemas())


@pytest.mark.parametrize(
    ("path", "old", "new", "where"),
    [
        ("quota_state.yaml", "state: open", "state: closed", "$.japan[0].state"),
        ("quota_state.yaml", "from: 2026-04-01 00:00", "form: 2026-04-01 00:00", "$.japan[0]"),
        ("quota_state.yaml", "state: places_available", "state: open", "$['south-korea'][2].state"),
        ("quota_state.yaml", "places: 12", "places: 0", "$['south-korea'][2].places"),
        ("quota_state.yaml", "south-korea:", "South Korea:", "$"),
        ("content/site.yaml", "time_zone:", "timezone:", "$"),
        ("content/site.yaml", "  - ind.nl", "  - https://ind.nl", "$.outbound_hosts[0]"),
        ("content/site.yaml", "valid_from: 2025-01-01", "valid_from: 1 January 2025", "$.facts.answer_within_days.valid_from"),
        ("content/site.yaml", "mode: redirect", "mode: forward", "$.security.mode"),
        ("content/programmes/japan.yaml", "  nl: Japan", "  Dutch: Japan", "$.names"),
        ("content/programmes/japan.yaml", "https://request", "http://request", "$.conversation_starter.en"),
        ("content/programmes/japan.yaml", "begins:", "starts:", "$.registration_periods[0]"),
        ("content/en/_labels.yaml", "{zone}", "{town}", "$.in_programme_time"),
        ("content/en/_labels.yaml", "menu: ", "meny: ", "$"),
        ("content/en/_labels.yaml", "on {date}", "on a day", "$.updated"),
    ],
)  # fmt: skip
def test_a_mistake_is_marked_while_typing(path: str, old: str, new: str, where: str) -> None:
    """The schema finds the mistake at its key, so that an editor can mark it there."""
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    assert old in text
    schema = text.splitlines()[0].rpartition("/")[2]
    assert where in list_mistakes(schema, text.replace(old, new))


def test_an_added_event_keeps_the_first_line(tmp_path: Path) -> None:
    """`quota set` keeps the first line, which names the schema, and the schema finds no mistake in the new event."""
    project = copy_of_repository(tmp_path)
    done = project.run("quota", "set", "japan", "suspended", "--yes", "--by", "x")
    assert done.returncode == 0, done.stderr
    before, after = (
        (root / "quota_state.yaml").read_text(encoding="utf-8") for root in (REPOSITORY, tmp_path)
    )
    assert after.splitlines()[0] == before.splitlines()[0]
    assert len(after.splitlines()) > len(before.splitlines())
    assert list_mistakes("quota_state.json", after) == []
