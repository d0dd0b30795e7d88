"""The desk as an ASGI application (Starlette): its addresses, forms and cookies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from site_src.desk.actions import ACTIONS, Asked
from site_src.desk.answers import Answers, Refused
from site_src.desk.form_tokens import FormTokens
from site_src.desk.guard import Guard
from site_src.desk.roles import DeskOptions
from site_src.desk.views import TEMPLATES, Views
from site_src.desk.words import LANGUAGES, choose_language, say


class DeskApp:
    """The web application of one desk. Commands run in threads. Commands that only read, changes, and closings never share threads."""

    def __init__(self, options: DeskOptions) -> None:
        self._options, self._tokens, self._views = options, FormTokens(), Views(options)
        self._answers = Answers(options, self._views)
        self._looks, self._changes = CapacityLimiter(4), CapacityLimiter(4)
        self._closings = CapacityLimiter(8)
        self._cookie = "__Host-quotabord" if options.is_secure else "quotabord"

    def make(self) -> ASGIApp:
        """Returns the ASGI application, with the guard in front of it."""
        routes = [
            Route("/", self._choose),
            Route("/desk.css", _style),
            Route("/favicon.ico", _no_icon),
            Route("/{language}/", self._overview),
            Route("/{language}/{programme}/history", self._history),
            Route("/{language}/{programme}/{action}", self._ask),
            Route("/{language}/{programme}/{action}", self._change, methods=["POST"]),
        ]
        handlers: Mapping[Any, Any] = {
            Refused: self._on_refused,
            HTTPException: self._on_missing,
            Exception: self._on_failure,
        }
        return Guard(Starlette(routes=routes, exception_handlers=handlers), self._options, self._refuse)

    async def _choose(self, request: Request) -> Response:
        return RedirectResponse(f"/{choose_language(request.headers.get('accept-language', ''))}/", 303)

    async def _overview(self, request: Request) -> Response:
        language, user = _language(request), _user(request)
        html = await to_thread.run_sync(self._answers.overview, language, user, limiter=self._looks)
        return self._page(request, html)

    async def _history(self, request: Request) -> Response:
        words = (_language(request), _user(request), request.path_params["programme"])
        return self._page(
            request, await to_thread.run_sync(self._answers.history, *words, limiter=self._looks)
        )

    async def _ask(self, request: Request) -> Response:
        asked = _asked(request, request.query_params)
        token = self._tokens.token(asked.user)
        limiter = self._closings if asked.action.hides_now else self._looks
        return self._page(request, await to_thread.run_sync(self._answers.ask, asked, token, limiter=limiter))

    async def _change(self, request: Request) -> Response:
        body = (await request.body()).decode("utf-8", "replace")
        try:
            form = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=20))
        except ValueError:
            raise Refused(400, "refused_form") from None
        asked = _asked(request, form)
        token = self._tokens.token(asked.user)
        if not self._tokens.accept(asked.user, request.cookies.get(self._cookie, ""), form.get("token", "")):
            raise Refused(403, "refused_token")
        limiter = self._closings if asked.action.hides_now else self._changes
        if form.get("programme") != asked.programme:
            # The operator chose no country, or a different country from that of the page.
            html = await to_thread.run_sync(self._answers.ask, asked, token, True, limiter=limiter)
            return self._page(request, html, 422)
        status, html = await to_thread.run_sync(self._answers.carry_out, asked, limiter=limiter)
        return self._page(request, html, status)

    def _page(self, request: Request, html: str, status: int = 200) -> Response:
        response = HTMLResponse(html, status)
        cookie = self._tokens.cookie(_user(request))
        if request.cookies.get(self._cookie) != cookie:
            response.set_cookie(
                self._cookie, cookie, secure=self._options.is_secure, httponly=True, samesite="strict"
            )
        return response

    def _refuse(self, scope: Scope, status: int, key: str, **values: object) -> Response:
        first = str(scope["path"]).split("/")[1:2]
        accepted = Request(scope).headers.get("accept-language", "")
        language = first[0] if first and first[0] in LANGUAGES else choose_language(accepted)
        text = say(language, key, **values)
        return HTMLResponse(
            self._views.render("refusal.html", language, scope["state"]["user"], text=text), status
        )

    async def _on_refused(self, request: Request, error: Refused) -> Response:
        return self._refuse(request.scope, error.status, error.key, **error.values)

    async def _on_missing(self, request: Request, error: HTTPException) -> Response:
        key = "refused_method" if error.status_code == 405 else "not_found"
        return self._refuse(request.scope, error.status_code, key)

    async def _on_failure(self, request: Request, _error: Exception) -> Response:
        return self._refuse(request.scope, 500, "failed")


def _user(request: Request) -> str:
    return str(request.scope["state"]["user"])


def _language(request: Request) -> str:
    language = str(request.path_params["language"])
    if language not in LANGUAGES:
        raise Refused(404, "not_found")
    return language


def _asked(request: Request, values: Mapping[str, str]) -> Asked:
    """Parses the request. Raises Refused if the action does not exist, or if a value contains a NUL character."""
    action = ACTIONS.get(request.path_params["action"])
    if action is None:
        raise Refused(404, "not_found")
    if any("\0" in value for value in values.values()):
        raise Refused(400, "refused_form")
    return Asked(_language(request), _user(request), request.path_params["programme"], action, values)


async def _style(_request: Request) -> Response:
    return FileResponse(TEMPLATES / "desk.css")


async def _no_icon(_request: Request) -> Response:
    return Response(status_code=204)
