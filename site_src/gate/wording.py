"""The words that pages must show for a state, worked out from the manuscript alone.

All are in letters, as `markup.letters` gives them, except the title of a notice.
"""

from __future__ import annotations

from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import fill, letters, letters_of_html
from site_src.read.labels import Labels
from site_src.states import State


class Wording:
    """The notices and labels of a manuscript, by language and state, and with a programme's name and facts."""

    def __init__(self, manuscript: Manuscript) -> None:
        self._manuscript = manuscript
        self._content = manuscript.content
        self._settings = manuscript.content.settings

    def labels(self, code: str) -> Labels:
        """The labels of the language, as written."""
        return self._content.labels[code]

    def notice_title(self, code: str, state: State) -> str:
        """The title of the state's notice, as written."""
        return self._content.notices[code, state].meta.title

    def label(self, code: str, state: State) -> str:
        """The short name of the state."""
        return letters(self._content.notices[code, state].meta.label)

    def page_title(self, code: str, state: State, title: str) -> str:
        """The document title of a page with the title `title`."""
        return letters(self._content.notices[code, state].meta.label + title + self._settings.title[code])

    def no_link(self, code: str, state: State) -> str:
        """The text in the place of a hidden link."""
        return letters(self.labels(code).why_no_link.format(notice=self.notice_title(code, state)))

    def programme_state(self, code: str, id: str, state: State) -> str:
        """The line that says the state of a programme."""
        return letters(self.labels(code).programme_state.format(**self._name_and_label(code, id, state)))

    def lane(self, code: str, id: str, state: State) -> str:
        """The name of a programme's lane in the timeline, with its state."""
        return letters(self.labels(code).timeline_lane.format(**self._name_and_label(code, id, state)))

    def notice_body(self, code: str, id: str, state: State) -> str:
        """The label and the text of the state's notice, filled with the programme's facts."""
        facts = {**self._settings.facts, **self._content.programmes[id].facts}

        def value(word: str) -> str:
            owner, _, name = word.rpartition(".")
            own = self._content.programmes[owner].facts if owner else facts
            return str(own[name].figure)

        source = self._content.notices[code, state]
        text = letters_of_html("".join(fill(self._manuscript.markups[source.path], value, str)))
        return letters(source.meta.label) + text

    def _name_and_label(self, code: str, id: str, state: State) -> dict[str, str]:
        name = self._content.programmes[id].names[code]
        return {"programme": name, "state": self._content.notices[code, state].meta.label}
