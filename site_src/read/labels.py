"""The words of the interface in one language (menus, headings, links, moments): `content/<language>/_labels.yaml`.

Each key is a field, so a missing or unknown key is reported with its line, and a template that uses an unknown key fails
to render.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from site_src.read.records import Record
from site_src.read.values import Text


class _Placeholders:
    """Requires a text to contain each of `names` once, in braces, and no other braces."""

    def __init__(self, *names: str) -> None:
        self._wanted = sorted(names)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._validate, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        braces = [rf"\{{{name}\}}" for name in self._wanted]
        each = "".join(f"(?=.*{placeholder})" for placeholder in braces)
        pattern = f"^{each}({'|'.join(['[^{}]', *braces])})*$"
        return {**handler(schema), "pattern": pattern, "placeholders": self._wanted}

    def _validate(self, text: str) -> str:
        wanted = self._wanted
        try:
            parts = [part for part in Formatter().parse(text) if part[1] is not None]
        except ValueError:
            parts = None
        if (
            parts is None
            or sorted(str(name) for _, name, _, _ in parts) != wanted
            or any(spec or conversion for _, _, spec, conversion in parts)
        ):
            placeholders = " and ".join(f"{{{name}}}" for name in wanted)
            once = "each once" if len(wanted) > 1 else "once"
            demand = f"must contain {placeholders} {once}, and no other" if wanted else "must not contain"
            raise ValueError(f'"{text}" {demand} braces.')
        return text


def _locale(name: str) -> str:
    if not _has_data(name):
        # Babel is slow to import, and needed only for an alias or an unknown name.
        from babel import Locale, UnknownLocaleError

        try:
            Locale.parse(name, sep="-")
        except (ValueError, UnknownLocaleError):
            raise ValueError(f'"{name}" is not a locale. Write one such as en-GB or nl.') from None
    return name


def _has_data(name: str) -> bool:
    """Returns True if Babel has a data file for exactly this locale. Does not import Babel."""
    babel = find_spec("babel")
    folders = babel.submodule_search_locations if babel else None
    known = re.fullmatch(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]+)*", name, re.ASCII)
    return bool(
        known and folders and Path(folders[0], "locale-data", f"{name.replace('-', '_')}.dat").is_file()
    )


Plain = Annotated[Text, _Placeholders()]
WithDate = Annotated[Text, _Placeholders("date")]
WithLanguage = Annotated[Text, _Placeholders("language")]
WithNumber = Annotated[Text, _Placeholders("number")]
WithProgramme = Annotated[Text, _Placeholders("programme")]
WithState = Annotated[Text, _Placeholders("programme", "state")]
WithWhen = Annotated[Text, _Placeholders("when")]
Places = Annotated[Text, _Placeholders("date", "number")]


class Labels(Record):
    """The words of the interface in one language. All keys are required, in every language."""

    language_name: Plain = Field(description="The language's own name, in the choice of language.")
    locale: Annotated[Text, AfterValidator(_locale)] = Field(
        description="How the language writes dates and numbers: a CLDR locale, such as `en-GB`."
    )
    skip_to_content: Plain = Field(description="First link of a page, for people who use a keyboard.")
    main_menu: Plain = Field(description="Name of the main menu, for screen readers.")
    breadcrumbs: Plain = Field(description="Name of the breadcrumb trail, for screen readers.")
    home: Plain = Field(description="The home page, in the breadcrumb trail.")
    languages: Plain = Field(description="Name of the choice of language, for screen readers.")
    footer_menu: Plain = Field(description="Name of the menu in the footer, for screen readers.")
    updated: WithDate = Field(description="Footer: the day of the page's last change.")
    shown_in_other_language: WithLanguage = Field(
        description="The sentence above a page that is not translated yet."
    )
    footnote_back: WithNumber = Field(description="Name of the link from a footnote back to its mark.")
    box_note: Plain = Field(description="Title of a box `> [!NOTE]`.")
    box_tip: Plain = Field(description="Title of a box `> [!TIP]`.")
    box_important: Plain = Field(description="Title of a box `> [!IMPORTANT]`.")
    box_warning: Plain = Field(description="Title of a box `> [!WARNING]`.")
    publisher: Annotated[Text, _Placeholders("organisation")] = Field(
        description="Footer, page `/` and notices in frames: who runs the site."
    )
    example_data: Plain = Field(
        description="The sentence in the footer while `example` is true in `content/site.yaml`."
    )
    print_note: Annotated[Text, _Placeholders("address")] = Field(
        description="On paper: the page's address, and that the website says what is true now."
    )
    conversation_starter: Plain = Field(
        description="The conversation starter. It fits one line of a telephone, so it does not name the programme."
    )
    conversation_starter_other_language: WithLanguage = Field(
        description="The same if the request form is in a different language from the page."
    )
    conversation_starter_for: WithProgramme = Field(
        description="The name of the programme, after the conversation starter, for screen readers."
    )
    since: Plain = Field(description="Notice: the words before the date and time at which the state began.")
    opens: Plain = Field(
        description="Notice: the words before the date and time of a scheduled opening, or before `date_not_known`."
    )
    opens_at: WithWhen = Field(
        description="The heading of the notice of `upcoming` if the time of the opening or a confirmed day is known."
    )
    opens_expected: WithWhen = Field(description="The same if an expected day is known.")
    next_registration_period_confirmed: Plain = Field(
        description="Notice: the words before the confirmed day on which the next registration period begins."
    )
    next_registration_period_expected: Plain = Field(description="The same for an expected day.")
    expected_reason: Plain = Field(
        description="The sentence beside the expected day of a registration period that has no `reason` of its own."
    )
    hour_not_known: Plain = Field(
        description="The sentence beside the day on which a registration period begins. It says that the hour is not known."
    )
    date_not_known: Plain = Field(description="Notice: the words in place of a date that is not known.")
    places: Plain = Field(
        description="Status page: the heading of the column with the places that came free."
    )
    one_place_came_free: Places = Field(
        description="Notice, card and feed: how many places came free, for a number that takes the singular. Japanese and Korean have no singular."
    )
    places_came_free: Places = Field(description="The same for any other number of places.")
    why_no_link: Annotated[Text, _Placeholders("notice")] = Field(
        description="On a programme's page, in place of a hidden conversation starter; `{notice}` is the notice's title."
    )
    preview: Plain = Field(description="The sentence at the top of each page of a preview.")
    date_and_time: Annotated[Text, _Placeholders("date", "time")] = Field(description="A date with its time.")
    in_dutch_time: Annotated[Text, _Placeholders("moment")] = Field(
        description="A date and time in the site's time zone."
    )
    clock_time: Annotated[Text, _Placeholders("hours", "minutes")] = Field(
        description="The time of day, such as `11:42` or `11.42`."
    )
    first_time: Literal["site", "programme"] = Field(
        description="Which time comes first: the site's, or the programme's if most readers of the language live there."
    )
    in_programme_time: Annotated[Text, _Placeholders("moment", "zone")] = Field(
        description="The same date and time in the programme's time zone; `{zone}` comes from `time_zone_names` of the programme."
    )
    programmes: Plain = Field(description="Home page: the heading above the programmes.")
    more_about: WithProgramme = Field(description="The link to a programme's page.")
    history_of: WithProgramme = Field(
        description="Status page: the title of a programme's changes. Also the feed's title."
    )
    programme_state: WithState = Field(
        description="Feed: the title of a change. Page `/`: the line with a programme and its state."
    )
    places_lasted: Annotated[Text, _Placeholders("date", "duration")] = Field(
        description="Status page: how long places lasted in a past period that ended when the quota was reached."
    )
    corrected: Annotated[Text, _Placeholders("moment")] = Field(
        description="Status page and feed: the sentence about a closing by mistake. It says when the mistake was corrected."
    )
    when: Plain = Field(description="Status page: the heading of the column with dates and times.")
    state: Plain = Field(description="Status page: the heading of the column with states.")
    no_changes: Plain = Field(
        description="Status page: the sentence in place of the changes while there are none."
    )
    changes_in_year: Annotated[Text, _Placeholders("year")] = Field(
        description="Status page: the link to all changes of a year. Also that page's title."
    )
    choose_language: Plain = Field(
        description="Page `/`: the invitation to choose the language, beside the language's name."
    )
    root_description: Plain = Field(description="Page `/`: its description for search engines.")
    not_found: Plain = Field(description="Page `404.html`: its title.")
    not_found_text: Plain = Field(description="Page `404.html`: its text.")
    not_found_home: Plain = Field(description="Page `404.html`: the link to the home page.")
    menu: Plain = Field(description="The button that opens the main menu on a narrow screen.")
    programme_in_other_language: Annotated[Text, _Placeholders("language", "programme")] = Field(
        description="Menus, cards and status page: the link to a programme's page that is not translated. `{language}` is the language of that page."
    )
    timeline: Plain = Field(description="Status page: the heading of the timeline.")
    timeline_note: Plain = Field(description="Status page: how to read the timeline.")
    timeline_lane: WithState = Field(
        description="Status page: the label of a row of the timeline. Also the title of a notice in a frame."
    )
    subscribe: Plain = Field(description="A programme's page: the heading above feed and calendar.")
    subscribe_feed: Plain = Field(description="The link to the feed.")
    subscribe_calendar: Plain = Field(description="The link to the calendar.")
    calendar_of: WithProgramme = Field(description="The calendar's name.")
    calendar_period: WithProgramme = Field(
        description="Calendar: the title of the entry for the expected beginning of a registration period."
    )
    calendar_period_confirmed: WithProgramme = Field(
        description="Calendar: the title of the entry for the confirmed beginning of a registration period."
    )
    calendar_opening: WithProgramme = Field(
        description="Calendar: the title of the entry for a scheduled opening."
    )
    see_page: Plain = Field(
        description="Feed and calendar: the sentence that says where to read the present state."
    )
    embed_source: WithProgramme = Field(
        description="On a partner's page, the link to our page: it names the website, which is not the partner's."
    )
    moved: Plain = Field(description="Page at the old address of a moved page: its title.")
    moved_to: Annotated[Text, _Placeholders("page")] = Field(
        description="Page at the old address of a moved page: its text with the link."
    )
