"""The code, docs/checks.md and the situations of tests/sites/invalid/ have the same rules."""

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

# Raised for unreadable files, for future moments, for code, or by a publisher. Other tests cover these rules.
WITHOUT_SITUATION = {
    *("unreadable-file", "quota-foretold", "fact-ahead", "quota-end", "expired"),
    *("kept-content", "template", "crash", "quota-older"),
}


def documented() -> dict[str, set[str]]:
    """Maps each rule in docs/checks.md to its severities, which the heading above it gives."""
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
    """docs/checks.md lists exactly the rules of the code, and each one once."""
    assert set(documented()) == set(get_args(Rule))
    assert len(documented()) > 50


def test_every_rule_is_raised_somewhere() -> None:
    """Each rule's name occurs in the code outside of problems.py."""
    code = "".join(
        file.read_text(encoding="utf-8")
        for file in (REPOSITORY / "site_src").rglob("*.py")
        if file.name != "problems.py"
    )
    assert [rule for rule in get_args(Rule) if f'"{rule}"' not in code] == []


def test_situations_show_every_rule_with_its_severity(tmp_path: Path) -> None:
    """For each rule, a situation has a problem of this rule, with the documented severity."""
    shown: dict[str, set[str]] = {}
    builder = Builder()  # one builder converts the texts that situations share only once
    for situation in situations():
        project = make_project(tmp_path / situation.folder.name)
        situation.arrange(project)
        reading = builder.read(load_tree(project.root))
        advice = advise(reading.manuscript, at(NOON).date()) if reading.manuscript else []
        for problem in (*reading.problems, *advice):
            shown.setdefault(problem.rule, set()).add(problem.severity)
    assert set(documented()) - set(shown) == WITHOUT_SITUATION
    assert {rule: shown[rule] for rule in shown} == {rule: documented()[rule] for rule in shown}
