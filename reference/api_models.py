"""Describes the JSON API as models: the keys of each file, with their types and their meaning.

The schemas in `site_src/render/surfaces/openapi.json` come from these models, and a test reads each published file with them. The
commands do not use them, because building the models takes longer than rendering the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from site_src.states import State

SchemaVersion = Literal["1.0"]
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

    schema_version: SchemaVersion = "1.0"
    preview: Annotated[
        bool, Field(description="True in a preview with assumed states, which is never published.")
    ]


class ProgrammeDocument(Programme, Document):
    """One programme."""


class ProgrammesDocument(Document):
    """All programmes."""

    programmes: tuple[Programme, ...]
