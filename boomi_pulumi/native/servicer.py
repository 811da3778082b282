"""The plugin's verbs, as the engine calls them over gRPC, answered by the core's lifecycle.

Source: `provider.proto` of Pulumi, and its guide for providers in Python.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2, json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from boomi_pulumi._api.errors import (
    Ambiguous,
    BoomiError,
    Conflict,
    FilterError,
    Forbidden,
    NotFound,
    SettingsError,
    TooManyRequests,
    Unauthorized,
)
from boomi_pulumi._api.say import say
from boomi_pulumi._api.sender import INTERRUPTED
from boomi_pulumi._api.settings import THREADS, Settings
from boomi_pulumi._api.words import clean, fault, trace
from boomi_pulumi._bags import inward, marked, outward, still_secret
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle import fields, preview
from boomi_pulumi._lifecycle.fields import SECRETS, UNKNOWN, Bag, rules
from boomi_pulumi._lifecycle.kind import Kind
from boomi_pulumi._lifecycle.lifecycle import Lifecycle
from boomi_pulumi.native.functions import FUNCTIONS, RESULT
from boomi_pulumi.native.install import release
from boomi_pulumi.native.log import URN, Log
from boomi_pulumi.native.references import kind_of, origin_of
from boomi_pulumi.native.schema import package
from boomi_pulumi.native.session import Session
from boomi_pulumi.native.words import FIRST, in_boomis_words

__all__ = ["Servicer"]

T = TypeVar("T")

_FOREIGN = frozenset({"__provider", "__origin", "__facts", "__defaults", SECRETS})
"""Hidden properties of the dynamic provider in a state, which the plugin does not need."""

_STATUS: tuple[tuple[type[BoomiError], grpc.StatusCode], ...] = (
    (SettingsError, grpc.StatusCode.INVALID_ARGUMENT),
    (FilterError, grpc.StatusCode.INVALID_ARGUMENT),
    (NotFound, grpc.StatusCode.NOT_FOUND),
    (Ambiguous, grpc.StatusCode.FAILED_PRECONDITION),
    (Conflict, grpc.StatusCode.FAILED_PRECONDITION),
    (Unauthorized, grpc.StatusCode.UNAUTHENTICATED),
    (Forbidden, grpc.StatusCode.PERMISSION_DENIED),
    (TooManyRequests, grpc.StatusCode.RESOURCE_EXHAUSTED),
)
"""Statuses that say that nothing is pending: every run begins by looking what is there. (`UNKNOWN`, `INTERNAL` and
`DATA_LOSS` would leave a pending operation in the state.)"""


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One provider of a stack; the engine starts a process for each.

    Args:
        log: Where messages go; None leaves them where they are.
    """

    def __init__(self, log: Log | None = None) -> None:
        self._log = log
        self._account: Session | None = None
        self._threads = ThreadPoolExecutor(THREADS, "boomi")
        self._read: dict[str, str] = {}
        """URN -> whose an object is that was read without a state: where a check follows, it is imported."""

    # -- the plugin ------------------------------------------------------------------------------

    async def Handshake(self, request: Any, context: Any) -> Any:
        """Tell what this plugin takes: references to resources, and marks of secrets, which it puts back itself."""
        self._listen(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    async def Attach(self, request: Any, context: Any) -> Any:
        """Take the address of an engine that did not start this process."""
        self._listen(request.address)
        return empty_pb2.Empty()

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Tell the release."""
        return plugin_pb2.PluginInfo(version=release())

    async def GetSchema(self, request: Any, context: Any) -> Any:
        """Tell everything that programs may use."""
        return provider_pb2.GetSchemaResponse(schema=json.dumps(package(release())))

    async def Cancel(self, request: Any, context: Any) -> Any:
        """End every wait; the engine sends this at Ctrl-C, and at every normal end."""
        INTERRUPTED.set()
        return empty_pb2.Empty()

    # -- settings --------------------------------------------------------------------------------

    async def CheckConfig(self, request: Any, context: Any) -> Any:
        """Judge settings; what is unknown in a preview is judged later."""
        news = _plain(request.news)
        failures = []
        if not fields.has_unknown(news):
            try:
                Settings.load(news.get)
            except SettingsError as error:
                failures = [provider_pb2.CheckFailure(reason=str(error))]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    async def DiffConfig(self, request: Any, context: Any) -> Any:
        """Tell whether settings changed; resources stay what they are, since their ids do."""
        olds, news = (_plain(each) for each in (request.old_inputs, request.news))
        changed = [name for name in sorted({*olds, *news}) if olds.get(name) != news.get(name)]
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some, diffs=changed)

    async def Configure(self, request: Any, context: Any) -> Any:
        """Read settings; no request is made."""
        given = {name.rpartition(":")[2]: value for name, value in request.variables.items()}
        try:
            self._account = Session(Settings.load(given.get))
        except SettingsError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    # -- resources -------------------------------------------------------------------------------

    async def Check(self, request: Any, context: Any) -> Any:
        """Validate inputs, fill companions, and refuse what the account forbids."""
        account, _ = await self._known(request.urn, context)
        olds = _inputs(request.olds)
        given = still_secret(olds, _inputs(request.news))
        work = account.check(request.urn, olds, given)
        checked = await self._awaited(work, request.urn, context)
        whose = self._read.pop(request.urn, None)
        if whose is not None and not checked.failures:
            say(whose)
        failures = [provider_pb2.CheckFailure(reason=_reason(each)) for each in checked.failures]
        return provider_pb2.CheckResponse(inputs=_marked(checked.inputs, given), failures=failures)

    async def Diff(self, request: Any, context: Any) -> Any:
        """Compare by the fields' rules, and tell which properties a person should read; makes no request."""
        account, kind = await self._known(request.urn, context)
        lifecycle = account.lifecycle(kind)
        olds, news, before = _inputs(request.olds), _inputs(request.news), _inputs(request.old_inputs)

        async def compare() -> tuple[preview.Diff, bool]:
            found = lifecycle.diff(request.id, olds, news, origin_of(request.urn))
            return found, found.changes or lifecycle.unfinished(olds)

        found, changes = await self._awaited(compare(), request.urn, context)
        if not changes:
            account.saw(request.urn, olds)
            return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE, hasDetailedDiff=True)
        found_ = _details(found, olds, before, news, lifecycle.kind)
        details = {name: each for name, each in found_ if name not in request.ignoreChanges}
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME,
            replaces=list(found.replaces),
            stables=list(lifecycle.kind.stable_outputs),
            diffs=list(details),
            detailedDiff=details,
            hasDetailedDiff=True,
        )

    async def Create(self, request: Any, context: Any) -> Any:
        """Make the object, or take the one that is there and equal; in a preview tell what is known already."""
        account, kind = await self._known(request.urn, context)
        lifecycle, inputs = account.lifecycle(kind), _inputs(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_marked(_foreseen(lifecycle, {}, inputs), inputs))
        id_, outputs = await self._done(request, context, lambda: lifecycle.create(inputs, origin_of(request.urn)))
        account.saw(request.urn, outputs)
        return provider_pb2.CreateResponse(id=id_, properties=_marked(outputs, inputs))

    async def Update(self, request: Any, context: Any) -> Any:
        """Bring the object to what is declared; in a preview tell what stays and what is known already."""
        account, kind = await self._known(request.urn, context)
        lifecycle, olds, news = account.lifecycle(kind), _inputs(request.olds), _inputs(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=_marked(_foreseen(lifecycle, olds, news), news))
        outputs = await self._done(request, context, lambda: lifecycle.update(olds, news, origin_of(request.urn)))
        account.saw(request.urn, outputs)
        return provider_pb2.UpdateResponse(properties=_marked(outputs, news))

    async def Read(self, request: Any, context: Any) -> Any:
        """Return the live object, with inputs; without a state this is an import."""
        account, kind = await self._known(request.urn, context)
        given, bag = _inputs(request.inputs), _inputs(request.properties)
        hidden = {name: each for name, each in given.items() if name.startswith("__")}
        secrets = {SECRETS: [*given.get(SECRETS, ()), *bag.get(SECRETS, ())]}
        bag = bag and hidden | bag
        account.name(bag)
        lifecycle = account.lifecycle(kind)
        found = await self._done(request, context, lambda: lifecycle.read(request.id, bag, origin_of(request.urn)))
        if found is None:
            return provider_pb2.ReadResponse()
        account.saw(request.urn, found.outputs)
        whose = None if bag else lifecycle.kind.describe(found.outputs)
        if whose is not None:
            title = lifecycle.kind.title(found.outputs)
            self._read[request.urn] = f"{lifecycle.kind.name} {title}: this stack takes it over; {whose}"
        outputs, inputs = (_marked(each, secrets) for each in (found.outputs, found.inputs))
        return provider_pb2.ReadResponse(id=found.id, properties=outputs, inputs=inputs)

    async def Delete(self, request: Any, context: Any) -> Any:
        """Remove what this resource made, and nothing else."""
        account, kind = await self._known(request.urn, context)
        lifecycle, bag = account.lifecycle(kind), _inputs(request.properties)
        await self._done(request, context, lambda: lifecycle.delete(request.id, bag, origin_of(request.urn)))
        return empty_pb2.Empty()

    # -- functions -------------------------------------------------------------------------------

    async def Invoke(self, request: Any, context: Any) -> Any:
        """Look something up; what is read is known to the checks that follow."""
        function = FUNCTIONS.get(request.tok.rpartition(":")[2])
        if function is None:
            there = ", ".join(FUNCTIONS)
            await context.abort(grpc.StatusCode.NOT_FOUND, f"There is no function {request.tok}; there are {there}.")
            raise AssertionError
        account = await self._configured(context)
        given = {name: value for name, value in _plain(request.args).items() if value is not None}
        wrong = function.unknown_argument(given)
        if wrong is not None:
            reason = f"is not an argument of {function.name}; there are {', '.join(function.arguments)}"
            return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(property=wrong, reason=reason)])

        async def look() -> list[Any]:
            try:
                rows = await self._in_a_thread(lambda: function.call(account.client, given))
            except SettingsError as error:
                raise error if given else SettingsError(f"{error} {FIRST}") from None
            await account.reads.note(function.about(given), rows, given)
            return rows

        rows = await self._awaited(look(), "", context)
        found = [dict(row) for row in rows]
        result = outward({RESULT: found} if function.many else found[0])
        return provider_pb2.InvokeResponse(**{"return": _struct(result)})

    # -- inside ----------------------------------------------------------------------------------

    def _listen(self, address: str) -> None:
        if address and self._log is None:
            self._log = Log(address)
            self._log.take_over()

    async def _configured(self, context: Any) -> Session:
        asyncio.get_running_loop().set_default_executor(self._threads)
        if self._account is None:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "The provider was not configured.")
            raise AssertionError
        return self._account

    async def _known(self, urn: str, context: Any) -> tuple[Session, str]:
        account, kind = await self._configured(context), kind_of(urn)
        if kind not in KINDS:
            there = ", ".join(KINDS)
            await context.abort(grpc.StatusCode.NOT_FOUND, f"There is no resource {kind}; there are {there}.")
        return account, kind

    async def _done(self, request: Any, context: Any, work: Callable[[], T]) -> T:
        """Return what blocking work returns, in a thread, within the time that the resource gives it."""
        account = await self._configured(context)

        def bounded() -> T:
            # An older SDK knows no time limit of a read.
            with account.client.within(getattr(request, "timeout", 0.0)):
                return work()

        async def run() -> T:
            return await self._in_a_thread(bounded)

        done: T = await self._awaited(run(), request.urn, context)
        return done

    async def _in_a_thread(self, work: Callable[[], T]) -> T:
        done: T = await asyncio.get_running_loop().run_in_executor(self._threads, contextvars.copy_context().run, work)
        return done

    async def _awaited(self, work: Any, urn: str, context: Any) -> Any:
        """Return what work returns; an error becomes a status and one line, at the resource."""
        URN.set(urn)
        try:
            done = await work
            await self._told()
        except BoomiError as error:
            await self._told()
            await context.abort(_status(error), in_boomis_words(str(error)))
        except Exception as error:  # noqa: BLE001 - whatever it is, a person gets one line, and where to look
            self._explain(error)
            await self._told()
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, fault(error))
        else:
            return done
        raise AssertionError

    async def _told(self) -> None:
        """Wait until the engine has every line: what is said of a resource stands before its result."""
        if self._log is not None:
            await self._log.told()

    def _explain(self, error: Exception) -> None:
        if self._log is not None:
            tell = self._log.info if os.environ.get("BOOMI_DEBUG") == "1" else self._log.debug
            tell(trace(error))


def _status(error: BoomiError) -> grpc.StatusCode:
    return next((code for kind, code in _STATUS if isinstance(error, kind)), grpc.StatusCode.FAILED_PRECONDITION)


def _reason(failure: preview.Failure) -> str:
    """Return what a person reads of a failure."""
    missing = failure.reason.startswith("is required")
    return clean(in_boomis_words(f"{failure}. {FIRST}" if missing else str(failure)))


def _foreseen(lifecycle: Lifecycle, olds: Bag, inputs: Bag) -> Bag:
    """Return what a preview can tell of the outputs."""
    kind = lifecycle.kind
    names = (*kind.outputs, *kind.required_outputs, *(("adopted",) if kind.adopts else ()))
    stays = {*kind.stable_outputs, "adopted"} if olds else set()
    return {name: olds.get(name, UNKNOWN) if name in stays else UNKNOWN for name in names} | inputs


def _details(found: preview.Diff, olds: Bag, before: Bag, news: Bag, kind: Kind[Any]) -> list[tuple[str, Any]]:
    """Return what a person should read of a change: what he changed, and what follows from it."""
    kinds = provider_pb2.PropertyDiff.Kind
    rule_of = rules(kind.inputs)
    lines = {name for name, rule in rule_of.items() if rule.filled and not rule.given}
    # What a refresh read beside the inputs is nobody's input, and nobody takes it away.
    before = {name: before[name] for name in before if name in news or name not in rule_of or rule_of[name].given}
    details = []
    for name in sorted({*before, *news, *found.replaces, *found.updates}):
        old = before.get(name, olds.get(name))
        if name.startswith("__") or (name not in found.replaces and old == news.get(name)):
            continue
        # A line about what was found in Boomi is new: the one before is no value that changes.
        act = "DELETE" if name not in news else "ADD" if old is None or name in lines else "UPDATE"
        replaces = "_REPLACE" if name in found.replaces else ""
        details.append((name, provider_pb2.PropertyDiff(kind=kinds.Value(act + replaces), inputDiff=name in before)))
    if not details:
        # The last run left something unfinished: only what Boomi tells will change.
        return [
            (name, provider_pb2.PropertyDiff(kind=kinds.UPDATE))
            for name in sorted(set(kind.outputs) - set(kind.stable_outputs))
            if name in olds
        ]
    return details


def _inputs(struct: Any) -> Bag:
    return inward({name: value for name, value in _bag(struct).items() if name not in _FOREIGN})


def _plain(struct: Any) -> Bag:
    """Return settings or arguments without marks of secrets."""
    return {name: value for name, value in inward(_bag(struct)).items() if name != SECRETS}


def _bag(struct: Any) -> Bag:
    bag: Bag = json_format.MessageToDict(struct)
    return bag


def _marked(bag: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    """Return a bag as the engine wants it; what was given as a secret, or repeats one, is marked."""
    there = {name: value for name, value in bag.items() if value is not None and name != SECRETS}
    return _struct(marked(there, given.get(SECRETS, ())))


def _struct(bag: Mapping[str, Any]) -> Any:
    struct = struct_pb2.Struct()
    struct.update({name: value for name, value in bag.items() if value is not None})
    return struct
