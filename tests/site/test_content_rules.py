"""Rules for the real site in each state and language: answers come first, pages are signed and dated, words are plain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from tests.gate.test_links_by_state import LOGS
from tests.support.html_pages import HtmlPage, language_of, parsed, text
from tests.support.project import NOON, REPOSITORY
from tests.support.real_site import RealSite, copy_of_repository

Sites = Mapping[str, Mapping[str, bytes]]

# Maps each language of the site to the programme for its readers.
OWN = {"en": "japan", "nl": "japan", "ja": "japan", "ko": "south-korea"}
STATES_WITH_LINK = ("open", "places_available")
# Words that were corrected and must not return.
WORDS_TO_AVOID = {
    "en": ["as far as we know", "present state", "in vain", "be told when", "link to a request", "Tokyo", "Seoul", "Go to the text", "same information", "Journey home"],
    "nl": ["geslaagd", "geen cookies, geen scripts en geen formulieren", "Voor zover wij weten", "Tokio", "MVV", "dezelfde informatie", "Ga naar de tekst", "opent een verzoek"],
    "ja": ["在留許可", "無駄", "お控えください", "遅くとも", "署名を受ける", "東京時間", "日本のプログラム", "入国ビザ", "エクスパット・センター", "セキュリティー", "声明", "どの180日", "最初の期間", "把握している範囲"],
    "ko": ["소용이 없습니다", "헛되이", "늦어도", "보낼 것", "아는 바로는", "어느 180일", "서울 시간", "그 문화", "기본 언어"],
}  # fmt: skip
# "This website" in each language: in an embedded notice, it would mean the partner's website.
THIS_WEBSITE = re.compile(
    r"this (web)?site|deze website|この(ウェブ)?サイト|(?<!\S)이 (웹)?사이트", re.IGNORECASE
)
READERS_ZONE = {"ja": "日本時間", "ko": "한국 시간"}
CJK = r"[\u3040-\u30ff\u4e00-\u9fff]"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> RealSite:
    """The repository's own content."""
    return copy_of_repository(tmp_path_factory.mktemp("content") / "site")


@pytest.fixture(scope="module")
def sites(project: RealSite) -> Sites:
    """Maps each state of the log to the files of the real site with all programmes in that state."""
    built = {}
    for state, log in LOGS.items():
        for programme in project.programmes:
            project.set_log(programme, *log)
        built[state] = project.built(NOON).files
    return built


@pytest.fixture(params=sorted(OWN))
def language(request: pytest.FixtureRequest) -> str:
    """Each language of the site."""
    return str(request.param)


def own_page(files: Mapping[str, bytes], language: str) -> HtmlPage:
    """Returns the page, in this language, of the programme that OWN gives for it."""
    return parsed(files)[f"{language}/{OWN[language]}/index.html"]


def readable(files: Mapping[str, bytes], language: str) -> Iterator[tuple[str, str]]:
    """Yields the path and the words of each page, and of each embedded notice, whose text is in this language."""
    for path, page in parsed(files).items():
        if not path.startswith((f"{language}/", f"embed/{language}/")):
            continue
        foreign = [part for part in page.elements() if part.get("lang") and part is not page.root]
        if not any(part.tag == "article" for part in foreign):
            yield path, f"{page.title} {text(next(page.elements('body')))}"


def test_the_languages_of_these_tests_are_those_of_the_site(project: RealSite) -> None:
    """These tests cover every language of the site."""
    assert sorted(OWN) == sorted(project.languages)


@pytest.mark.parametrize("state", LOGS)
def test_the_notice_answers_before_it_names_the_state(sites: Sites, language: str, state: str) -> None:
    """The heading of a notice is the answer. The name of the state follows as a label, in different words."""
    notice = own_page(sites[state], language).one("quota-notice")

    heading, label = list(notice)[:2]
    assert (heading.tag, label.get("class")) == ("h2", "label")
    assert text(heading) != text(label)


@pytest.mark.parametrize("state", STATES_WITH_LINK)
def test_the_link_comes_before_the_times_and_names_the_language_of_the_form(
    sites: Sites, language: str, state: str
) -> None:
    """The link in a notice is above the times. If the form is in English, the link's words and its `hreflang` say so."""
    page = own_page(sites[state], language)
    notice = page.one("quota-notice")
    kinds = [
        part for part in notice.iter() if part.tag == "time" or part.get("class") == "conversation-starter"
    ]

    assert kinds[0].tag == "a"
    english = {"ja": "英語", "ko": "영어"}.get(language, "")
    assert (kinds[0].get("hreflang") == "en") == bool(english)
    assert english in text(kinds[0])


def test_the_readers_own_time_is_the_first(sites: Sites, language: str) -> None:
    """Japanese and Korean notices give the time in the reader's country first. Other notices give Dutch time first."""
    first, second = own_page(sites["quota_reached"], language).one("quota-notice").find_class("moment")[:2]

    times = [next(part.iter("time")).get("datetime", "") for part in (first, second)]
    assert times[0].endswith("+09:00" if language in READERS_ZONE else "+02:00")
    assert READERS_ZONE.get(language, "") in text(first)


def test_no_text_has_seconds(sites: Sites, language: str) -> None:
    """No page prints the seconds of a time."""
    for files in sites.values():
        for path, words in readable(files, language):
            assert not re.search(r"\d\d[:.]\d\d[:.]\d\d", words), path


def test_places_that_came_free_are_an_event_with_a_date(project: RealSite) -> None:
    """While places are available again, and only then, the page gives their number and the date on which they became free."""
    log = (
        "open 2026-01-01 00:00",
        "quota_reached 2026-04-01 11:42",
        "places_available 2026-10-05 09:00\n    places: 12",
    )
    for programme in project.programmes:
        project.set_log(programme, *log)
    with_places = parsed(project.built(NOON).files)
    for programme in project.programmes:
        project.set_log(programme, *log, "quota_reached 2026-10-06 10:00")
    gone = parsed(project.built(NOON).files)

    for language, programme in OWN.items():
        path = f"{language}/{programme}/index.html"
        (sentence,) = with_places[path].with_class("places")
        assert "12" in text(sentence)
        assert [time.get("datetime") for time in sentence.iter("time")] == ["2026-10-05"]
        assert gone[path].with_class("places") == []


def test_the_footer_has_the_later_day_of_text_and_state(sites: Sites, project: RealSite) -> None:
    """The footer has the date of the page's text or of the last change of state, whichever is later."""
    project.replace("content/en/japan.md", "updated: 2026-11-26", "updated: 2026-01-02")
    for programme in project.programmes:
        project.set_log(programme, *LOGS["places_available"])
    changed = parsed(project.built(NOON).files)["en/japan/index.html"]
    project.replace("content/en/japan.md", "updated: 2026-01-02", "updated: 2026-11-26")

    for page, day in ((changed, "2026-10-05"), (own_page(sites["places_available"], "en"), "2026-11-26")):
        (footer,) = page.elements("footer")
        assert [time.get("datetime") for time in footer.iter("time")] == [day]


def test_titles_name_the_direction_and_the_nationality(sites: Sites, language: str) -> None:
    """The heading of a programme's page names the Netherlands and the required nationality."""
    (heading,) = own_page(sites["open"], language).elements("h1")
    words = {
        "en": ("in the Netherlands", "nationals"),
        "nl": ("in Nederland", "nationaliteit"),
        "ja": ("オランダ", "国籍"),
        "ko": ("네덜란드", "국적"),
    }
    assert all(word in text(heading) for word in words[language])


def test_the_organisation_signs_every_page(sites: Sites, project: RealSite) -> None:
    """Every page names the organisation in its header and footer, and every embedded notice names it."""
    names = project._read("content/site.yaml")["organisation"]
    for path, page in parsed(sites["open"]).items():
        if path.startswith("embed/"):
            assert names[page.language] in text(page.one("quota-notice")), path
            continue
        (header, footer) = (next(page.elements(tag)) for tag in ("header", "footer"))
        assert names[page.language] in text(header), path
        assert names[page.language] in text(footer), path


@pytest.mark.parametrize("state", LOGS)
def test_the_choice_of_language_answers_for_each_programme(sites: Sites, state: str) -> None:
    """The page `/` has an answer for each programme in each language, a description and an `x-default` link."""
    page = parsed(sites[state])["index.html"]

    answers = [(language_of(part), part.get("data-programme")) for part in page.with_class("answer")]
    assert sorted(answers) == sorted((code, id) for code in OWN for id in ("japan", "south-korea"))
    assert {part.get("data-state") for part in page.with_class("answer")} == {state}
    assert "x-default" in [link.get("hreflang") for link in page.head_links("alternate")]
    assert [
        part for part in page.elements("meta") if part.get("name") == "description" and part.get("content")
    ]


@pytest.mark.parametrize("state", LOGS)
def test_an_embedded_notice_never_speaks_of_this_website(sites: Sites, state: str) -> None:
    """An embedded notice names the IND and never says "this website", which would mean the partner's."""
    for path, page in parsed(sites[state]).items():
        if path.startswith("embed/"):
            words = text(page.root)
            assert not THIS_WEBSITE.search(words), path
            assert "IND" in words


def test_the_readers_own_country_is_first_on_home(sites: Sites, language: str) -> None:
    """The home page and the status page begin with the programme for the reader's country.

    If the last programme's page is not translated, its link names the language of that page.
    """
    pages = parsed(sites["open"])
    for path, name in (
        (f"{language}/index.html", "card"),
        (f"{language}/status/index.html", "programme-status"),
    ):
        sections = pages[path].with_class(name)
        assert sections[0].get("data-programme") == OWN[language]
        english = {"ja": "英語", "ko": "영어"}.get(language)
        (more,) = sections[-1].find_class("more")
        assert english is None or (english in text(more) and next(more.iter("a")).get("hreflang") == "en")


def test_the_status_page_gives_states_periods_timeline_and_tables_in_this_order(
    sites: Sites, language: str
) -> None:
    """The status page has the states, each with the length of the last period, then the timeline, then the tables."""
    page = parsed(sites["quota_reached"])[f"{language}/status/index.html"]
    order = [
        part.get("class") or part.tag
        for part in page.elements()
        if part.get("class") in ("programme-status", "timeline") or part.tag == "table"
    ]

    assert order == ["programme-status", "programme-status", "timeline", "changes", "changes"]
    for section in page.with_class("programme-status"):
        assert re.search(r"\b90\D", text(section)), "the period lasted 90 days"


def test_questions_have_a_list_of_contents(sites: Sites, language: str) -> None:
    """The questions page begins with a list of links to its sections."""
    page = parsed(sites["open"])[f"{language}/questions/index.html"]
    (article,) = page.elements("article")
    sections = [part.get("id") for part in article.iter("h2")]
    before = [part for item in article.iter("li") for part in item.iter("a")][: len(sections)]

    assert [str(part.get("href")).removeprefix("#") for part in before] == sections


def test_conditions_are_a_table_with_row_headers(sites: Sites, language: str) -> None:
    """Each row of the table of conditions has a header, which screen readers read out."""
    table = next(own_page(sites["open"], language).elements("table"))

    assert all(
        row[0].tag == "th" and row[0].get("scope") == "row" for body in table.iter("tbody") for row in body
    )


def test_words_that_were_corrected_stay_away(sites: Sites, language: str) -> None:
    """No page or embedded notice contains one of the words that were found misleading or badly translated."""
    found = [
        f"{path}: {word}"
        for files in sites.values()
        for path, words in readable(files, language)
        for word in WORDS_TO_AVOID[language]
        if word in words
    ]
    assert found == []


def test_japanese_has_japanese_punctuation(sites: Sites) -> None:
    """Japanese text has no Latin colon or bracket between Japanese words, and no space where a line ends in the file."""
    faulty = re.compile(rf"{CJK}[:;]|[:;]{CJK}|{CJK} ?\({CJK}|{CJK}\) ?{CJK}|{CJK}\n{CJK}")
    for files in sites.values():
        for path, page in parsed(files).items():
            if path.startswith(("ja/", "embed/ja/")):
                parts = [
                    part
                    for tag in ("p", "li", "dd", "dt", "td", "h1", "h2", "h3")
                    for part in page.elements(tag)
                ]
                words = [str(part.text_content()) for part in parts]
                assert [(path, match[0]) for line in words for match in faulty.finditer(line)] == []


def test_a_dutch_heading_or_button_keeps_pre_registratie_together(sites: Sites) -> None:
    """ "Pre-registratie" has a non-breaking hyphen (U+2011) in Dutch headings and buttons."""
    for path, page in parsed(sites["open"]).items():
        if page.language == "nl":
            parts = [
                *(part for tag in ("h1", "h2", "h3") for part in page.elements(tag)),
                *page.with_class("conversation-starter"),
            ]
            assert [text(part) for part in parts if "pre-registratie" in text(part).lower()] == [], path


def test_paper_has_address_and_organisation(sites: Sites, language: str) -> None:
    """A printed page shows its own address."""
    page = own_page(sites["open"], language)

    assert f"https://working-holiday.example{page.route}" in text(page.one("paper"))


def test_example_data_are_never_taken_for_history(sites: Sites) -> None:
    """While the settings have `example: true`, every page and embedded notice says that its data are examples."""
    for path, page in parsed(sites["open"]).items():
        assert page.with_class("example"), path


def test_links_lead_to_the_intended_page(project: RealSite) -> None:
    """The contact `working_holiday` has the IND's English and Dutch pages, and no two contacts have the same address."""
    contacts = project._read("content/site.yaml")["contacts"]

    assert contacts["working_holiday"] == {
        "en": "https://ind.nl/en/residence-permits/au-pair-and-exchange/working-holiday-residence-permit",
        "nl": "https://ind.nl/nl/verblijfsvergunningen/au-pair-en-uitwisseling/verblijfsvergunning-working-holiday-aanvragen",
    }
    addresses = [contact["en"] for contact in contacts.values()]
    assert len(addresses) == len(set(addresses))


def test_phrases_break_only_in_japanese_headings() -> None:
    """Only Japanese headings and the site's name break at phrases (`auto-phrase`). Other lines break by the strict rules."""
    for name in ("style.css", "embed.css"):
        style = (REPOSITORY / "site_src/render/static" / name).read_text()
        (rule,) = re.findall(r"^(.*)\{ word-break: auto-phrase; \}$", style, re.MULTILINE)
        assert set(re.findall(r"[a-z0-9.]+", rule.replace(":is", "").replace(":lang(ja)", ""))) <= {
            "h1",
            "h2",
            "h3",
            ".site",
        }
        assert "line-break: strict" in style


def test_answers_end_with_where_to_ask_if_nothing_is_known(sites: Sites, language: str) -> None:
    """Each answer that says that a fact is not published links to the IND's contact page."""
    page = parsed(sites["open"])[f"{language}/questions/index.html"]
    unknown = {"en": "published", "nl": "bekendgemaakt", "ja": "公表していません", "ko": "공개"}[language]
    contact = "https://ind-page.example/contact"
    answers = [part for part in page.elements("p") if unknown in text(part) and "IND" in text(part)]

    assert len(answers) >= 3
    assert [text(part) for part in answers if contact not in [a.get("href") for a in part.iter("a")]] == []
