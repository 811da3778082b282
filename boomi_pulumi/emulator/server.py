"""Boomi's APIs over HTTP: credentials, accounts, limits, faults, and the way of a request through the rest."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web

from boomi_pulumi.emulator import connections
from boomi_pulumi.emulator.addresses import Target, read_target
from boomi_pulumi.emulator.answers import Answer, Writer, Written
from boomi_pulumi.emulator.bodies import read_body, summary
from boomi_pulumi.emulator.extension_forms import told
from boomi_pulumi.emulator.extensions import KIND as EXTENSIONS
from boomi_pulumi.emulator.faults import Script
from boomi_pulumi.emulator.objects import KINDS
from boomi_pulumi.emulator.routes import Routes
from boomi_pulumi.emulator.rules import DENIED, UNREADABLE, Call, Refusal, Row
from boomi_pulumi.emulator.store import Store
from boomi_pulumi.emulator.visitors import is_foreign

if TYPE_CHECKING:
    from boomi_pulumi.emulator.faults import Fault

BUSY: Final = "The Boomi server is currently unavailable or your account's rate limits have been exceeded. Retry later."
FOREIGN: Final = (
    "This request comes from a web page of another origin, or under a name that this emulator does not have. "
    "Use its address, such as http://127.0.0.1:8099, or start it with --host and that name."
)
_PREFIX: Final = "BOOMI_TOKEN."  # before the name of a user whose password is an API token
_STRANGE: Final = {
    "page": Written(200, b"<!DOCTYPE html><html><body>Sign in</body></html>", {"Content-Type": "text/html"}),
    "error": Written(
        200, b'{"@type": "Error", "message": "Internal error, try later."}', {"Content-Type": "application/json"}
    ),
}
"""What something between a client and Boomi answers in Boomi's place."""
_ABOUT: Final = {"denied": "", "error.user.auth": "error.user.auth"}
_NOT_ACCEPTABLE: Final = 406
_TEXTS: Final = {413: "The request is too large.", 500: "Internal Server Error"}


class Server:
    """One emulated Boomi behind one socket."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.faults = Script()
        self.routes = Routes(store, self.faults)
        self._host = ""
        self._stopping = asyncio.Event()
        self._writer = Writer(store.settings)
        self._listener = connections.Listener(self._handle, self._complain)

    async def start(self, host: str, port: int) -> int:
        """Listen.

        Args:
            host: The address to listen on.
            port: The port, or 0 for any free one.

        Returns:
            The port.

        Raises:
            OSError: The address cannot be used.
        """
        self._host = host
        return await self._listener.start(host, port)

    async def stop(self) -> None:
        """Stop listening and drop what is open."""
        self._stopping.set()
        await self._listener.stop()

    def _complain(self, status: int) -> Written:
        return self._writer.write(Answer(status, error=_TEXTS.get(status, "Bad Request")), "")

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if path.startswith("/_emulator/"):
            return await self._control(request, path.removeprefix("/_emulator/").rstrip("/"))
        entry = _entry(request)
        self.faults.settle()
        fault = self.faults.strike(*self._meant(request))
        kind = fault.kind if fault else ""
        if fault:
            entry["fault"] = kind
        if fault and kind in ("refuse", "reset-before", "done-late"):
            return await self._unanswered(request, entry, fault)
        strange = _STRANGE.get(kind.partition("-")[0])
        if strange is not None and kind.endswith("-before"):
            await request.read()
            self.store.note(**{**entry, "status": strange.status})
            return connections.whole(strange)
        answer = await self._answer(request, entry, fault)
        outcome = answer.outcome
        if kind == "short":
            answer = _shortened(answer)
        if kind in ("503-after", "500-after"):
            answer = Answer(503, error=BUSY) if kind == "503-after" else Answer(500, error=_TEXTS[500])
        self.store.note(**{**entry, "status": None if kind == "reset-after" else int(answer.status)})
        await self._delay(fault.seconds if fault and kind == "stall" else 0)
        if outcome:
            self.store.answered(entry["object"], outcome)
        if kind == "reset-after":
            return connections.hang_up(request, reset=True)
        written = strange or self._writer.write(answer, request.headers.get("Accept", ""))
        written = replace(written, headers={**written.headers, "Date": formatdate(self.store.time(), usegmt=True)})
        return await connections.send_half(request, written) if kind == "half-body" else connections.whole(written)

    async def _control(self, request: web.BaseRequest, route: str) -> web.Response:
        try:
            if is_foreign(request.headers, self._host):
                raise Refusal(403, FOREIGN)  # noqa: TRY301  # as any other
            raw = await self._read(request)
            status, body = self.routes.answer(request.method, route, request.query, raw)
        except Refusal as refusal:
            status, body = refusal.status, {"message": refusal.message}
        return connections.whole(Written(status, json.dumps(body).encode(), {"Content-Type": "application/json"}))

    def _meant(self, request: web.BaseRequest) -> tuple[str | None, str | None]:
        try:
            target = read_target(request.method, request.rel_url.raw_path, self.store.settings())
        except Refusal:
            return None, None
        return target.verb, target.object

    async def _answer(self, request: web.BaseRequest, entry: Row, fault: Fault | None) -> Answer:
        try:
            if fault and fault.kind == "503-before":
                raise Refusal(503, BUSY)  # noqa: TRY301  # as any other
            call = await self._understand(request, entry)
            outcome = self.store.perform(call)
        except Refusal as refusal:
            kind = KINDS.get(entry["object"] or "")
            return Answer(refusal.status, error=refusal.message, about=refusal.about, kind=kind)
        entry["committed"] = outcome.committed
        if fault and fault.requests and outcome.committed:
            self.store.hide(call, outcome, fault.requests)
        return Answer(outcome.status, kind=call.kind, outcome=outcome, verb=call.verb)

    async def _unanswered(self, request: web.BaseRequest, entry: Row, fault: Fault) -> web.StreamResponse:
        """Hang up, and do later what a `done-late` request asks for."""
        if fault.kind == "reset-before":
            await request.read()  # so that the client is waiting for an answer by now
        if fault.kind == "done-late":
            with contextlib.suppress(Refusal):
                call = await self._understand(request, entry)
                self.faults.postpone(lambda: self._do_late(call), fault.requests)
        self.store.note(**entry)
        return connections.hang_up(request, reset=fault.kind != "refuse")

    def _do_late(self, call: Call) -> None:
        self.store.answered(call.kind.name, self.store.perform(call))

    async def _delay(self, seconds: float) -> None:
        seconds += self.store.settings()["latency"] / 1000
        if seconds:
            try:
                await asyncio.wait_for(self._stopping.wait(), seconds)
            except asyncio.TimeoutError:
                return

    async def _understand(self, request: web.BaseRequest, entry: Row) -> Call:
        user = self._authenticate(request)
        settings = self.store.settings()
        target = read_target(request.method, request.rel_url.raw_path, settings)
        entry |= {"object": target.object, "verb": target.verb, "id": target.id or None}
        account = self._choose_account(target, request.query.get("overrideAccount"))
        if not self.store.admit(account if settings["rateOfOverrideAccount"] else target.account):
            raise Refusal(503, BUSY)
        kind = KINDS[target.object]
        if target.verb not in kind.verbs:
            raise Refusal(400, f"Unknown objectType for {target.verb} operation: {kind.name}")
        call = Call(user, account, kind, target.verb, target.id, None, _status_url(request, target))
        self.store.authorize(call)
        if kind.xml_only and settings["componentAsJson"] == _NOT_ACCEPTABLE and _is_json_only(request):
            raise Refusal(_NOT_ACCEPTABLE, "The media type is not supported.")
        if target.verb in ("get", "delete", "poll"):
            return call
        content_type = request.headers.get("Content-Type", "")
        body = read_body(await self._read(request), content_type, kind, target.verb, settings["queryMoreAsJson"])
        entry |= summary(target.verb, body)
        if kind.name == EXTENSIONS and target.verb == "update":
            entry |= told(body)
        return call.with_body(body)

    async def _read(self, request: web.BaseRequest) -> bytes:
        try:
            return await connections.read(request)
        except ValueError:
            raise Refusal(413, _TEXTS[413]) from None
        except OSError:
            raise Refusal(400, UNREADABLE) from None

    def _authenticate(self, request: web.BaseRequest) -> Row:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            name, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            name = token = ""
        if scheme.lower() != "basic" or not name.startswith(_PREFIX):
            name = token = ""
        return self.store.log_in(name.removeprefix(_PREFIX), token)

    def _choose_account(self, target: Target, override: str | None) -> str:
        primary = str(self.store.primary["id"])
        if target.account != primary:
            about = self.store.settings()["otherAccount"]
            raise Refusal(403, DENIED if about == "denied" else "The user is not of this account.", _ABOUT[about])
        if not override and (target.partner or override is None):
            return primary
        if not self._takes_override(target):
            raise Refusal(403, DENIED)
        account = self.store.account(override or "")
        if account is None or account["parent"] != primary:
            raise Refusal(403, DENIED)
        return str(account["id"])

    def _takes_override(self, target: Target) -> bool:
        if KINDS[target.object].api == "platform":
            return target.partner
        return self.store.settings()["connectorOverrideAccount"] in ("both", "partner" if target.partner else "direct")


def _shortened(answer: Answer) -> Answer:
    """Leave half of a query's page out, and whatever follows it; what Boomi counts stays."""
    if answer.outcome is None or answer.outcome.form != "query":
        return answer
    page = answer.outcome.value
    rest = replace(page, rows=page.rows[: len(page.rows) // 2], token=None)
    return replace(answer, outcome=replace(answer.outcome, value=rest))


def _is_json_only(request: web.BaseRequest) -> bool:
    accept = request.headers.get("Accept", "").lower()
    return "json" in accept and "xml" not in accept and "*/*" not in accept


def _status_url(request: web.BaseRequest, target: Target) -> str:
    root = "/partner/api" if target.partner else "/api"
    override = request.query.get("overrideAccount")
    query = f"?{urlencode({'overrideAccount': override})}" if target.partner and override else ""
    return f"{request.scheme}://{request.host}{root}/rest/v1/{quote(target.account)}/{{}}{query}"


def _entry(request: web.BaseRequest) -> Row:
    peer: Any = request.transport.get_extra_info("peername") if request.transport else None
    return {
        "method": request.method,
        "path": request.rel_url.raw_path,
        "object": None,
        "verb": None,
        "id": None,
        "status": None,
        "committed": False,
        "userAgent": request.headers.get("User-Agent"),
        "overrideAccount": request.query.get("overrideAccount"),
        "connection": peer[1] if peer else None,
    }
