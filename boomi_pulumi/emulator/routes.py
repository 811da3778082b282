"""What tests ask for: what is asked for below `/_emulator/`, without credentials and in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from boomi_pulumi.emulator.rules import CONSOLE_USER, Refusal, Row
from boomi_pulumi.emulator.seed import attachment_id
from boomi_pulumi.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boomi_pulumi.emulator.faults import Script


class Routes:
    """What people and tests do to an account.

    Args:
        store: The account.
        faults: The script of faults.
    """

    def __init__(self, store: Store, faults: Script) -> None:
        self.store = store
        self.faults = faults
        self._routes: dict[tuple[str, str], Callable[[Any, Mapping[str, str]], Any]] = {
            ("GET", "journal"): lambda _body, _params: store.journal(),
            ("DELETE", "journal"): lambda _body, _params: store.clear_journal(),
            ("POST", "reset"): lambda _body, _params: self._reset(),
            ("GET", "faults"): lambda _body, _params: faults.shown(),
            ("POST", "faults"): lambda body, _params: self.set_faults(body),
            ("GET", "clock"): lambda _body, _params: {"now": store.now()},
            ("POST", "clock"): lambda body, _params: {"now": self._clock(body)},
            ("GET", "settings"): lambda _body, _params: store.settings(),
            ("POST", "settings"): lambda body, _params: store.settings(**body),
            ("GET", "users"): lambda _body, _params: store.logins(),
            ("GET", "objects"): lambda _body, params: _without_tokens(store, params["kind"], params.get("account")),
            ("POST", "components"): lambda body, _params: store.create_component(**_named(body)),
            ("GET", "extension-values"): lambda _body, params: store.extension_values(**_named(params)),
            ("GET", "listener-restarts"): lambda _body, params: store.listener_restarts(**_named(params)),
            ("GET", "runtime-secrets"): lambda _body, params: store.runtime_secrets(**_named(params)),
            ("POST", "console/save-extensions"): lambda body, _params: store.save_extensions(**_named(body)),
            ("POST", "console/save-schedules"): lambda body, _params: store.save_schedules(**_named(body)),
            ("POST", "console/stop-schedules"): lambda body, _params: store.stop_schedules(**_named(body)),
            ("POST", "console/resume-schedules"): lambda body, _params: store.resume_schedules(**_named(body)),
            ("POST", "console/run"): lambda body, _params: store.run(**_named(body)),
            ("POST", "console/set-runtime"): lambda body, _params: store.set_runtime(**_named(body)),
            ("POST", "console/change-listener"): lambda body, _params: store.change_listener(**_named(body)),
            ("GET", "listeners"): lambda _body, params: store.listeners(**_named(params)),
            ("POST", "runs"): self._script_runs,
            ("POST", "console/attach"): self._act("create", "EnvironmentAtomAttachment"),
            ("POST", "console/detach"): self._detach,
            ("POST", "console/deploy"): self._act("create", "DeployedPackage"),
            ("POST", "console/undeploy"): self._act("delete", "DeployedPackage", "deploymentId"),
            ("POST", "console/package"): self._act("create", "PackagedComponent"),
            ("POST", "console/delete-package"): self._act("delete", "PackagedComponent", "packageId"),
            ("POST", "console/delete-environment"): self._act("delete", "Environment", "environmentId"),
            ("POST", "console/give-roles"): lambda body, _params: store.set_roles(body["name"], body["roles"]),
            ("POST", "console/give-environment-role"): self._act("create", "EnvironmentRole"),
            ("POST", "console/delete-component"): self._act("delete", "ComponentMetadata", "componentId"),
            ("POST", "console/create-pack"): self._act("create", "PublisherIntegrationPack"),
            ("POST", "console/release-pack"): self._release_pack,
            ("POST", "console/lock-component"): self._lock_component,
            ("POST", "console/upload-connector-version"): self._upload,
        }

    def answer(self, method: str, route: str, params: Mapping[str, str], raw: bytes) -> tuple[int, Any]:
        """Do what a test asks for.

        Args:
            method: The HTTP method.
            route: What follows `/_emulator/`.
            params: The query string.
            raw: The body.

        Returns:
            The status, and what to answer as JSON.
        """
        try:
            body = json.loads(raw) if raw.strip() else {}
            if not isinstance(body, list if (method, route) == ("POST", "faults") else dict):
                raise TypeError("the body must be a JSON object, or a list for faults")  # noqa: TRY301
            act = self._routes.get((method, route)) or self._named(method, route)
            if act is None:
                return 404, {"message": f"no such route: {method} {route}"}
            return 200, act(body, params)
        except Refusal as refusal:
            return refusal.status, {"message": refusal.message}
        except (ValueError, OverflowError, TypeError, KeyError, AttributeError, RecursionError) as error:
            return 400, {"message": f"cannot do that: {error}"}

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

    def _named(self, method: str, route: str) -> Callable[[Any, Mapping[str, str]], Any] | None:
        match method, [unquote(part) for part in route.split("/")]:
            case "POST", ["users", name]:
                return lambda body, _params: self.store.set_login(name, **body)
            case "POST", ["components", component, "revisions"]:
                return lambda body, _params: self.store.save_revision(component, **_named(body))
            case "POST", ["connectors", name, "approve"]:
                return lambda body, _params: self.store.decide(name, **body, approve=True)
            case "POST", ["connectors", name, "reject"]:
                return lambda body, _params: self.store.decide(name, **body, approve=False)
            case "POST", ["connectors", name, "publish"]:
                return lambda body, _params: self.store.publish(name, **body)
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

    def _script_runs(self, body: Row, _params: Mapping[str, str]) -> None:
        self.store.script_runs(body["processId"], *body["runs"], account=body.get("account"))

    def _detach(self, body: Row, _params: Mapping[str, str]) -> None:
        fields = {"by": CONSOLE_USER, **body}
        attachment = attachment_id(fields.pop("atomId"), fields.pop("environmentId"))
        self.store.console("delete", "EnvironmentAtomAttachment", id=attachment, **fields)

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


_NAMES: Final = {
    "environmentId": "environment_id",
    "atomId": "runtime_id",
    "processId": "process_id",
    "lowLatency": "low_latency",
}


def _named(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Name what a test sends as the methods do."""
    return {_NAMES.get(name, name): value for name, value in fields.items()}


def _without_tokens(store: Store, kind: str, account: str | None) -> list[Row]:
    rows = store.objects(kind, account)
    return [{name: row[name] for name in row if name != "token"} for row in rows] if kind == "User" else rows
