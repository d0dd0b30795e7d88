"""A fresh checkout installs exactly the locked versions in any folder, and CI installs the programs of the tests."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.project import NOON, REPOSITORY
from tests.support.skipped import INSTALL_HINT, name_what_is_missing

SITE_LOCK, TEST_LOCK = "requirements.lock", "requirements-dev.lock"
EXTRA_LOCKS = {f"requirements-{extra}.lock": extra for extra in ("archive", "desk", "pictures", "store")}
LOCKS = (SITE_LOCK, TEST_LOCK, *EXTRA_LOCKS)

Pins = Mapping[str, Version]


def read_entries(lock: str) -> list[str]:
    """Returns one line for each package of the lock: its version, marker and hashes."""
    text = (REPOSITORY / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [entry for entry in text.splitlines() if entry and not entry.startswith("#")]


def read_pins(lock: str) -> Pins:
    """Maps each package that the lock installs in this environment to its version."""
    requirements = [Requirement(entry.partition("--hash")[0]) for entry in read_entries(lock)]
    return {
        canonicalize_name(requirement.name): Version(str(requirement.specifier).removeprefix("=="))
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate()
    }


def read_wanted(lock: str) -> list[str]:
    """Returns the requirements in pyproject.toml from which the lock is made."""
    document = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    project = document["project"]
    wanted: list[str] = project["dependencies"]
    if lock == SITE_LOCK:
        return wanted
    extras = project["optional-dependencies"]
    if lock in EXTRA_LOCKS:
        return [*wanted, *extras[EXTRA_LOCKS[lock]]]
    return [
        *wanted,
        *document["dependency-groups"]["dev"],
        *(line for extra in extras.values() for line in extra),
    ]


def find_unpinned(wanted: Iterable[str], pins: Pins, requires: Callable[[str], Iterable[str]]) -> set[str]:
    """Returns each requirement that no pin satisfies: those in `wanted`, and those of every required package.

    `requires` returns the requirements in a package's metadata. Requested extras are included.
    """
    unpinned: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(line), "") for line in wanted]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name not in pins or not requirement.specifier.contains(pins[name], prereleases=True):
            unpinned.add(str(requirement))
            continue
        for asked in {"", *requirement.extras} - {extra for other, extra in seen if other == name}:
            seen.add((name, asked))
            waiting += [(Requirement(line), asked) for line in requires(name)]
    return unpinned


# Licences allowed on a publishing host. Each one allows use, change and distribution, and does not extend to our own code.
LICENCES = {"MIT", "MIT-0", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0"}
# The SPDX names of licences that packages name differently.
_SAID_OTHERWISE = {
    "Apache 2.0": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
}


def find_licences(package: str) -> set[str]:
    """Returns the SPDX names of the licences under which the package is available."""
    metadata = importlib.metadata.metadata(package)
    classifiers = [line for line in metadata.get_all("Classifier", []) if line.startswith("License")]
    said = metadata["License-Expression"] or metadata["License"] or " OR ".join(classifiers)
    return {_SAID_OTHERWISE.get(name, name) for name in said.split(" OR ")}


@pytest.mark.parametrize("lock", [SITE_LOCK, *EXTRA_LOCKS])
def test_every_licence_is_on_the_list(lock: str) -> None:
    """Each package that a publishing host installs is available under a licence in LICENCES."""
    found = {package: find_licences(package) for package in read_pins(lock)}

    assert found
    assert {package: offered for package, offered in found.items() if not offered & LICENCES} == {}


def test_the_list_of_components_is_that_of_the_lock(tmp_path: Path) -> None:
    """`make sbom` lists exactly the packages in the site's lock, with their versions."""
    words = re.search(r"^\t\$\(BIN\)/cyclonedx-py (.*)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert words
    file = tmp_path / "sbom.cdx.json"
    command = [
        Path(sys.executable).parent / "cyclonedx-py",
        *words[1].replace("sbom.cdx.json", str(file)).split(),
    ]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    found = json.loads(file.read_text())["components"]
    pinned = [Requirement(entry.partition("--hash")[0]) for entry in read_entries(SITE_LOCK)]

    assert {(part["name"], part["version"]) for part in found} == {
        (pin.name, str(pin.specifier).removeprefix("==")) for pin in pinned
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_closed(lock: str) -> None:
    """Every requirement of every package in the lock, including those of its extras, is pinned in the same lock."""
    pins = read_pins(lock)
    installed = {name: Version(importlib.metadata.version(name)) for name in pins}
    assert installed == pins, "this environment is not the lock's: make check"
    assert (
        find_unpinned(read_wanted(lock), pins, lambda name: importlib.metadata.requires(name) or []) == set()
    )
    lines = [f"{name}=={version}" for name, version in pins.items()]
    assert find_unpinned(lines, pins, lambda name: importlib.metadata.requires(name) or []) == set()


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ({}, set()),
        ({"paint": None}, {"paint>=2", "paint[fine]"}),
        ({"paint": "1.9"}, {"paint>=2"}),
        ({"brush": None}, {'brush; extra == "fine"'}),
        ({"hair": None}, {"hair[long]"}),
        ({"comb": None}, {'comb; extra == "long"'}),
        ({"old-python": None, "glaze": None}, set()),
    ],
    ids=["closed", "requirement", "version", "extra", "of-extra", "extra-of-extra", "not-here"],
)
def test_a_lock_that_is_not_closed_is_seen(missing: Mapping[str, str | None], expected: set[str]) -> None:
    """A requirement that no pin satisfies is found, even if only an extra, or an extra of that extra, requires it."""
    metadata = {
        "picture": ["paint>=2", 'old-python; python_version < "3.9"'],
        "paint": ['brush; extra == "fine"', 'glaze; extra == "shiny"'],
        "brush": ["hair[long]"],
        "hair": ['comb; extra == "long"', "Paint"],
    }
    full = {"picture": "1", "paint": "2.1", "brush": "3", "hair": "4", "comb": "5"}
    versions: dict[str, str | None] = {**full, **missing}
    pins = {name: Version(version) for name, version in versions.items() if version}
    found = find_unpinned(["picture", "paint[fine]"], pins, lambda name: metadata.get(name, []))
    assert found == expected


def test_the_tests_run_with_the_versions_of_the_site() -> None:
    """The lock of the tests has every package of the site's lock, with the same version."""
    assert read_pins(SITE_LOCK).items() <= read_pins(TEST_LOCK).items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_pins_everything(lock: str) -> None:
    """Each package in the lock has one exact version and hashes of its files, but no address to download it from."""
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(
        r"--(index-url|extra-index-url|find-links|trusted-host|editable)|^-", text, re.MULTILINE
    )
    entries = read_entries(lock)
    assert len(entries) > 5
    form = re.compile(r"[a-z0-9.-]+(\[[a-z,]+\])?==[\w.+]+( ; [^#@]+?)?( +--hash=sha256:[0-9a-f]{64})+ *")
    assert [entry for entry in entries if not form.fullmatch(entry)] == []


def test_the_lock_of_npm_names_no_host_and_pins_everything() -> None:
    """Each package in the npm lock of the tests has one exact version and a digest, but no address to download it from."""
    folder = REPOSITORY / "tests" / "browser"
    text = (folder / "package-lock.json").read_text(encoding="utf-8")
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = json.loads(text)["packages"]

    assert "://" not in text
    assert "resolved" not in text
    assert {f"node_modules/{name}": version for name, version in wanted.items()} == {
        path: package["version"] for path, package in packages.items() if path
    }
    assert all(package["integrity"].startswith("sha512-") for path, package in packages.items() if path)


def test_make_installs_what_is_locked_and_nothing_else() -> None:
    """`make` installs from one lock at a time, resolves and builds nothing, and then runs `pip check`."""
    steps = [step for step in list_steps(REPOSITORY, ".venv/.dev") if " pip " in step]
    assert [step.rpartition(" ")[2] for step in steps] == [SITE_LOCK, "check", TEST_LOCK, "check"]
    for step in steps[::2]:
        assert {"--require-hashes", "--no-deps", "--only-binary=:all:"} <= set(step.split())


def list_steps(folder: Path, target: str) -> list[str]:
    """Returns the commands that `make` would run in a checkout in this folder, if nothing is installed yet."""
    makefile = str(REPOSITORY / "Makefile")
    words = ["make", "--dry-run", "--always-make", "--no-print-directory", "-f", makefile, target]
    for lock in LOCKS if folder != REPOSITORY else ():
        (folder / lock).touch()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.check_output(words, cwd=folder, env=environment, text=True).splitlines()


@pytest.mark.parametrize(("name", "linked"), [(b"caf\xc3\xa9 (1)", False), (b"caf\xff", True)])
def test_make_keeps_the_environment_elsewhere_where_its_path_is_not_utf8(
    tmp_path: Path, name: bytes, linked: bool
) -> None:
    """If the path of a checkout is not UTF-8, .venv is a link to a folder whose path is. Otherwise, .venv is a folder."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    folder.mkdir()
    steps = list_steps(folder, ".venv/.site")
    assert any(step.startswith("python3 -m venv ") for step in steps)
    assert any("ln -sfn" in step for step in steps) == linked


def test_the_site_is_built_in_a_checkout_whose_path_is_not_utf8(tmp_path: Path) -> None:
    """A checkout whose path is not UTF-8 builds the same files as any other checkout, even if it builds for a second time."""
    built = {build_in_copy(tmp_path / os.fsdecode(name)) for name in (b"plain", b"caf\xff")}
    assert len(built) == 1


def build_in_copy(folder: Path) -> frozenset[tuple[str, bytes]]:
    """Returns the path and content of each file that a copy of this checkout in the folder has built after two builds."""
    for name in ("site_src", "content"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("build.py", "quota_state.yaml"):
        shutil.copy(REPOSITORY / name, folder)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "build.py", "--at", NOON],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    files = [path for path in (folder / "dist").resolve().rglob("*") if path.is_file()]
    return frozenset(
        (str(path.relative_to((folder / "dist").resolve())), path.read_bytes()) for path in files
    )


def test_a_command_starts_where_python_does_not_search_its_own_folder(tmp_path: Path) -> None:
    """With PYTHONSAFEPATH=1, `python build.py` finds its modules, whatever the current folder is."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "build.py"), "--help"],
        cwd=tmp_path,
        env=environment | {"PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_building_a_package_is_refused_in_words() -> None:
    """`pip wheel .` needs no library to say that Quotabord is not a package, and what to type instead."""
    document = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    system = document["build-system"]
    assert system["requires"] == []
    code = f"import {system['build-backend']} as backend; backend.get_requires_for_build_wheel({{}})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY / system["backend-path"][0],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Quotabord is not a package")
    assert "make site" in done.stderr


def test_ci_installs_what_a_skipped_test_asks_for() -> None:
    """`.ci/run` installs each Debian package that a skipped test or CONTRIBUTING.md names."""
    tests = {path for path in (REPOSITORY / "tests").glob("**/*.py") if "node_modules" not in path.parts}
    sources = [*(tests - {Path(__file__)}), REPOSITORY / "CONTRIBUTING.md"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    asked = {package for hint in INSTALL_HINT.findall(" ".join(text.split())) for package in hint.split()}
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    installed = set(re.findall(r"^need (\S+) \S", script, re.MULTILINE))
    assert {"nginx-light", "wrk", "rsync", "openssl", "chromium", "npm"} <= asked
    assert asked <= installed


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ([], ""),
        (["needs /proc, to see that a process waits"], ""),
        (
            ["wrk is not installed: apt-get install wrk", "b: apt-get install a1 wrk"],
            "apt-get install a1 wrk",
        ),
        (
            ["no axe-core: apt-get install npm, then npm ci --prefix tests/browser", "(apt-get install a1)"],
            "apt-get install a1 npm, then npm ci --prefix tests/browser",
        ),
    ],
)
def test_one_line_says_what_to_install(reasons: list[str], expected: str) -> None:
    """At the end of a run, one command names all packages that skipped tests need, each once."""
    assert name_what_is_missing(reasons) == expected
