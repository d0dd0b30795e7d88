"""The words of the interface in one language (menus, headings, links, moments): `content/<language>/_labels.yaml`.

Each key is a field, so a missing or unknown key is reported with its line, and a template that uses an unknown key fails
to render.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from site_src.read.label_types import (
    Locale,
    Placeholders,
    Places,
    Plain,
    WithDate,
    WithLanguage,
    WithNumber,
    WithProgramme,
    WithState,
    WithWhen,
)
from site_src.read.records import Record
from site_src.read.values import Text


def _use(description: str) -> Any:
    """Returns a required key that is used as described."""
    return Field(description=description)


class Labels(Record):
    """The words of the interface in one language. All keys are required, in every language."""

    language_name: Plain = _use("The language's own name, in the choice of language.")
    locale: Locale = _use("How the language writes dates and numbers: a CLDR locale, such as `en-GB`.")
    skip_to_content: Plain = _use("First link of a page, for people who use a keyboard.")
    main_menu: Plain = _use("Name of the main menu, for screen readers.")
    breadcrumbs: Plain = _use("Name of the breadcrumb trail, for screen readers.")
    home: Plain = _use("The home page, in the breadcrumb trail.")
    languages: Plain = _use("Name of the choice of language, for screen readers.")
    footer_menu: Plain = _use("Name of the menu in the footer, for screen readers.")
    updated: WithDate = _use("Footer: the day of the page's last change.")
    shown_in_other_language: WithLanguage = _use("The sentence above a page that is not translated yet.")
    footnote_back: WithNumber = _use("Name of the link from a footnote back to its mark.")
    box_note: Plain = _use("Title of a box `> [!NOTE]`.")
    box_tip: Plain = _use("Title of a box `> [!TIP]`.")
    box_important: Plain = _use("Title of a box `> [!IMPORTANT]`.")
    box_warning: Plain = _use("Title of a box `> [!WARNING]`.")
    publisher: Annotated[Text, Placeholders("organisation")] = _use(
        "Footer, page `/` and notices in frames: who runs the site."
    )
    example_data: Plain = _use("The sentence in the footer while `example` is true in `content/site.yaml`.")
    print_note: Annotated[Text, Placeholders("address")] = _use(
        "On paper: the page's address, and that the website says what is true now."
    )
    conversation_starter: Plain = _use(
        "The conversation starter. It fits one line of a telephone, so it does not name the programme."
    )
    conversation_starter_other_language: WithLanguage = _use(
        "The same if the request form is in a different language from the page."
    )
    conversation_starter_for: WithProgramme = _use(
        "The name of the programme, after the conversation starter, for screen readers."
    )
    since: Plain = _use("Notice: the words before the date and time at which the state began.")
    opens: Plain = _use(
        "Notice: the words before the date and time of a scheduled opening, or before `date_not_known`."
    )
    opens_at: WithWhen = _use(
        "The heading of the notice of `upcoming` if the time of the opening or a confirmed day is known."
    )
    opens_expected: WithWhen = _use("The same if an expected day is known.")
    next_registration_period_confirmed: Plain = _use(
        "Notice: the words before the confirmed day on which the next registration period begins."
    )
    next_registration_period_expected: Plain = _use("The same for an expected day.")
    expected_reason: Plain = _use(
        "The sentence beside the expected day of a registration period that has no `reason` of its own."
    )
    hour_not_known: Plain = _use(
        "The sentence beside the day on which a registration period begins. It says that the hour is not known."
    )
    date_not_known: Plain = _use("Notice: the words in place of a date that is not known.")
    places: Plain = _use("Status page: the heading of the column with the places that came free.")
    one_place_came_free: Places = _use(
        "Notice, card and feed: how many places came free, for a number that takes the singular. Japanese and Korean have no singular."
    )
    places_came_free: Places = _use("The same for any other number of places.")
    why_no_link: Annotated[Text, Placeholders("notice")] = _use(
        "On a programme's page, in place of a hidden conversation starter; `{notice}` is the notice's title."
    )
    preview: Plain = _use("The sentence at the top of each page of a preview.")
    date_and_time: Annotated[Text, Placeholders("date", "time")] = _use("A date with its time.")
    in_dutch_time: Annotated[Text, Placeholders("moment")] = _use("A date and time in the site's time zone.")
    clock_time: Annotated[Text, Placeholders("hours", "minutes")] = _use(
        "The time of day, such as `11:42` or `11.42`."
    )
    first_time: Literal["site", "programme"] = _use(
        "Which time comes first: the site's, or the programme's if most readers of the language live there."
    )
    in_programme_time: Annotated[Text, Placeholders("moment", "zone")] = _use(
        "The same date and time in the programme's time zone; `{zone}` comes from `time_zone_names` of the programme."
    )
    programmes: Plain = _use("Home page: the heading above the programmes.")
    more_about: WithProgramme = _use("The link to a programme's page.")
    history_of: WithProgramme = _use(
        "Status page: the title of a programme's changes. Also the feed's title."
    )
    programme_state: WithState = _use(
        "Feed: the title of a change. Page `/`: the line with a programme and its state."
    )
    places_lasted: Annotated[Text, Placeholders("date", "duration")] = _use(
        "Status page: how long places lasted in a past period that ended when the quota was reached."
    )
    corrected: Annotated[Text, Placeholders("moment")] = _use(
        "Status page and feed: the sentence about a closing by mistake. It says when the mistake was corrected."
    )
    when: Plain = _use("Status page: the heading of the column with dates and times.")
    state: Plain = _use("Status page: the heading of the column with states.")
    no_changes: Plain = _use("Status page: the sentence in place of the changes while there are none.")
    changes_in_year: Annotated[Text, Placeholders("year")] = _use(
        "Status page: the link to all changes of a year. Also that page's title."
    )
    choose_language: Plain = _use(
        "Page `/`: the invitation to choose the language, beside the language's name."
    )
    root_description: Plain = _use("Page `/`: its description for search engines.")
    not_found: Plain = _use("Page `404.html`: its title.")
    not_found_text: Plain = _use("Page `404.html`: its text.")
    not_found_home: Plain = _use("Page `404.html`: the link to the home page.")
    menu: Plain = _use("The button that opens the main menu on a narrow screen.")
    programme_in_other_language: Annotated[Text, Placeholders("language", "programme")] = _use(
        "Menus, cards and status page: the link to a programme's page that is not translated. `{language}` is the language of that page."
    )
    timeline: Plain = _use("Status page: the heading of the timeline.")
    timeline_note: Plain = _use("Status page: how to read the timeline.")
    timeline_lane: WithState = _use(
        "Status page: the label of a row of the timeline. Also the title of a notice in a frame."
    )
    subscribe: Plain = _use("A programme's page: the heading above feed and calendar.")
    subscribe_feed: Plain = _use("The link to the feed.")
    subscribe_calendar: Plain = _use("The link to the calendar.")
    calendar_of: WithProgramme = _use("The calendar's name.")
    calendar_period: WithProgramme = _use(
        "Calendar: the title of the entry for the expected beginning of a registration period."
    )
    calendar_period_confirmed: WithProgramme = _use(
        "Calendar: the title of the entry for the confirmed beginning of a registration period."
    )
    calendar_opening: WithProgramme = _use("Calendar: the title of the entry for a scheduled opening.")
    see_page: Plain = _use("Feed and calendar: the sentence that says where to read the present state.")
    embed_source: WithProgramme = _use(
        "On a partner's page, the link to our page: it names the website, which is not the partner's."
    )
    moved: Plain = _use("Page at the old address of a moved page: its title.")
    moved_to: Annotated[Text, Placeholders("page")] = _use(
        "Page at the old address of a moved page: its text with the link."
    )
