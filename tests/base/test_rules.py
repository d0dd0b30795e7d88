"""The code, the documentation and the situations have the same names of rules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from site_src.builder import Builder
from site_src.check.advice import advise
from site_src.problems import Rule
from site_src.read.tree import load_tree
from tests.support.invalid_sites import situations
from tests.support.project import NOON, REPOSITORY, at, make_project

# Other tests cover these rules: for unreadable files, for a build of the future or of changed code, and for a publisher.
WITHOUT_SITUATION = {
    *("unreadable-file", "quota-foretold", "fact-ahead", "quota-end", "expired"),
    *("kept-content", "template", "crash", "quota-older"),
}


def documented() -> dict[str, set[str]]:
    """Maps each rule to its severities, as the headings and lists of docs/checks.md give them."""
    found: dict[str, set[str]] = {}
    severities: set[str] = set()
    for line in (REPOSITORY / "docs/checks.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            severities = {word.removesuffix("s") for word in line.lower().split()} & {"error", "warning"}
        elif line.startswith("| `"):
            for rule in re.findall(r"`([a-z-]+)`", line.split(" | ")[0]):
                assert rule not in found, f"{rule} is listed twice"
                found[rule] = severities
    return found


def test_every_rule_is_documented_and_no_other() -> None:
    """docs/checks.md lists exactly the rules that a problem can have, each once. The type checker enforces them in the code."""
    assert set(documented()) == set(get_args(Rule))
    assert len(documented()) > 50


def test_every_rule_is_raised_somewhere() -> None:
    """Each rule's name is in the code that raises problems."""
    code = "".join(
        file.read_text(encoding="utf-8")
        for file in (REPOSITORY / "site_src").rglob("*.py")
        if file.name != "problems.py"
    )
    assert [rule for rule in get_args(Rule) if f'"{rule}"' not in code] == []


def test_situations_show_every_rule_with_its_severity(tmp_path: Path) -> None:
    """Each rule has a situation that breaks it, with the documented severity."""
    shown: dict[str, set[str]] = {}
    builder = Builder()  # This converts the texts that all situations have in common, once.
    for situation in situations():
        project = make_project(tmp_path / situation.folder.name)
        situation.arrange(project)
        reading = builder.read(load_tree(project.root))
        advice = advise(reading.manuscript, at(NOON).date()) if reading.manuscript else []
        for problem in (*reading.problems, *advice):
            shown.setdefault(problem.rule, set()).add(problem.severity)
    assert set(documented()) - set(shown) == WITHOUT_SITUATION
    assert {rule: shown[rule] for rule in shown} == {rule: documented()[rule] for rule in shown}
