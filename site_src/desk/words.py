"""The texts of the desk in English and Dutch: states, actions, results and refusals. Also chooses the language of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Phrase(NamedTuple):
    """One text of the desk. The names in {braces} are replaced by values, and are the same in both languages."""

    en: str
    nl: str


LANGUAGES: Mapping[str, str] = {"en": "English", "nl": "Nederlands"}

WORDS: Mapping[str, Phrase] = {
    "title": Phrase("Quota desk", "Quotabalie"),
    "skip": Phrase("Skip to the content", "Naar de inhoud"),
    "logged_in": Phrase("Logged in: {user}", "Ingelogd: {user}"),
    "back": Phrase("Back to the overview", "Terug naar het overzicht"),
    "refresh": Phrase("Look again", "Opnieuw kijken"),
    "refused": Phrase("Refused", "Geweigerd"),
    # The states
    "state_upcoming": Phrase("not open yet", "nog niet open"),
    "state_open": Phrase("open", "open"),
    "state_quota_reached": Phrase("quota reached", "quotum bereikt"),
    "state_places_available": Phrase("places available", "plaatsen beschikbaar"),
    "state_suspended": Phrase("suspended", "opgeschort"),
    "state_unconfirmed": Phrase("cannot be confirmed", "niet te bevestigen"),
    # The overview
    "sees_link": Phrase("Visitors see the link", "Bezoekers zien de link"),
    "sees_no_link": Phrase("Visitors do not see the link", "Bezoekers zien de link niet"),
    "sees_unknown": Phrase(
        "What visitors see is not known", "Wat bezoekers zien, is niet bekend"
    ),
    "seen_ago": Phrase(
        "The public site was read {age} s ago. Its notice: {state}",
        "De openbare site is {age} s geleden gelezen. De melding daar: {state}",
    ),
    "released": Phrase(
        "The published folder was read {age} s ago. The public address is not read, because local.yaml has no probe.",
        "De gepubliceerde map is {age} s geleden gelezen. Het openbare adres wordt niet gelezen, want in local.yaml staat geen probe.",
    ),
    "not_reached": Phrase(
        "The public site could not be read {age} s ago: {reason}. Open the site in your own browser, and call the administrators.",
        "De openbare site was {age} s geleden niet te lezen: {reason}. Open de site zelf in een browser, en bel de beheerders.",
    ),
    "differs": Phrase(
        "The log and the public site differ. Look again in a moment. If they still differ, call the administrators.",
        "Het logboek en de openbare site verschillen. Kijk zo opnieuw. Verschillen ze dan nog steeds, bel dan de beheerders.",
    ),
    "publisher_dead": Phrase(
        "The publisher is not running, so the link is hidden. You can still close here. Ask the administrators to start the publisher.",
        "De publicatiedienst draait niet, dus de link is verborgen. U kunt hier nog wel sluiten. Vraag de beheerders om de dienst te starten.",
    ),
    "held": Phrase(
        "A command has hidden the link, but has not published its change. Make the change again, or call the administrators.",
        "Een opdracht heeft de link verborgen, maar de wijziging niet gepubliceerd. Voer de wijziging opnieuw door, of bel de beheerders.",
    ),
    "log": Phrase("In the log", "In het logboek"),
    "since": Phrase("Since", "Sinds"),
    "places": Phrase("Places", "Plaatsen"),
    "next": Phrase("Next change", "Volgende wijziging"),
    "nothing_next": Phrase("nothing is scheduled", "er is niets gepland"),
    "period": Phrase("Next registration period", "Volgende registratieperiode"),
    "period_confirmed": Phrase("{date}, confirmed", "{date}, bevestigd"),
    "period_expected": Phrase("{date}, expected", "{date}, verwacht"),
    "not_known": Phrase("not known", "niet bekend"),
    "history": Phrase("History", "Geschiedenis"),
    "history_of": Phrase("History: {programme}", "Geschiedenis: {programme}"),
    "scheduled": Phrase("scheduled", "gepland"),
    "by": Phrase("By", "Door"),
    "note": Phrase("Note", "Toelichting"),
    "state": Phrase("State", "Stand"),
    "may_close_only": Phrase(
        "You may hide the link, but not show it.", "U mag de link verbergen, maar niet tonen."
    ),
    "may_open_only": Phrase(
        "You may show the link, but not hide it.", "U mag de link tonen, maar niet verbergen."
    ),
    "may_look": Phrase("You may look, but not change anything.", "U mag kijken, maar niets wijzigen."),
    "log_broken": Phrase(
        "The log cannot be read, so its contents are not shown. A closing still hides the link. Call the administrators, and read this text to them:",
        "Het logboek is niet te lezen, dus de inhoud is hier niet te zien. Met Sluiten kunt u de link ook nu verbergen. Bel de beheerders en lees hun deze tekst voor:",
    ),
    "target_unread": Phrase(
        "The published folder or bucket cannot be read. The states below are from the log. For each programme, this page says what visitors see only if it could read the public site. Call the administrators, and read this text to them:",
        "De gepubliceerde map of bucket is niet te lezen. De standen hieronder komen uit het logboek. Wat bezoekers zien, staat alleen bij een programma als de openbare site gelezen kon worden. Bel de beheerders en lees deze tekst voor:",
    ),
    "content_broken": Phrase(
        "The files of the site contain a mistake. You can still work here. Send this text to the administrators:",
        "De bestanden van de site bevatten een fout. U kunt hier gewoon werken. Stuur deze tekst naar de beheerders:",
    ),
    # The actions
    "do_close": Phrase("Close", "Sluiten"),
    "do_suspend": Phrase("Suspend", "Opschorten"),
    "do_reopen": Phrase("Reopen with places", "Heropenen met plaatsen"),
    "do_open": Phrase("Open", "Openen"),
    "do_schedule": Phrase("Schedule", "Plannen"),
    "do_cancel": Phrase("Cancel the scheduled change", "Geplande wijziging annuleren"),
    "do_undo": Phrase("Undo", "Ongedaan maken"),
    "ask_close": Phrase("Close {programme}: the quota is reached", "{programme} sluiten: het quotum is bereikt"),
    "ask_suspend": Phrase("Suspend {programme} until further notice", "{programme} opschorten tot nader bericht"),
    "ask_reopen": Phrase("Reopen {programme} with places", "{programme} heropenen met plaatsen"),
    "ask_open": Phrase("Open {programme}", "{programme} openen"),
    "ask_schedule": Phrase("Schedule a change for {programme}", "Een wijziging plannen voor {programme}"),
    "ask_cancel": Phrase("Cancel the scheduled change of {programme}", "De geplande wijziging van {programme} annuleren"),
    "ask_undo": Phrase("Undo the last change of {programme}", "De laatste wijziging van {programme} ongedaan maken"),
    "now": Phrase("Now", "Nu"),
    "after": Phrase("After", "Daarna"),
    "from": Phrase("From", "Vanaf"),
    "at_once": Phrase("as soon as you confirm; it is now:", "zodra u bevestigt; het is nu:"),
    "the_link": Phrase("The link", "De link"),
    "link_appears": Phrase("APPEARS: visitors can make requests", "VERSCHIJNT: bezoekers kunnen aanvragen"),
    "link_disappears": Phrase("DISAPPEARS", "VERDWIJNT"),
    "link_stays_shown": Phrase("stays shown", "blijft te zien"),
    "link_stays_hidden": Phrase("stays hidden", "blijft verborgen"),
    "link_if_shown": Phrase("DISAPPEARS, if it is shown", "VERDWIJNT, als die te zien is"),
    "taken_back": Phrase("Taken back", "Teruggenomen"),
    "and_then": Phrase("Then", "Vervolgens"),
    "new_state": Phrase("New state", "Nieuwe stand"),
    "moment": Phrase("Date and time (Dutch time)", "Datum en tijd (Nederlandse tijd)"),
    "offset": Phrase("Only for the hour that occurs twice in autumn", "Alleen voor het uur dat in de herfst twee keer voorkomt"),
    "offset_none": Phrase("not needed", "niet nodig"),
    "offset_summer": Phrase("summer time (+02:00)", "zomertijd (+02:00)"),
    "offset_winter": Phrase("winter time (+01:00)", "wintertijd (+01:00)"),
    "how_many": Phrase(
        "Number of places (published; leave empty if not known)", "Aantal plaatsen (openbaar; leeg laten als het niet bekend is)"
    ),
    "how_many_if": Phrase(
        "Number of places, only for “places available” (published)",
        "Aantal plaatsen, alleen bij ‘plaatsen beschikbaar’ (openbaar)",
    ),
    "show_effect": Phrase("Show what will change", "Toon wat er verandert"),
    "choose_country": Phrase("Tap the country to confirm", "Tik op het land om te bevestigen"),
    "why": Phrase("Note (optional; never published)", "Toelichting (niet verplicht; wordt nooit openbaar)"),
    "confirm_close": Phrase("Close now", "Nu sluiten"),
    "confirm_suspend": Phrase("Suspend now", "Nu opschorten"),
    "confirm_reopen": Phrase("Reopen now", "Nu heropenen"),
    "confirm_open": Phrase("Open now", "Nu openen"),
    "confirm_schedule": Phrase("Schedule it", "Inplannen"),
    "confirm_cancel": Phrase("Cancel it", "Annuleren"),
    "confirm_undo": Phrase("Undo it", "Ongedaan maken"),
    "wrong_country": Phrase(
        "Nothing was changed. Tap {programme} below. If you want a different country, go back to the overview.",
        "Er is niets gewijzigd. Tik hieronder op {programme}. Bedoelt u een ander land, ga dan terug naar het overzicht.",
    ),
    "no_effect": Phrase(
        "This change cannot be made. Nothing was changed. The command printed:",
        "Deze wijziging kan niet. Er is niets gewijzigd. De opdracht meldt:",
    ),
    "it_says": Phrase("What the command printed", "Wat de opdracht meldde"),
    # Results
    "done": Phrase("Done", "Gedaan"),
    "result_done": Phrase("The change was saved and published.", "De wijziging is opgeslagen en gepubliceerd."),
    "result_scheduled": Phrase(
        "The change is scheduled, and the site announces it.", "De wijziging is gepland, en de site kondigt die aan."
    ),
    "result_same": Phrase(
        "This change was already made, by {by}. Nothing was added to the log. The site was published again.",
        "Deze wijziging was al gedaan, door {by}. Er is niets aan het logboek toegevoegd. De site is opnieuw gepubliceerd.",
    ),
    "result_refused": Phrase(
        "Nothing was written to the log. Look below at what visitors see. If the link must be hidden but is shown, try again and call the administrators.",
        "Er is niets in het logboek geschreven. Kijk hieronder wat bezoekers zien. Moet de link verborgen zijn en staat die er nog, probeer het dan opnieuw en bel de beheerders.",
    ),
    "result_other": Phrase(
        "Somebody else was faster: the state is now {state}, by {by}. Your change was not made. Look at the present state, and decide again.",
        "Iemand anders was sneller: de stand is nu {state}, door {by}. Uw wijziging is niet doorgevoerd. Kijk naar de huidige stand, en beslis opnieuw.",
    ),
    "result_written_only": Phrase(
        "The change is in the log, but it is not published. Do not repeat it. Call the administrators at once.",
        "De wijziging staat in het logboek, maar is niet gepubliceerd. Herhaal die niet. Bel direct de beheerders.",
    ),
    "result_pending": Phrase(
        "The change is published, and visitors see the right state. Other changes could not be published, because of a mistake in the files. Report this to the administrators today.",
        "De wijziging is gepubliceerd, en bezoekers zien de juiste stand. Andere wijzigingen konden niet worden gepubliceerd, door een fout in de bestanden. Meld dit vandaag aan de beheerders.",
    ),
    "result_not_shown": Phrase(
        "The change is published on this server, but the public address does not show it yet. Call the administrators at once.",
        "De wijziging is op deze server gepubliceerd, maar het openbare adres toont die nog niet. Bel direct de beheerders.",
    ),
    "result_gate": Phrase(
        "The final check refused the new pages, so the change is not published. Call the administrators at once.",
        "De laatste controle keurde de nieuwe pagina's af, dus de wijziging is niet gepubliceerd. Bel direct de beheerders.",
    ),
    "result_wrong": Phrase(
        "The command did not accept this. Nothing was changed. Correct what you filled in, or send the lines below to the administrators.",
        "De opdracht accepteert dit niet. Er is niets gewijzigd. Verbeter wat u invulde, of stuur de regels hieronder naar de beheerders.",
    ),
    "result_unknown": Phrase(
        "The result is not known yet. Look below at what visitors see, look again in a minute, and call the administrators.",
        "Het resultaat is nog niet bekend. Kijk hieronder wat bezoekers zien, kijk over een minuut opnieuw, en bel de beheerders.",
    ),
    # Refusals before a command runs
    "stale": Phrase(
        "This page is out of date: the log of {programme} was changed in the meantime, last by {by}. Your change was not made. Look at the present state, and decide again.",
        "Deze pagina is verouderd: het logboek van {programme} is intussen gewijzigd, het laatst door {by}. Uw wijziging is niet doorgevoerd. Kijk naar de huidige stand, en beslis opnieuw.",
    ),
    "not_as_shown": Phrase(
        "This page is out of date: this change of {programme} is no longer possible, or would now have a different effect. Nothing was changed. Look at the present state, and decide again.",
        "Deze pagina is verouderd: deze wijziging van {programme} kan niet meer, of heeft nu een ander effect. Er is niets gewijzigd. Kijk naar de huidige stand, en beslis opnieuw.",
    ),
    "somebody": Phrase("a person who is not named", "iemand die niet genoemd is"),
    "refused_token": Phrase(
        "This form is from before a restart of the desk, from another login, or from a browser without cookies. Nothing was changed. Go back to the overview and start again.",
        "Dit formulier is van voor een herstart van de balie, van een andere login, of uit een browser zonder cookies. Er is niets gewijzigd. Ga terug naar het overzicht en begin opnieuw.",
    ),
    "refused_origin": Phrase(
        "This request does not come from a page of the desk. Nothing was changed. Open {address}",
        "Dit verzoek komt niet van een pagina van de balie. Er is niets gewijzigd. Open {address}",
    ),
    "refused_host": Phrase("The desk has a different address. Open {address}", "De balie heeft een ander adres. Open {address}"),
    "refused_user": Phrase(
        "The web server did not report who you are. Send this text to the administrators: the header X-Remote-User is missing, or is not a login.",
        "De webserver meldt niet wie u bent. Stuur deze tekst naar de beheerders: de header X-Remote-User ontbreekt, of is geen login.",
    ),
    "refused_role": Phrase(
        "You may not make this change. Nothing was changed. Ask one of these people: {names}",
        "U mag deze wijziging niet doorvoeren. Er is niets gewijzigd. Vraag dit aan: {names}",
    ),
    "refused_all": Phrase(
        "Nobody may make this change here. Nothing was changed. Call the administrators: local.yaml names nobody for it.",
        "Niemand mag deze wijziging hier doorvoeren. Er is niets gewijzigd. Bel de beheerders: in local.yaml staat daar niemand voor.",
    ),
    "refused_rate": Phrase(
        "Too many requests within a minute. Wait {seconds} s, then try again. If it is urgent, call the administrators.",
        "Te veel verzoeken binnen een minuut. Wacht {seconds} s en probeer het opnieuw. Bel bij spoed de beheerders.",
    ),
    "refused_size": Phrase("This request is too large.", "Dit verzoek is te groot."),
    "refused_form": Phrase("This form is not complete.", "Dit formulier is niet volledig."),
    "refused_method": Phrase("The page does not accept this method.", "De pagina aanvaardt deze methode niet."),
    "not_found": Phrase("This page does not exist.", "Deze pagina bestaat niet."),
    "failed": Phrase(
        "The desk has an internal error. Look at the overview, and call the administrators.",
        "De balie heeft een interne fout. Kijk in het overzicht, en bel de beheerders.",
    ),
}  # fmt: skip


def say(language: str, key: str, **values: object) -> str:
    """Returns the text `key` in the language, with the values filled in."""
    phrase = WORDS[key]
    return (phrase.nl if language == "nl" else phrase.en).format(**values)


def choose_language(accepted: str) -> str:
    """Returns "nl" if the value of a header Accept-Language (RFC 9110, 12.5.4) prefers Dutch to English, otherwise "en"."""
    weights = {"en": 0.0, "nl": 0.0}
    for part in accepted.split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.partition("-")[0].lower()
        if language in weights:
            try:
                weights[language] = max(weights[language], float(weight or 1))
            except ValueError:
                continue
    return "nl" if weights["nl"] > weights["en"] else "en"
