"""`desk`: starts the operators' page with the settings in local.yaml, after checking them and the installed libraries."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

from site_src.commands.output import say
from site_src.exit_codes import DONE, WrongUse
from site_src.local_file import LOCAL_FILE
from site_src.read.local import DeskSettings, Local
from site_src.read.project import Project
from site_src.read.text import is_plain_line

_LIBRARIES = frozenset({"anyio", "h11", "starlette", "uvicorn"})
_EXAMPLE = '"desk:" with address, may_close and may_open, as in docs/desk.md'


def run(options: argparse.Namespace, project: Project) -> int:
    """Serves the page until it is stopped. Raises WrongUse, and InputRefused for mistakes in local.yaml."""
    _check_options(options)
    local, desk = _require_desk(project.require_local())
    try:
        from site_src.desk.roles import DeskOptions
        from site_src.desk.server import listen_on_port, listen_on_socket, serve
    except ModuleNotFoundError as error:
        library = str(error.name).partition(".")[0]
        if library not in _LIBRARIES:
            raise
        raise WrongUse(f"the desk needs the library {library}. Install it: make extra-desk") from None
    socket = Path(options.socket or "/run/quotabord-desk/desk.sock")
    listener = listen_on_socket(socket, desk.group) if options.port is None else listen_on_port(options.port)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = DeskOptions(
        project.root,
        local.target,
        local.probe,
        desk.address if options.port is None else address,
        frozenset(desk.may_close),
        frozenset(desk.may_open),
        options.user,
    )
    where = f"{socket}, for the reverse proxy of {desk.address}" if options.port is None else f"{address}/"
    print(f"The desk answers on {where}. To stop it: Ctrl-C", flush=True)
    gc.enable()  # Other commands end before garbage collection saves anything.
    serve(settings, listener)
    return DONE


def _check_options(options: argparse.Namespace) -> None:
    if (options.port is None) != (options.user is None):
        raise WrongUse(
            "use --port and --user together: a port has no login, so everybody on this machine acts as this user."
        )
    if options.port is not None and options.socket is not None:
        raise WrongUse("--socket and --port cannot be used together.")
    if options.user is not None and not (options.user and is_plain_line(options.user)):
        raise WrongUse("--user must be a name, on one line of plain text.")


def _require_desk(local: Local | None) -> tuple[Local, DeskSettings]:
    if local is None or local.desk is None:
        raise WrongUse(
            f"{LOCAL_FILE} beside quota_state.yaml does not say who may use the desk. Add {_EXAMPLE}."
        )
    if not local.probe:
        say(f"{LOCAL_FILE}: `probe` is not set. The desk needs it to read what visitors see.")
    return local, local.desk
