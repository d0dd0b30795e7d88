"""The JSON files match their OpenAPI 3.1 description and the state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from reference.api_models import Document, ProgrammeDocument, ProgrammesDocument
from site_src.render.surfaces.api import (
    DESCRIPTION,
    SCHEMA_VERSION,
    dump_description,
)
from site_src.states import State
from tests.gate.test_links_by_state import LOGS, SHOWN
from tests.support.commands import command
from tests.support.project import NOON, Project
from tests.support.real_site import RealSite, copy_of_repository

LIST, KOREA = "api/v1/programmes.json", "api/v1/programmes/south-korea.json"
STATES = [pytest.param(state, id=str(state)) for state in State if state is not State.UNCONFIRMED]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> RealSite:
    """The repository's own content."""
    return copy_of_repository(tmp_path_factory.mktemp("real") / "site")


def document(files: Mapping[str, bytes], path: str) -> dict[str, Any]:
    """Parses the file as a client does. Fails if a key occurs twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    found: dict[str, Any] = json.loads(files[path], object_pairs_hook=once)
    return found


def schema_errors(files: Mapping[str, bytes], path: str) -> list[str]:
    """Returns the errors of the file according to the published description."""
    import jsonschema  # importing it takes seconds

    description = document(files, "api/v1/openapi.json")
    relative = path.removeprefix("api/v1")
    template = relative if relative in description["paths"] else "/programmes/{id}.json"
    answer = description["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]
    schema = {**answer["schema"], "components": description["components"]}
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(document(files, path))]


def test_the_description_is_openapi(real: RealSite) -> None:
    """A public validator of OpenAPI 3.1 accepts the description. The description names every file of the API."""
    from openapi_spec_validator import OpenAPIV31SpecValidator

    files = real.built(NOON).files
    description = document(files, "api/v1/openapi.json")

    assert list(OpenAPIV31SpecValidator(description).iter_errors()) == []
    assert description["openapi"].startswith("3.1")
    assert description["servers"] == [{"url": "https://working-holiday.example/api/v1"}]
    (id,) = description["paths"]["/programmes/{id}.json"]["parameters"]
    described = {f"api/v1/programmes/{name}.json" for name in id["schema"]["enum"]}
    assert described | {LIST, "api/v1/openapi.json"} == {path for path in files if path.startswith("api/")}


def test_the_description_has_the_schemas_of_the_models(update_golden: bool) -> None:
    """The committed description has the schemas and the version of the models that write the files.

    `make golden` renews the schemas.
    """
    description = json.loads(DESCRIPTION.read_bytes())
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (ProgrammesDocument, "serialization"),
        (ProgrammeDocument, "serialization"),
    ]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")
    for schema in schemas["$defs"].values():
        # The docstrings of the models are for readers of the code.
        schema.pop("description", None)
    expected = dump_description({**description, "components": {"schemas": schemas["$defs"]}})

    if update_golden and DESCRIPTION.read_bytes() != expected:
        DESCRIPTION.write_bytes(expected)
        pytest.skip(f"{DESCRIPTION} renewed, read the difference")
    assert DESCRIPTION.read_bytes() == expected
    answers = [place["get"]["responses"]["200"] for place in description["paths"].values()]
    sent = [answer["headers"]["API-Version"]["schema"]["const"] for answer in answers]
    assert {description["info"]["version"], *sent} == {f"{SCHEMA_VERSION}.0"}


@pytest.mark.parametrize("state", STATES)
def test_served_files_are_valid_against_the_description(real: RealSite, state: State) -> None:
    """In each state, every file of the API is valid according to the description, and has the bytes that the models write."""
    for programme in real.programmes:
        real.set_log(programme, *LOGS[state])

    files = real.built(NOON).files

    for path in (LIST, *(f"api/v1/programmes/{id}.json" for id in real.programmes)):
        assert schema_errors(files, path) == []
        model: type[Document] = ProgrammesDocument if path == LIST else ProgrammeDocument
        read = model.model_validate_json(files[path])
        assert read.model_dump_json(by_alias=True, indent=2).encode() + b"\n" == files[path]


def test_the_description_refuses_what_is_wrong(project: Project) -> None:
    """A file with a missing key, an unknown key or a value of the wrong type is invalid according to the description."""
    files = dict(project.built().files)
    right = document(files, KOREA)
    for wrong in (
        {key: value for key, value in right.items() if key != "acceptingRequests"},
        {**right, "acceptingRequest": True},
        {**right, "state": "closed"},
        {**right, "since": 1},
    ):
        files[KOREA] = json.dumps(wrong).encode()
        assert schema_errors(files, KOREA)


@pytest.mark.parametrize("state", STATES)
def test_a_programme_tells_the_state_of_the_log(project: Project, state: State) -> None:
    """The JSON has the state, link and history of the log. The list and the programme's own file are equal."""
    project.set_log("japan", *LOGS[state])

    files = project.built().files

    own = document(files, "api/v1/programmes/japan.json")
    (listed,) = (item for item in document(files, LIST)["programmes"] if item["id"] == "japan")
    assert {key: value for key, value in own.items() if key not in ("schemaVersion", "preview")} == listed
    assert own["state"] == state
    assert own["acceptingRequests"] == (state in SHOWN)
    host = "https://start.request.test/japan"
    assert own["conversationStarter"] == (
        {"en": f"{host}/en", "nl": f"{host}/nl"} if state in SHOWN else None
    )
    assert [change["state"] for change in own["history"]][:1] == ([state] if state != "upcoming" else [])


def test_moments_are_in_utc_and_keys_in_camel_case(project: Project) -> None:
    """Every time ends with Z, and every key is in camelCase, except keys that are language codes."""
    project.set_log(
        "japan", *LOGS["places_available"], "quota_reached 2026-11-01 10:00", "open 2027-01-01 00:00"
    )
    own = document(project.built().files, "api/v1/programmes/japan.json")

    assert own["since"] == "2026-11-01T09:00:00Z"
    assert [change["since"] for change in own["history"]] == [
        "2026-11-01T09:00:00Z",
        "2026-10-05T07:00:00Z",
        "2026-04-01T09:42:00Z",
        "2025-12-31T23:00:00Z",
    ]
    assert own["scheduledOpening"] == "2026-12-31T23:00:00Z"
    assert own["nextRegistrationPeriod"] == {
        "date": "2027-01-01",
        "certainty": "confirmed",
        "timeZone": "Europe/Amsterdam",
    }
    assert own["placesPerYear"] == 200
    assert own["schemaVersion"] == "1.0"
    assert all(key.isalnum() and key[0].islower() for key in own)


def test_every_address_in_the_api_exists(project: Project) -> None:
    """In each language, the addresses of pages, feeds, calendars and embedded notices lead to published files."""
    files = project.built().files
    own = document(files, KOREA)

    for kind in ("pages", "feeds", "calendars", "embeds"):
        assert set(own[kind]) == {"en", "nl"}
        for address in own[kind].values():
            path = address.removeprefix("https://small.test/")
            assert (f"{path}index.html" if path.endswith("/") else path) in files


def test_what_is_internal_is_not_published(project: Project) -> None:
    """No JSON file says who recorded an event or why."""
    files = project.built().files

    for path in (path for path in files if path.startswith("api/")):
        assert b"desk" not in files[path]
        assert b"telephone" not in files[path]


def test_a_preview_says_so_to_machines(project: Project) -> None:
    """In a build with `--state`, the JSON, feeds, calendars and embedded notices say that they are a preview."""
    assert command(project, "build", "--state", "japan=open", "--out", "preview").returncode == 0

    files = project.published("preview")

    assert document(files, LIST)["preview"] is True
    assert document(project.built().files, LIST)["preview"] is False
    for path in ("en/japan/feed.xml", "en/japan/calendar.ics", "embed/en/japan.html"):
        assert "Preview" in files[path].decode(), path


def test_a_figure_in_words_is_no_number(project: Project) -> None:
    """If the number of places is a text in the programme's file, it is null in the JSON."""
    project.replace("content/programmes/japan.yaml", "value: 200", "value: about two hundred")

    own = document(project.built().files, "api/v1/programmes/japan.json")

    assert own["placesPerYear"] is None
