"""Boomi's Platform API over HTTP: addresses, credentials, limits, and how an answer is written."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlencode

from aiohttp import web

from boomi_pulumi.emulator import markup
from boomi_pulumi.emulator.addresses import Target, read_target
from boomi_pulumi.emulator.faults import Script
from boomi_pulumi.emulator.kinds import KINDS, Kind
from boomi_pulumi.emulator.rules import DENIED, UNREADABLE, Call, Outcome, Refusal, Row
from boomi_pulumi.emulator.store import CONSOLE_USER, Page, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boomi_pulumi.emulator.faults import Fault

BUSY: Final = "The Boomi server is currently unavailable or your account's rate limits have been exceeded. Retry later."
_PREFIX: Final = "BOOMI_TOKEN."  # before the name of a user whose password is an API token


@dataclass(frozen=True)
class Answer:
    """What will be answered, before it takes the form of JSON or XML.

    Attributes:
        status: The HTTP status.
        error: The message of a refusal.
        kind: The object that was asked about, once that is known.
        outcome: What the store said, when it did as asked.
        verb: What was asked for, when it was done.
    """

    status: int
    error: str = ""
    kind: Kind | None = None
    outcome: Outcome | None = None
    verb: str = ""


class Server:
    """One emulated Boomi behind one socket."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.faults = Script()
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._routes: dict[tuple[str, str], Callable[[Any, Mapping[str, str]], Any]] = {
            ("GET", "journal"): lambda _body, _params: store.journal(),
            ("DELETE", "journal"): lambda _body, _params: store.clear_journal(),
            ("POST", "reset"): lambda _body, _params: self._reset(),
            ("GET", "faults"): lambda _body, _params: self.faults.shown(),
            ("POST", "faults"): lambda body, _params: self.set_faults(body),
            ("GET", "clock"): lambda _body, _params: {"now": store.now()},
            ("POST", "clock"): lambda body, _params: {"now": self._clock(body)},
            ("GET", "settings"): lambda _body, _params: store.settings(),
            ("POST", "settings"): lambda body, _params: store.settings(**body),
            ("GET", "objects"): lambda _body, params: store.objects(params["kind"], params.get("account")),
            ("POST", "components"): lambda body, _params: store.create_component(**body),
            ("POST", "console/deploy"): self._act("create", "DeployedPackage"),
            ("POST", "console/undeploy"): self._act("delete", "DeployedPackage", "deploymentId"),
            ("POST", "console/package"): self._act("create", "PackagedComponent"),
            ("POST", "console/delete-package"): self._act("delete", "PackagedComponent", "packageId"),
            ("POST", "console/delete-component"): self._act("delete", "ComponentMetadata", "componentId"),
            ("POST", "console/create-pack"): self._act("create", "PublisherIntegrationPack"),
            ("POST", "console/release-pack"): self._release_pack,
            ("POST", "console/lock-component"): self._lock_component,
            ("POST", "console/upload-connector-version"): self._upload,
        }

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
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_response_prepare.append(_anonymous)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handle_signals=False)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        return int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and drop what is open."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def set_faults(self, lines: Any) -> list[Row]:
        """Replace the script of faults, and show what the last one hid; tell the new one.

        Args:
            lines: The new script; empty for none.

        Raises:
            ValueError: A line means nothing.
        """
        shown = self.faults.set(lines)
        self.store.show()
        return shown

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if path.startswith("/_emulator/"):
            return await self._control(request, path.removeprefix("/_emulator/").rstrip("/"))
        entry = _entry(request)
        fault = self.faults.strike(*self._meant(request))
        kind = fault.kind if fault else ""
        if fault:
            entry["fault"] = kind
        if kind in ("refuse", "reset-before"):
            self.store.note(**entry)
            if kind == "reset-before":
                await request.read()  # so that the client is waiting for an answer by now
            return _hang_up(request, reset=kind == "reset-before")
        answer = await self._answer(request, entry, fault)
        if kind in ("503-after", "500-after"):
            answer = Answer(503, error=BUSY) if kind == "503-after" else Answer(500, error="Internal Server Error")
        self.store.note(**{**entry, "status": None if kind == "reset-after" else int(answer.status)})
        await self._delay(fault.seconds if fault and kind == "stall" else 0)
        if kind == "reset-after":
            return _hang_up(request, reset=True)
        response = self._write(request, answer)
        return await _send_half(request, response) if kind == "half-body" else response

    def _meant(self, request: web.Request) -> tuple[str | None, str | None]:
        try:
            target = read_target(request.method, request.rel_url.raw_path, self.store.settings())
        except Refusal:
            return None, None
        return target.verb, target.object

    async def _answer(self, request: web.Request, entry: Row, fault: Fault | None) -> Answer:
        try:
            if fault and fault.kind == "503-before":
                raise Refusal(503, BUSY)  # noqa: TRY301  # as any other
            call = await self._understand(request, entry)
            answer = self._commit(call, entry)
        except Refusal as refusal:
            return Answer(refusal.status, error=refusal.message, kind=KINDS.get(entry["object"] or ""))
        if fault and fault.requests and answer.outcome and answer.outcome.committed:
            self.store.hide(call, answer.outcome, fault.requests)
        return answer

    async def _delay(self, seconds: float) -> None:
        seconds += self.store.settings()["latency"] / 1000
        if seconds:
            try:
                await asyncio.wait_for(self._stopping.wait(), seconds)
            except asyncio.TimeoutError:
                return

    async def _understand(self, request: web.Request, entry: Row) -> Call:
        user = self._authenticate(request)
        target = read_target(request.method, request.rel_url.raw_path, self.store.settings())
        entry |= {"object": target.object, "verb": target.verb, "id": target.id or None}
        account = self._choose_account(target, request.query.get("overrideAccount"))
        if not self.store.admit(account if self.store.settings()["rateOfOverrideAccount"] else target.account):
            raise Refusal(503, BUSY)
        kind = KINDS[target.object]
        if target.verb not in kind.verbs:
            raise Refusal(400, f"Unknown objectType for {target.verb} operation: {kind.name}")
        body = await _read(request, kind, target.verb, entry)
        return Call(user, account, kind, target.verb, target.id, body, _status_url(request, target))

    def _commit(self, call: Call, entry: Row) -> Answer:
        outcome = self.store.perform(call)
        entry["committed"] = outcome.committed
        return Answer(outcome.status, kind=call.kind, outcome=outcome, verb=call.verb)

    def _authenticate(self, request: web.Request) -> Row:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            name, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            name = token = ""
        user = None
        if scheme.lower() == "basic" and name.startswith(_PREFIX):
            user = self.store.user(name.removeprefix(_PREFIX), token)
        if user is None:
            raise Refusal(401, "Unauthorized")
        return user

    def _choose_account(self, target: Target, override: str | None) -> str:
        primary = str(self.store.primary["id"])
        if target.account != primary:
            raise Refusal(403, DENIED)
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

    # From what the store says to what is sent.

    def _write(self, request: web.Request, answer: Answer) -> web.Response:
        """Write any answer: the one place that chooses a representation."""
        headers = _DEPRECATED if self._is_deprecated(answer.kind) else {}
        plain = "json" in request.headers.get("Accept", "").lower()
        if answer.error:
            if plain:
                body = self._error(answer.error, answer.kind)
                return web.json_response(body, status=answer.status, headers=headers)
            text = markup.write_error(answer.error)
        elif self._is_empty(answer):
            return web.Response(status=answer.status, headers=headers)
        elif answer.kind is None or answer.outcome is None or answer.outcome.form == "nothing":
            return web.Response(status=answer.status, headers=headers, text=self.store.settings()["deleteBody"])
        else:
            body = self._json(answer.kind, answer.outcome)
            # A token may lead to a page of another object.
            kind = answer.outcome.value.kind if answer.outcome.form == "query" else answer.kind
            if plain or kind.api == "connector":
                return web.json_response(body, status=answer.status, headers=headers)
            text = _marked_up(kind, answer.outcome.form, body)
        return web.Response(status=answer.status, headers=headers, text=text, content_type="application/xml")

    def _is_empty(self, answer: Answer) -> bool:
        api = answer.kind.api if answer.kind else "platform"
        return api == "connector" and answer.verb in self.store.settings()["connectorEmptyAnswers"]

    def _is_deprecated(self, kind: Kind | None) -> bool:
        return kind is not None and kind.name in self.store.settings()["deprecated"]

    def _error(self, message: str, kind: Kind | None) -> Row:
        if kind is not None and kind.api == "connector":
            return {"message": message}
        match self.store.settings()["errorShape"]:
            case "plain":
                return {"message": message}
            case "nested":
                return {"error": {"message": message}}
        return {"@type": "Error", "message": message}

    def _json(self, kind: Kind, outcome: Outcome) -> Row:
        match outcome.form:
            case "query":
                return self._page(outcome.value)
            case "bulk":
                items = [self._bulk_item(kind, *item) for item in outcome.value]
                return {"@type": "BulkResult", "response": items}
        return self._object(kind, outcome.value)

    def _page(self, page: Page) -> Row:
        result: Row = {"@type": "QueryResult"} if page.kind.api == "platform" else {}
        if page.rows or self.store.settings()["emptyResult"] == "empty":
            result["result"] = [self._object(page.kind, row) for row in page.rows]
        result["numberOfResults"] = page.total
        if page.token:
            result["queryToken"] = page.token
        return result

    def _bulk_item(self, kind: Kind, identifier: str, found: Row | Refusal) -> Row:
        if isinstance(found, Refusal):
            return {
                "@type": "BulkResponse",
                "id": identifier,
                "statusCode": found.status,
                "errorMessage": found.message,
            }
        status = found.get("responseStatusCode", 200)
        return {"@type": "BulkResponse", "Result": self._object(kind, found), "statusCode": status}

    def _object(self, kind: Kind, row: Row) -> Row:
        settings = self.store.settings()
        result: Row = {"@type": kind.name} if kind.api == "platform" else {}
        for name, form in kind.fields.items():
            value = row.get(name)
            if value is None:
                continue
            if settings["milliseconds"] and form == "date":
                value = f"{value[:-1]}.000Z"
            if settings["stringy"] and form in ("bool", "int"):
                value = f"{value}.0" if name == "componentVersion" else str(value).lower()
            if settings["stringy"] and form == "object":
                value = _stringy(value)
            result[name] = value
        return result

    # The tests' own door.

    async def _control(self, request: web.Request, route: str) -> web.Response:
        try:
            raw = await request.read()
            body = json.loads(raw) if raw.strip() else {}
            if not isinstance(body, list if (request.method, route) == ("POST", "faults") else dict):
                raise TypeError("the body must be a JSON object, or a list for faults")  # noqa: TRY301
            act = self._routes.get((request.method, route)) or self._revisions(request.method, route)
            if act is None:
                return web.json_response({"message": f"no such route: {request.method} {route}"}, status=404)
            return web.json_response(act(body, request.query))
        except Refusal as refusal:
            return web.json_response({"message": refusal.message}, status=refusal.status)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return web.json_response({"message": f"cannot do that: {error}"}, status=400)

    def _revisions(self, method: str, route: str) -> Callable[[Any, Mapping[str, str]], Any] | None:
        match method, route.split("/"):
            case "POST", ["components", component, "revisions"]:
                return lambda body, _params: self.store.save_revision(unquote(component), **body)
            case "POST", ["connectors", name, "approve"]:
                return lambda body, _params: self.store.decide(unquote(name), **body, approve=True)
            case "POST", ["connectors", name, "reject"]:
                return lambda body, _params: self.store.decide(unquote(name), **body, approve=False)
            case "POST", ["connectors", name, "publish"]:
                return lambda body, _params: self.store.publish(unquote(name), **body)
        return None

    def _release_pack(self, body: Row, _params: Mapping[str, str]) -> Row:
        fields = {"by": CONSOLE_USER, **body}
        components = fields.pop("components")
        if isinstance(components, list):
            components = {item["componentId"]: item["version"] for item in components}
        return self.store.release_pack(fields.pop("packId"), components, **fields)

    def _lock_component(self, body: Row, _params: Mapping[str, str]) -> None:
        fields = {"by": CONSOLE_USER, **body}
        self.store.lock_component(fields.pop("componentId"), **fields)

    def _upload(self, body: Row, _params: Mapping[str, str]) -> Row:
        fields = {"by": CONSOLE_USER, **body}
        return self.store.upload_connector_version(fields.pop("groupType"), **fields)

    def _act(self, verb: str, kind: str, key: str = "") -> Callable[[Any, Mapping[str, str]], Any]:
        def act(body: Row, _params: Mapping[str, str]) -> Any:
            fields = {"by": CONSOLE_USER, **body}
            if key:
                fields["id"] = fields.pop(key)
            return self.store.console(verb, kind, **fields)

        return act

    def _reset(self) -> None:
        self.store.reset()
        self.set_faults([])

    def _clock(self, body: Row) -> str:
        if "advance" in body:
            return self.store.advance(float(body["advance"]))
        return self.store.set_time(body["now"])


_DEPRECATED: Final = {
    "Deprecation": 'version="1.0"; date="Thu, 01 Jan 2026 00:00:00 GMT"',
    "Sunset": "Fri, 01 Jan 2027 00:00:00 GMT",
    "Warning": (
        '299 - "You are using a deprecated API endpoint. It will remain available until Fri, 01 Jan 2027 00:00:00 GMT"'
    ),
    "Link": '<https://developer.boomi.com/>; rel="deprecation"',
}


def _hang_up(request: web.Request, *, reset: bool) -> web.Response:
    transport = request.transport
    if transport is not None:
        if reset:
            # A socket that does not linger is closed with RST instead of FIN.
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return web.Response()


async def _send_half(request: web.Request, whole: web.Response) -> web.StreamResponse:
    body = whole.body if isinstance(whole.body, bytes) else b""
    half = web.StreamResponse(status=whole.status, headers=whole.headers)
    half.content_length = max(len(body), 2)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half


async def _anonymous(_request: web.Request, response: web.StreamResponse) -> None:
    # It would name the HTTP library.
    response.headers.pop("Server", None)


def _status_url(request: web.Request, target: Target) -> str:
    door = "/partner/api" if target.partner else "/api"
    override = request.query.get("overrideAccount")
    query = f"?{urlencode({'overrideAccount': override})}" if target.partner and override else ""
    return f"{request.scheme}://{request.host}{door}/rest/v1/{quote(target.account)}/{{}}{query}"


def _stringy(value: Any) -> Any:
    match value:
        case dict():
            return {name: _stringy(inner) for name, inner in value.items()}
        case list():
            return [_stringy(inner) for inner in value]
        case bool() | int():
            return str(value).lower()
    return value


def _entry(request: web.Request) -> Row:
    peer = request.transport.get_extra_info("peername") if request.transport else None
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


async def _read(request: web.Request, kind: Kind, verb: str, entry: Row) -> Any:
    if verb in ("get", "delete"):
        return None
    try:
        text = (await request.read()).decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise Refusal(400, UNREADABLE) from None
    if verb == "queryMore":
        return text.strip('"')
    if verb == "cancel" and not text:
        return {}
    try:
        if "json" in request.headers.get("Content-Type", "").lower():
            body = json.loads(text)
        elif kind.api == "connector":
            raise Refusal(400, UNREADABLE)
        else:
            body = markup.read(text, {"query": "QueryConfig", "bulk": "BulkRequest"}.get(verb, kind.name))
    except markup.BadMarkup as error:
        raise Refusal(400, str(error)) from None
    except (ValueError, RecursionError):
        raise Refusal(400, UNREADABLE) from None
    entry |= _summary(verb, body)
    return body


def _marked_up(kind: Kind, form: str, body: Row) -> str:
    match form:
        case "query":
            return markup.write_page(body, attributes=kind.attributes)
        case "bulk":
            return markup.write_bulk(body, attributes=kind.attributes)
    return markup.write_object(kind.name, body, attributes=kind.attributes)


def _summary(verb: str, body: Any) -> Row:
    """What a journal shows of a body: how many ids, or which filter."""
    if verb == "bulk" and isinstance(body, dict) and isinstance(body.get("request"), list):
        return {"ids": len(body["request"])}
    if verb == "query" and isinstance(body, dict) and isinstance(body.get("QueryFilter"), dict):
        return {"filter": _filter_text(body["QueryFilter"].get("expression"))}
    return {}


def _filter_text(node: Any) -> str:
    if not isinstance(node, dict):
        return ""
    nested = node.get("nestedExpression")
    if isinstance(nested, list):
        return f" {node.get('operator', 'and')} ".join(f"({_filter_text(child)})" for child in nested)
    arguments = node.get("argument")
    shown = ", ".join(map(str, arguments)) if isinstance(arguments, list) else ""
    return f"{node.get('property')} {node.get('operator')} {shown}".strip()
