"""The emulator inside a test's own process."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from boomi_pulumi.emulator.default_account import default_seed
from boomi_pulumi.emulator.rules import CONSOLE_USER, Row
from boomi_pulumi.emulator.seed import Document, attachment_id, read_seed
from boomi_pulumi.emulator.server import Server
from boomi_pulumi.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType


class Emulator:
    """A Boomi account on a free port of this machine, served by a thread of this process.

        with Emulator() as boomi:
            session.auth = (boomi.username, boomi.token)
            session.get(f"{boomi.base_url}/api/rest/v1/{boomi.account_id}/…")

    Attributes:
        base_url: Scheme, host and port.
        account_id: The primary account.
        username: The first user of the seed, with Boomi's prefix for tokens.
        token: That user's token.
        env: The same four as `BOOMI_BASE_URL`, `BOOMI_ACCOUNT_ID`, `BOOMI_USERNAME`, `BOOMI_TOKEN`.
        store: What Boomi knows, for a closer look.
    """

    def __init__(
        self,
        seed: str | Path | Document | None = None,
        data: str | Path | None = None,
        port: int = 0,
        rate_limit: int | None = None,
        **settings: Any,
    ) -> None:
        """Start serving.

        Args:
            seed: A seed file or its decoded content; the default content if left out.
            data: A file that keeps the state; memory if left out.
            port: The port; any free one if left out.
            rate_limit: Requests per second and account, 0 for no limit; the seed's, or 10, if left out.
            **settings: Further switches by name.
        """
        if rate_limit is not None:
            settings["rateLimit"] = rate_limit
        self.store = Store(default_seed() if seed is None else read_seed(seed), data, settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="boomi-emulator", daemon=True)
        self._thread.start()
        self._server: Server | None = None
        try:
            self._server = self._await(self._make())
            port = self._await(self._server.start("127.0.0.1", port))
        except BaseException:
            self.stop()
            raise
        user = self.store.first_user()
        self.base_url = f"http://127.0.0.1:{port}"
        self.account_id: str = self.store.primary["id"]
        self.username = f"BOOMI_TOKEN.{user['name']}"
        self.token: str = user["token"]
        self.env = {
            "BOOMI_BASE_URL": self.base_url,
            "BOOMI_ACCOUNT_ID": self.account_id,
            "BOOMI_USERNAME": self.username,
            "BOOMI_TOKEN": self.token,
        }

    async def _make(self) -> Server:
        return Server(self.store)

    def _await(self, act: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(act, self._loop).result()

    def __enter__(self) -> Emulator:  # noqa: PYI034  # Self is not in Python 3.10
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop serving; a second call does nothing."""
        if self._loop.is_closed():
            return
        if self._server is not None:
            self._await(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.store.close()

    def journal(self) -> list[Row]:
        """Tell the requests so far."""
        return self.store.journal()

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        self.store.clear_journal()

    def reset(self) -> None:
        """Go back to the seed, with everything that was switched, moved, noted or made to fail since."""
        self.store.reset()
        self.faults()

    def keep(self) -> None:
        """Make what is there now what a reset goes back to."""
        self.store.keep()

    def faults(self, *script: Row) -> list[Row]:
        """Replace the script of faults, by none if there is nothing in the call; tell it."""
        return self._served().routes.set_faults(script)

    def fired(self) -> list[Row]:
        """Tell the script of faults, with how often each line has `fired`."""
        return self._served().faults.shown()

    def _served(self) -> Server:
        if self._server is None:
            raise RuntimeError("the emulator does not serve")
        return self._server

    def settings(self, **switches: Any) -> dict[str, Any]:
        """Change switches; tell them all."""
        return self.store.settings(**switches)

    def logins(self) -> list[Row]:
        """Tell of each user how many refusals in a row there were, and whether they are locked or revoked."""
        return self.store.logins()

    def set_login(self, name: str, *, revoked: bool | None = None, locked: bool | None = None) -> Row:
        """Revoke a user's token, lock or unlock the user, as an administrator does."""
        return self.store.set_login(name, revoked=revoked, locked=locked)

    def set_roles(self, name: str, *roles: str) -> Row:
        """Give a user these roles and no other, as an administrator does; tell the user, without the token."""
        return self.store.set_roles(name, roles)

    def advance(self, seconds: float) -> str:
        """Move the clock; tell the new time."""
        return self.store.advance(seconds)

    def objects(self, kind: str, account: str | None = None) -> list[Row]:
        """List the raw rows of one kind."""
        return self.store.objects(kind, account)

    def create_component(self, name: str, **fields: Any) -> Row:
        """Create a component, as a person does; see `Store.create_component`."""
        return self.store.create_component(name, **fields)

    def save_revision(
        self,
        component_id: str,
        by: str = CONSOLE_USER,
        branch: str | None = None,
        name: str | None = None,
        extensions: list[Any] | None = None,
        *,
        listener: str | None = None,
        low_latency: bool | None = None,
    ) -> Row:
        """Save a component once more, as a person does; it declares `extensions` from now on, or listens."""
        return self.store.save_revision(
            component_id,
            by=by,
            branch=branch,
            name=name,
            extensions=extensions,
            listener=listener,
            low_latency=low_latency,
        )

    def console_package(self, component_id: str, by: str = CONSOLE_USER, **fields: Any) -> Row:
        """Package a component, as a person does; `fields` are those of the create body."""
        return self._shown("create", "PackagedComponent", by, componentId=component_id, **fields)

    def console_deploy(self, environment_id: str, package_id: str, by: str = CONSOLE_USER, **fields: Any) -> Row:
        """Deploy a package, as a person does; `fields` are those of the create body."""
        fields |= {"environmentId": environment_id, "packageId": package_id}
        return self._shown("create", "DeployedPackage", by, **fields)

    def _shown(self, verb: str, kind: str, by: str, **fields: Any) -> Row:
        return self.store.console(verb, kind, by=by, **fields) or {}

    def console_undeploy(self, deployment_id: str, by: str = CONSOLE_USER) -> None:
        """Undeploy, as a person does."""
        self.store.console("delete", "DeployedPackage", by=by, id=deployment_id)

    def console_delete_package(self, package_id: str, by: str = CONSOLE_USER) -> None:
        """Delete a package, as a person does."""
        self.store.console("delete", "PackagedComponent", by=by, id=package_id)

    def delete_component(self, component_id: str, by: str = CONSOLE_USER) -> None:
        """Delete a component, as a person does."""
        self.store.console("delete", "ComponentMetadata", by=by, id=component_id)

    def give_environment_role(self, environment_id: str, role_id: str, by: str = CONSOLE_USER) -> Row:
        """Let only the holders of this role and of earlier ones into an environment, as a person does."""
        return self._shown("create", "EnvironmentRole", by, environmentId=environment_id, roleId=role_id)

    def delete_environment(self, environment_id: str, by: str = CONSOLE_USER) -> None:
        """Delete an environment, as a person does."""
        self.store.console("delete", "Environment", by=by, id=environment_id)

    def save_extensions(
        self,
        environment_id: str,
        values: Row | None = None,
        by: str = CONSOLE_USER,
        date: str | None = None,
        **sections: Any,
    ) -> Row:
        """Save values of an environment by path, or by `sections` of the update body, as a person does.

        See `Store.save_extensions`.
        """
        return self.store.save_extensions(environment_id, values, by=by, date=date, **sections)

    def extension_values(self, environment_id: str) -> Row:
        """Tell all values of an environment, secrets too, by `section/component id/field`."""
        return self.store.extension_values(environment_id)

    def listener_restarts(self, environment_id: str) -> int:
        """Tell how often all listeners of an environment were restarted."""
        return self.store.listener_restarts(environment_id)

    def runtime_secrets(self, runtime_id: str) -> Row:
        """Tell the encrypted values that a runtime knows, by `section/component id/field`."""
        return self.store.runtime_secrets(runtime_id)

    def save_schedules(
        self,
        process_id: str,
        runtime_id: str,
        schedules: Iterable[Row] = (),
        retry: Row | None = None,
        *,
        by: str = CONSOLE_USER,
        date: str | None = None,
    ) -> Row:
        """Replace all schedules of a process on a runtime, as a person does; none clears them."""
        return self.store.save_schedules(process_id, runtime_id, schedules, retry=retry, by=by, date=date)

    def stop_schedules(
        self, runtime_id: str, process_id: str | None = None, by: str = CONSOLE_USER, date: str | None = None
    ) -> None:
        """Stop the schedules of one process on a runtime, or of all, as a person does."""
        self.store.stop_schedules(runtime_id, process_id, by=by, date=date)

    def resume_schedules(
        self, runtime_id: str, process_id: str | None = None, by: str = CONSOLE_USER, date: str | None = None
    ) -> None:
        """Resume the schedules of one process on a runtime, or of all, as a person does."""
        self.store.resume_schedules(runtime_id, process_id, by=by, date=date)

    def run(self, process_id: str, runtime_id: str, status: str = "COMPLETE", **fields: Any) -> Row:
        """Leave the record of a run that a person, a schedule or a listener made; see `Store.run`."""
        return self.store.run(process_id, runtime_id, status, **fields)

    def script_runs(self, process_id: str, *runs: Row) -> None:
        """Say how the next requested runs of a process go; see `Store.script_runs`."""
        self.store.script_runs(process_id, *runs)

    def set_runtime(self, runtime_id: str, status: str) -> Row:
        """Let a runtime go `OFFLINE` or come back `ONLINE`."""
        return self.store.set_runtime(runtime_id, status)

    def change_listener(
        self, runtime_id: str, process_id: str | None = None, action: str = "pause", by: str = CONSOLE_USER
    ) -> None:
        """Pause, resume or restart one listener of a runtime, or all, as a person does; `fail` makes it errored."""
        self.store.change_listener(runtime_id, process_id, action, by=by)

    def listeners(self, runtime_id: str) -> list[Row]:
        """Tell the listeners of a runtime and how they are, those of web services too."""
        return self.store.listeners(runtime_id)

    def attach(self, runtime_id: str, environment_id: str, by: str = CONSOLE_USER) -> Row:
        """Attach a runtime to an environment, as a person does; it leaves the one where it was."""
        return self._shown("create", "EnvironmentAtomAttachment", by, atomId=runtime_id, environmentId=environment_id)

    def detach(self, runtime_id: str, environment_id: str, by: str = CONSOLE_USER) -> None:
        """Detach a runtime from an environment, as a person does."""
        attachment = attachment_id(runtime_id, environment_id)
        self.store.console("delete", "EnvironmentAtomAttachment", by=by, id=attachment)

    def lock_component(self, component_id: str, by: str | None = CONSOLE_USER) -> None:
        """Lock a component, as a person does; `by=None` unlocks it."""
        self.store.lock_component(component_id, by=by)

    def create_pack(
        self,
        name: str,
        component_ids: Iterable[str] = (),
        installation_type: str = "SINGLE",
        description: str = "",
        by: str = CONSOLE_USER,
    ) -> Row:
        """Create an integration pack of components that have shareable packages, as a person does."""
        members = [{"componentId": component} for component in component_ids]
        return self._shown(
            "create",
            "PublisherIntegrationPack",
            by,
            name=name,
            installationType=installation_type,
            Description=description,
            PublisherPackagedComponents={"PublisherPackagedComponent": members},
        )

    def release_pack(self, pack_id: str, components: dict[str, str], by: str = CONSOLE_USER) -> Row:
        """Release a version of each component at once, as a person does; tell the pack."""
        return self.store.release_pack(pack_id, components, by=by)

    def approve(self, classification_type: str, reason: str | None = None) -> Row:
        """Approve a public connector's pending version change, as Boomi's staff does."""
        return self.store.decide(classification_type, reason, approve=True)

    def reject(self, classification_type: str, reason: str | None = None) -> Row:
        """Reject a public connector's pending version change, as Boomi's staff does."""
        return self.store.decide(classification_type, reason, approve=False)

    def publish(self, classification_type: str, visibility: str = "PUBLIC") -> Row:
        """Make a connector `PRIVATE`, `PUBLIC` or `HIDDEN`, as a person does."""
        return self.store.publish(classification_type, visibility)

    def upload_connector_version(self, group_type: str, by: str = CONSOLE_USER) -> Row:
        """Upload one more version of a connector, as a person does; its `versionId` is the next number."""
        return self.store.upload_connector_version(group_type, by=by)
