"""The JSON API: `/api/v1/programmes.json`, a file per programme, and the OpenAPI 3.1 description `/api/v1/openapi.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from site_src.quota.decision import LinkShown
from site_src.quota.status import ProgrammeStatus, PublicChange
from site_src.render.surfaces import paths
from site_src.site.model import Site
from site_src.states import State

SchemaVersion = Literal["1.0"]
SCHEMA_VERSION: SchemaVersion = "1.0"
Addresses = Annotated[Mapping[str, str], Field(description="An address per language code.")]


class Resource(BaseModel):
    """The base of everything that the API serves. Keys are in camelCase, and unknown keys are not allowed."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid", frozen=True)


class RegistrationPeriod(Resource):
    """The beginning of a registration period, of which only the day is known."""

    date: Annotated[date, Field(description="The day on which the period begins, in the time zone below.")]
    certainty: Annotated[
        Literal["expected", "confirmed"],
        Field(
            description="expected: the day can still change, and the period may begin on a later day of the same year."
        ),
    ]
    time_zone: Annotated[str, Field(description="A name of the IANA time zone database.")]


class StateChange(Resource):
    """A change of state in the past."""

    state: State
    since: datetime
    places_available: int | None
    corrected_at: Annotated[
        datetime | None,
        Field(description="When a closing that was a mistake was corrected; null for any other change."),
    ]


class Programme(Resource):
    """A Working Holiday programme, and whether a request for pre-registration makes sense now."""

    id: str
    names: Annotated[Mapping[str, str], Field(description="A name per language code.")]
    scheme: str
    time_zone: Annotated[
        str, Field(description="Where applicants live: a name of the IANA time zone database.")
    ]
    state: Annotated[
        State,
        Field(
            description="open and places_available accept requests. Treat a value that you do not know as closed."
        ),
    ]
    accepting_requests: Annotated[
        bool, Field(description="True if and only if a request for pre-registration makes sense now.")
    ]
    since: Annotated[
        datetime | None, Field(description="When the state began; null before the first change.")
    ]
    places_available: Annotated[
        int | None,
        Field(
            description="The number of places that came back, if it is known and the state is places_available."
        ),
    ]
    places_per_year: Annotated[int | None, Field(description="The number of places in a year, if known.")]
    scheduled_opening: Annotated[
        datetime | None,
        Field(description="When requests will be accepted, if none are accepted now and a moment is set."),
    ]
    next_registration_period: Annotated[
        RegistrationPeriod | None, Field(description="The next known registration period.")
    ]
    conversation_starter: Annotated[
        Mapping[str, str] | None,
        Field(
            description="The address of the request form per language code; null while no request is accepted. Do not store it."
        ),
    ]
    pages: Addresses
    feeds: Addresses
    calendars: Addresses
    embeds: Addresses
    history: Annotated[
        tuple[StateChange, ...], Field(description="Every change until now, the newest first.")
    ]


class Document(Resource):
    """The keys with which every file of the API begins."""

    schema_version: SchemaVersion = SCHEMA_VERSION
    preview: Annotated[
        bool, Field(description="True in a preview with assumed states, which is never published.")
    ]


class ProgrammeDocument(Programme, Document):
    """One programme."""


class ProgrammesDocument(Document):
    """All programmes."""

    programmes: tuple[Programme, ...]


def api_files(site: Site) -> dict[str, bytes]:
    """Returns the files of the API by path, except `openapi.json`."""
    programmes = tuple(_programme(site, status) for status in site.programmes.values())
    preview = bool(site.preview)
    files = {paths.PROGRAMMES: _json(ProgrammesDocument(preview=preview, programmes=programmes))}
    for programme in programmes:
        document = ProgrammeDocument(preview=preview, **dict(programme))
        files[paths.programme_resource(programme.id)] = _json(document)
    return {path.strip("/"): data for path, data in files.items()}


def _json(document: Document) -> bytes:
    return document.model_dump_json(by_alias=True, indent=2).encode() + b"\n"


def _programme(site: Site, status: ProgrammeStatus) -> Programme:
    def addresses(place: Callable[[str, str], str]) -> dict[str, str]:
        return {code: site.base_url + place(code, status.id) for code in site.languages}

    fact = status.facts.get("places_per_year")
    period = next(iter(status.next_registration_periods), None)
    return Programme(
        id=status.id,
        names={code: status.names[code] for code in site.languages},
        scheme=status.scheme,
        time_zone=status.time_zone,
        state=status.state,
        accepting_requests=isinstance(status.link, LinkShown),
        since=status.since,
        places_available=status.places,
        places_per_year=fact.value if fact and isinstance(fact.value, int) else None,
        scheduled_opening=status.opens,
        next_registration_period=RegistrationPeriod(
            date=period.begins, certainty=period.certainty, time_zone=site.time_zone
        )
        if period
        else None,
        conversation_starter=dict(status.link.addresses) if isinstance(status.link, LinkShown) else None,
        pages=addresses(lambda code, programme: site.page(code, programme).route),
        feeds=addresses(paths.feed),
        calendars=addresses(paths.calendar),
        embeds=addresses(paths.embed),
        history=tuple(map(_change, status.changes)),
    )


def _change(change: PublicChange) -> StateChange:
    return StateChange(
        state=change.state, since=change.since, places_available=change.places, corrected_at=change.corrected
    )


DESCRIPTION = Path(__file__).with_name("openapi.json")


def openapi_file(site: Site) -> dict[str, bytes]:
    """Returns `openapi.json`, the description of this site's API, by its path."""
    language = site.languages[site.default_language]
    data = _describe(language.title, language.organisation, site.base_url, tuple(site.programmes))
    return {paths.OPENAPI.strip("/"): data}


@lru_cache(maxsize=4)
def _describe(title: str, organisation: str, base_url: str, programmes: tuple[str, ...]) -> bytes:
    description = json.loads(DESCRIPTION.read_bytes())
    description["info"]["title"] = f"{title}: programmes"
    description["info"]["contact"] = {"name": organisation, "url": base_url}
    description["servers"] = [{"url": base_url + paths.API}]
    (programme,) = description["paths"]["/programmes/{id}.json"]["parameters"]
    programme["schema"]["enum"] = list(programmes)
    return dump_description(description)


def dump_description(description: object) -> bytes:
    """Returns the description in the form in which it is published and stored: JSON, indented by one space per level."""
    return (json.dumps(description, indent=1, ensure_ascii=False) + "\n").encode()
