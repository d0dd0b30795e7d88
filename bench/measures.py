"""Measures how easy the code is to maintain: `make measures`, or `python -m bench.measures --tests` to include the tests' time.

Counts lines and pass-through parameters in the source. Counts entered modules and opened files while real commands run on a copy
of the repository's own content.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "site_src"
# Runs one command with a profiler and an audit hook, and writes their findings as JSON to the file descriptor argv[1].
_PROBE = """
import json, os, sys
entered, opened = set(), []
def profile(frame, event, _):
    if event == "call" and frame.f_code.co_filename.endswith(".py") and "site_src" in frame.f_code.co_filename and frame.f_code.co_name != "<module>":
        entered.add(frame.f_code.co_filename)
def audit(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        opened.append(os.fsdecode(args[0]))
sys.addaudithook(audit)
import threading
threading.setprofile(profile)
sys.setprofile(profile)
from pathlib import Path
from typing import Any
from site_src.cli import main
code = main(sys.argv[2:], root=Path.cwd())
sys.setprofile(None)
os.write(int(sys.argv[1]), json.dumps({"code": code, "entered": sorted(entered), "opened": opened}).encode())
"""


def main() -> int:
    """Prints a line for each measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.measures", description=__doc__)
    parser.add_argument(
        "--tests", action="store_true", help="run the whole test suite as well, and print its time"
    )
    options = parser.parse_args()
    for name, value in (*measure_source(), *measure_commands(), *(measure_tests() if options.tests else ())):
        print(f"{name:<72}{value}")
    return 0


def measure_source() -> Iterator[tuple[str, object]]:
    """Yields the names and values of the measures of the source, such as the number of modules."""
    files = sorted(SOURCES.rglob("*.py"))
    lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    functions = [
        node
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    yield "modules in site_src", len(files)
    yield "modules directly in site_src", sum(file.parent == SOURCES for file in files)
    yield "Python lines", sum(lines.values())
    yield "modules over 150 lines", sum(count > 150 for count in lines.values())
    yield "functions over 30 lines", sum((node.end_lineno or 0) - node.lineno >= 30 for node in functions)
    yield (
        "functions that take `root` or `project` only to pass it on",
        sum(passes_on(node, "root", "Path") or passes_on(node, "project", "Project") for node in functions),
    )
    carried = ("recall", "known", "conversions")
    names = [argument.arg for node in functions for argument in (*node.args.args, *node.args.kwonlyargs)]
    yield "parameters called recall, known or conversions", sum(name in carried for name in names)
    yield (
        "parameters that are a list of problems",
        sum(
            ast.unparse(argument.annotation) == "list[Problem]"
            for node in functions
            for argument in (*node.args.args, *node.args.kwonlyargs)
            if argument.annotation
        ),
    )


def passes_on(function: ast.FunctionDef, parameter: str, kind: str) -> bool:
    """Returns True if the function has a parameter with this name and type, and uses it only as an argument of calls."""
    if not any(
        argument.arg == parameter and argument.annotation and ast.unparse(argument.annotation) == kind
        for argument in (*function.args.args, *function.args.kwonlyargs)
    ):
        return False
    passed = {
        id(argument)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
    }
    uses = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == parameter]
    return bool(uses) and all(id(use) in passed for use in uses)


def measure_commands() -> Iterator[tuple[str, object]]:
    """Yields the names and values of the measures of two commands: a build, and a published change of state."""
    with tempfile.TemporaryDirectory() as scratch:
        project, target = Path(scratch, "project"), Path(scratch, "www")
        project.mkdir()
        for name in ("content", "site_src", "schemas"):
            shutil.copytree(ROOT / name, project / name)
        for name in ("build.py", "quota_state.yaml"):
            shutil.copy(ROOT / name, project)
        build = run_command(project, "build")
        yield "modules entered by build", len(build["entered"])
        run_command(project, "publish", str(target))
        words = ("quota", "set", "south-korea", "suspended", "--yes", "--publish", str(target))
        change = run_command(project, *words)
        yield "modules entered by quota set --publish", len(change["entered"])
        opened = [name.removeprefix(f"{project}/") for name in change["opened"]]
        yield "opens of quota_state.yaml in quota set --publish", opened.count("quota_state.yaml")
        pages = [name for name in opened if name.startswith("content/") and name.endswith(".md")]
        yield "most reads of one page in quota set --publish", max(map(pages.count, set(pages)), default=0)


def run_command(project: Path, *words: str) -> dict[str, Any]:
    """Runs the command under _PROBE, and returns the modules that it entered and the files that it opened.

    Raises RuntimeError if the command fails.
    """
    reader, writer = os.pipe()
    command = [sys.executable, "-c", _PROBE, str(writer), *words]
    environment = {**os.environ, "PYTHONPATH": str(project), "TZ": "UTC"}
    with (
        open(reader, "rb") as pipe,
        subprocess.Popen(
            command,
            cwd=project,
            env=environment,
            pass_fds=[writer],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        os.close(writer)
        said = pipe.read()
        _, errors = process.communicate()
    found: dict[str, Any] = json.loads(said or b"{}")
    if not found or found.pop("code") != 0:
        raise RuntimeError(errors.decode())
    return found


def measure_tests() -> Iterator[tuple[str, object]]:
    """Runs the whole test suite. Yields its processor time, including that of the processes that it starts."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadscope"],
        cwd=ROOT,
        check=False,
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield "processor minutes of the test suite", f"{(used.ru_utime + used.ru_stime) / 60:.1f}"


if __name__ == "__main__":
    sys.exit(main())
