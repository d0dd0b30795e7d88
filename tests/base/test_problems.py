"""Problems are printed as text, JSON and workflow commands, with the right exit code."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.problems import InputRefused, Problem, did_you_mean, has_errors
from tests.support.commands import command
from tests.support.invalid_sites import COMMAND, INVALID, Situation
from tests.support.project import NOON, Project

SEVERAL = Situation(INVALID / "several-files-at-once")
ONLY_WARNING = Situation(INVALID / "page-with-byte-order-mark")
_TEXT = re.compile(r"(?P<path>.+?):(?P<line>\d+): (?P<warning>warning: )?(?P<message>.*)")
_GITHUB = re.compile(
    r"::(?P<severity>error|warning) file=(?P<path>.*?),line=(?P<line>\d+),title=(?P<rule>.*?)::(?P<message>.*)"
)


@pytest.fixture
def broken(project: Project) -> Project:
    """A site with errors in several files, and one warning."""
    SEVERAL.arrange(project)
    index = (project.root / "content/en/index.md").read_bytes()
    project.write("content/en/index.md", b"\xef\xbb\xbf" + index)
    return project


@pytest.fixture
def project(project: Project) -> Project:
    """The small site with every page in both languages, so that there is no warning."""
    original = (project.root / "content/en/south-korea.md").read_text(encoding="utf-8")
    project.write("content/nl/south-korea.md", original)
    return project


def as_json(project: Project, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Returns the exit code and the output of `check --format json`, which prints nothing else."""
    done = command(project, *COMMAND, "--format", "json", *arguments)
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return done.returncode, answer


def test_text_is_sorted_and_counted(broken: Project) -> None:
    """Text is printed to standard error: errors, then warnings, each sorted by path and line, then the count."""
    done = command(broken, *COMMAND)

    *lines, count = done.stderr.splitlines()
    matches = [match for line in lines if (match := _TEXT.fullmatch(line))]
    assert len(matches) == len(lines) > 8
    places = [(match["path"], int(match["line"])) for match in matches]
    kinds = [bool(match["warning"]) for match in matches]
    in_order = list(zip(kinds, places, strict=True))
    assert in_order == sorted(in_order)
    assert len({path for path, _ in places}) >= 7
    warnings = sum(bool(match["warning"]) for match in matches)
    assert count == f"{len(lines) - warnings} errors, {warnings} warning"
    assert (done.returncode, done.stdout, warnings) == (1, "", 1)


def test_the_forms_say_the_same(broken: Project) -> None:
    """JSON, workflow commands and text have the same problems in the same order, and the same exit code."""
    text = command(broken, *COMMAND)
    code, answer = as_json(broken)
    github = command(broken, *COMMAND, "--format", "github")

    problems = [Problem(**problem) for problem in answer["problems"]]
    assert len(problems) > 8
    assert [*map(str, problems)] == text.stderr.splitlines()[:-1]
    assert answer["errors"] == sum(problem.severity == "error" for problem in problems)
    assert answer["warnings"] == 1
    commands = [_GITHUB.fullmatch(line) for line in github.stdout.splitlines()]
    assert [
        match and (match["severity"], match["path"], int(match["line"]), match["rule"], match["message"])
        for match in commands
    ] == [
        (problem.severity, problem.path, problem.line, problem.rule, problem.message.replace("%", "%25"))
        for problem in problems
    ]
    assert github.stderr == text.stderr.splitlines(keepends=True)[-1]
    assert code == text.returncode == github.returncode == 1


def test_build_reports_the_same_as_check(broken: Project) -> None:
    """In each format, `build` reports the same problems as `check`, and both exit with 1."""
    for form in ("text", "json", "github"):
        built = command(broken, "build", "--at", NOON, "--format", form)
        checked = command(broken, *COMMAND, "--format", form)
        assert (built.returncode, checked.returncode) == (1, 1)
        if form == "json":
            printed, known = (json.loads(done.stdout) for done in (built, checked))
            for answer in (printed, known):
                answer["problems"].sort(key=str)
            assert printed == known
        else:
            assert sorted(built.stdout.splitlines()) == sorted(checked.stdout.splitlines())
            assert sorted(built.stderr.splitlines()) == sorted(checked.stderr.splitlines())
        assert built.stdout + built.stderr


def test_nothing_to_report(project: Project) -> None:
    """For a site without mistakes, the count is zero in each format and the exit code is 0, even with `--strict`."""
    text, strict = command(project, *COMMAND), command(project, *COMMAND, "--strict")
    github = command(project, *COMMAND, "--format", "github")

    assert as_json(project) == (0, {"problems": [], "errors": 0, "warnings": 0})
    for done in (text, strict, github):
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 errors, 0 warnings\n")


def test_strict_makes_warnings_count(project: Project) -> None:
    """If there are only warnings, the exit code is 0, or 1 with `--strict`. The output is the same."""
    ONLY_WARNING.arrange(project)

    usual, strict = command(project, *COMMAND), command(project, *COMMAND, "--strict")

    assert (usual.returncode, strict.returncode) == (0, 1)
    assert usual.stderr == strict.stderr == ONLY_WARNING.expected
    assert as_json(project)[0] == 0
    code, answer = as_json(project, "--strict")
    assert (code, answer["errors"], answer["warnings"]) == (1, 0, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--at", "today"),
        ("check", "--at", "2026-02-30 12:00"),
        ("check", "--format", "xml"),
        ("check", "--stric"),
        ("check", "contents"),
        ("chek",),
        ("build", "--at", "12:00"),
    ],
    ids=" ".join,
)
def test_wrong_use(arguments: tuple[str, ...], project: Project) -> None:
    """For wrong use, the command prints the reason to standard error and exits with 2, before it reads an input."""
    (project.root / "quota_state.yaml").unlink()

    done = command(project, *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert "build.py" in done.stderr
    assert "Traceback" not in done.stderr
    assert "quota_state" not in done.stderr


def test_a_moment_that_the_zone_lacks_is_wrong_use(project: Project) -> None:
    """A moment that does not exist in the site's time zone is wrong use (exit 2), and the message says what to type."""
    done = command(project, "check", "--at", "2026-03-29 02:30")

    assert (done.returncode, done.stdout) == (2, "")
    assert "does not exist in Europe/Amsterdam" in done.stderr
    assert "2026-03-29 02:30+01:00" in done.stderr


problems = st.builds(
    Problem,
    st.sampled_from(["a.md", "b.md"]),
    st.integers(1, 3),
    st.sampled_from(["one.", "two."]),
    st.just("rule"),
    st.sampled_from(["error", "warning"]),
)


@given(st.lists(problems, max_size=12))
@settings(deadline=None, max_examples=200, derandomize=True)
def test_refused_inputs_carry_each_problem_once(found: list[Problem]) -> None:
    """Problems are sorted by path, line and text, and each is reported once, even if it was found more often."""
    carried = InputRefused(found).problems

    assert set(carried) == set(found)
    assert [*carried] == sorted(
        {*found}, key=lambda problem: (problem.path, problem.line, problem.message, problem.severity)
    )
    assert has_errors(found) == any(problem.severity == "error" for problem in found)


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("titel", ["title", "description"], ' Did you mean "title"?'),
        ("quota-reached", ["open", "quota_reached"], ' Did you mean "quota_reached"?'),
        ("South_Korea", ["japan", "south-korea"], ' Did you mean "south-korea"?'),
        ("china", ["south-korea", "japan"], " Known here: japan, south-korea."),
        ("x", [], ""),
    ],
)
def test_did_you_mean(word: str, known: list[str], hint: str) -> None:
    """The hint names the most similar known word or, if none is similar, all known words."""
    assert did_you_mean(word, known) == hint
