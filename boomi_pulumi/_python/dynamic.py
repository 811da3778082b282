"""The dynamic provider: what Pulumi's Python plugin asks of a dynamic provider, answered by the core's lifecycle."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from boomi_pulumi._api.client import Client, client_for
from boomi_pulumi._api.errors import SettingsError, reported
from boomi_pulumi._api.login import PROVIDER
from boomi_pulumi._api.settings import Settings
from boomi_pulumi._api.words import clean
from boomi_pulumi._bags import inward, marked, still_secret, told
from boomi_pulumi._lifecycle.fields import SECRETS, Bag
from boomi_pulumi._lifecycle.kind import Kind
from boomi_pulumi._lifecycle.lifecycle import Lifecycle
from boomi_pulumi._lifecycle.seen import decoded
from boomi_pulumi._sdk import TRIED, unfit

__all__ = ["FACTS", "ORIGIN", "PARENT", "WHY", "DynamicProvider"]

FACTS = "__facts"
"""Hidden input: what the account says about the objects that the inputs name. Never stored."""

WHY = "why"
"""Among the answers: property -> why its value is None, where the program gave an output that is."""

ORIGIN = "__origin"
"""Hidden input: project/stack/name of the resource, for the origin mark."""

PARENT = "__parent"
"""Hidden input: the class of the resource's parent, which tells it from another one of its name. Never stored."""

_LOST = (
    "what the program found in the account did not arrive here, nor the mark of its resource. Nothing was changed. If "
    "a transform of the program makes the properties anew, let it return those too that begin with two underscores; "
    f'else use an SDK that was tried: pip install "pulumi=={TRIED}"'
)


P = ParamSpec("P")
R = TypeVar("R")


def _guarded(verb: Callable[Concatenate[DynamicProvider, P], R]) -> Callable[Concatenate[DynamicProvider, P], R]:
    """Let an error leave the process without secrets: the plugin sends its text, and that of whatever caused it."""

    @wraps(verb)
    def run(self: DynamicProvider, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return verb(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold a secret
            raise reported(error) from None

    return run


class DynamicProvider(ResourceProvider):
    """The lifecycle of one kind, as a dynamic provider.

    Args:
        kind: The kind.
        load: Returns this provider from the kind's name; a state stores a call of it, and nothing else.
    """

    serialize_as_secret_always = False

    def __init__(self, kind: Kind[Any], load: Callable[[str], DynamicProvider]) -> None:
        super().__init__()
        self.kind = kind
        self._load = load
        self._settings: Settings | None = None
        self._core = Lifecycle(kind, self._client)

    def __reduce__(self) -> tuple[Any, ...]:
        return self._load, (self.kind.name,)

    def configure(self, req: ConfigureRequest) -> None:
        """Read settings; no request is made.

        Raises:
            SettingsError: Something required is missing, a value is malformed, or the SDK drops what the program sends.
        """
        if os.environ.get("BOOMI_DEBUG") != "1":
            # The plugin sends the whole traceback of any exception; a person wants the message.
            sys.tracebacklimit = 0
        reason = unfit()
        if reason is not None:
            raise SettingsError(reason)
        self._settings = Settings.load(lambda name: req.config.get(f"boomi:{name}"))
        self._core = Lifecycle(self.kind, self._client, marks=self._settings.origin_mark)

    @_guarded
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate inputs, fill companions, and judge them by what the account says; makes no request."""
        given = inward(news)
        facts, origin, parent = (given.pop(name, None) for name in (FACTS, ORIGIN, PARENT))
        if not isinstance(origin, str):
            # Every program sends it, and the engine asks for a check only where a program declares the resource.
            return CheckResult(_out(given, given), [CheckFailure("", _LOST)])
        sent = facts if isinstance(facts, dict) else {}
        why = {name: text for name, text in (sent.get(WHY) or {}).items() if isinstance(text, str)}
        answers = decoded(self.kind.seen, sent)
        olds = inward(_olds)
        given = still_secret(olds, given)
        checked = self._core.check(olds, given, answers, origin, parent, why=why)
        inputs = checked.inputs | {ORIGIN: origin}
        return CheckResult(_out(inputs, given), [CheckFailure("", clean(each)) for each in checked.failures])

    @_guarded
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare by the fields' rules; makes no request.

        Raises:
            Conflict: A value changed that Boomi froze.
        """
        olds, news = inward(_olds), inward(_news)
        found = self._core.diff(_id, olds, news, _origin(news))
        changes = found.changes or self._core.unfinished(olds)
        return DiffResult(changes=changes, replaces=list(found.replaces), delete_before_replace=False)

    @_guarded
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the object, or take the one that is there and equal."""
        bag = inward(props)
        id_, outputs = self._core.create(bag, _origin(bag))
        return CreateResult(id_, _out(outputs | _marked(bag), bag))

    @_guarded
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring the object to what is declared."""
        bag = inward(_news)
        return UpdateResult(_out(self._core.update(inward(_olds), bag, _origin(bag)) | _marked(bag), bag))

    @_guarded
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return the live object, with inputs, so that drift shows as the field that changed."""
        bag = inward(props)
        found = self._core.read(id_, bag, _origin(bag))
        if found is None:
            return ReadResult(None, {})
        outputs, inputs = (_out(each | _marked(bag), bag) for each in (found.outputs, found.inputs))
        return ReadResult(found.id, outputs, inputs)

    @_guarded
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove what this resource made, and nothing else."""
        bag = inward(_props)
        self._core.delete(_id, bag, _origin(bag))

    def _client(self) -> Client:
        if self._settings is None:
            raise RuntimeError("configure was not called")
        return client_for(self._settings, PROVIDER)


def _origin(bag: Mapping[str, Any]) -> str | None:
    origin = bag.get(ORIGIN)
    return origin if isinstance(origin, str) else None


def _out(made: Bag, given: Mapping[str, Any]) -> Bag:
    """Return a bag as the engine wants it; the state remembers which of its properties are secrets."""
    secrets = given.get(SECRETS, ())
    return marked(made, secrets) | told(made, secrets)


def _marked(bag: Mapping[str, Any]) -> Bag:
    return {ORIGIN: bag[ORIGIN]} if ORIGIN in bag else {}
