"""Accounts on the real engine: several in one program, another one by mistake, and where tokens end up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from boomi_pulumi.emulator import Emulator
from tests.engine.project import PIPELINE, TOKENS, Project, seed

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine

OTHER = "an0ther-70ken-0f-8e7a"
BARE = {"BOOMI_BASE_URL": "", "BOOMI_ACCOUNT_ID": "", "BOOMI_USERNAME": "", "BOOMI_TOKEN": ""}


@pytest.fixture
def beta() -> Iterator[Emulator]:
    """Another account; its components have the ids of the first one's, and its environment has not."""
    content: dict[str, Any] = {
        "account": {"id": "beta-XY99", "name": "Acme"},
        "users": [{"name": PIPELINE, "token": OTHER, "privileges": seed()["users"][0]["privileges"]}],
        "environments": [{"name": "Dev", "classification": "TEST", "id": "env-beta"}],
        "components": [{"name": "Order Sync of Beta", "id": "order-sync"}],
    }
    with Emulator(content, rate_limit=0) as boomi:
        yield boomi


def _running(boomi: Emulator, account: str | None = None) -> set[tuple[str, str]]:
    rows = boomi.objects("DeployedPackage", account)
    return {(row["environmentId"], row["packageVersion"]) for row in rows if row["active"]}


def test_one_program_acts_in_several_accounts(project: Project, beta: Emulator) -> None:
    project.tokens.add(OTHER)
    stack = project.stack(
        "dev",
        f"""
        token = pulumi.Config().require_secret("betaToken")
        beta = boomi.Provider("beta", account_id="beta-XY99", username="{PIPELINE}", token=token,
                              base_url="{beta.base_url}")
        north = boomi.Provider("north", override_account="acme-north")

        def release(name, version, component_id, opts, look):
            package = boomi.PackagedComponent(name, component_id=component_id, package_version=version, opts=opts)
            environment = boomi.get_environment_output(name=pulumi.Output.from_input(look[1]), opts=look[0])
            boomi.DeployedPackage(name, package=package, environment=environment, opts=opts)

        release("ours", "1.0", "order-sync", None, (None, "Dev"))
        release("theirs", "2.0", "order-sync", ResourceOptions(provider=beta),
                (pulumi.InvokeOptions(provider=beta), "Dev"))
        parent = pulumi.ComponentResource("acme:shop:Shop", "shop", None, ResourceOptions(providers=[north]))
        store = boomi.get_component(name="Store Sync", opts=pulumi.InvokeOptions(parent=parent))
        release("stores", "3.0", store.component_id, ResourceOptions(parent=parent),
                (pulumi.InvokeOptions(parent=parent), "North Test"))
        """,
    )
    stack.run("config", "set", "--secret", "betaToken", OTHER)
    seen = stack.preview()
    assert seen.says('componentName : "Order Sync of Beta"')
    stack.up()
    (north,) = (row["id"] for row in project.boomi.objects("Environment", "acme-north"))
    assert ("env-dev", "1.0") in _running(project.boomi)
    assert _running(beta) == {("env-beta", "2.0")}
    assert _running(project.boomi, "acme-north") == {(north, "3.0")}
    assert stack.resource("PackagedComponent", "theirs")["inputs"]["__account"] == f"beta-XY99 at {beta.base_url}"
    provider = next(row for row in stack.state() if row["urn"].endswith("::beta"))
    assert set(provider["inputs"]["boomi:token"]) == set(provider["outputs"]["boomi:token"]) == _SECRET
    # What a provider is about stays, so nothing that it made is touched.
    program = stack.folder / "__main__.py"
    text = program.read_text(encoding="utf-8")
    program.write_text(text.replace("token=token", "token=token, timeout=30"), encoding="utf-8")
    assert stack.preview().steps == set()
    # A resource that is given to another account is neither moved nor lost.
    program.write_text(text.replace("ResourceOptions(provider=beta)", "None", 1), encoding="utf-8")
    wrong = stack.preview(fails=True)
    assert wrong.says(
        f"this resource is of account beta-XY99 at {beta.base_url}, its provider or the settings name acme-AB12CD"
    )
    stack.destroy()
    assert _running(beta) == _running(project.boomi, "acme-north") == set()


_SECRET = {"4dabf18193072939515e22adb298388d", "ciphertext"}


def test_settings_of_another_account_are_refused_by_every_command(project: Project, beta: Emulator) -> None:
    project.tokens.add(OTHER)
    stack = project.stack(
        "dev",
        """
        package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
        boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev")
        """,
    )
    stack.up()
    before, running = stack.state(), _running(project.boomi)
    beta.clear_journal()
    theirs = f"acme-AB12CD at {project.boomi.base_url}"
    said = f"this resource is of account {theirs}, its provider or the settings name beta-XY99"
    for command in (("preview",), ("refresh", "--yes", "--skip-preview"), ("destroy", "--yes", "--skip-preview")):
        done = stack.run(*command, fails=True, env=beta.env)
        assert done.says(said), done.output
    assert stack.state() == before
    assert _running(project.boomi) == running
    assert not [entry for entry in beta.journal() if entry["verb"] in {"create", "update", "delete"}]


# -- where a token ends up -----------------------------------------------------------------------------

PROGRAM = 'boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0"{opts})\n'
OWN = """
import os
own = boomi.Provider("own", account_id="acme-AB12CD", username=os.environ["WHO"], token=os.environ["WHOSE"],
                     base_url=os.environ["WHERE"])
"""


@pytest.mark.parametrize("way", ["environment", "secret", "clear", "provider"])
def test_a_token_ends_up_where_the_docs_say(
    way: str, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    env, token = project.boomi.env, TOKENS[PIPELINE]
    settings = {"WHO": PIPELINE, "WHOSE": token, "WHERE": project.boomi.base_url}
    stack = project.stack("dev", "", **({} if way == "environment" else BARE | settings))
    opts = ", opts=ResourceOptions(provider=own)" if way == "provider" else ""
    stack.program((OWN if opts else "") + PROGRAM.format(opts=opts))
    project.tokens.clear()  # what is searched for here need not fail at once
    if way in {"secret", "clear"}:
        names = (("accountId", "ACCOUNT_ID"), ("username", "USERNAME"), ("baseUrl", "BASE_URL"))
        plain = [f"boomi:{name}={env[f'BOOMI_{variable}']}" for name, variable in names]
        given = [each for value in plain for each in ("--plaintext", value)]
        stack.run(
            "config", "set-all", *given, f"--{'secret' if way == 'secret' else 'plaintext'}", f"boomi:token={token}"
        )
    preview = stack.run("preview", "--json")
    exchanged = tmp_path_factory.mktemp("log") / "grpc.json"
    debug = {"PULUMI_DEBUG_GRPC": str(exchanged)}
    up = stack.run("up", "--yes", "--skip-preview", "--diff", "--logtostderr", "-v=9", env=debug)
    lines = up.output.splitlines()
    log = [line for line in lines if line.startswith('{"time"')]
    assert log
    told = {
        "output": token in preview.output + "".join(line for line in lines if line not in log),
        "files": any(token.encode() in file.read_bytes() for file in project.folder.rglob("*") if file.is_file()),
        # CLI 3.276 hides a secret in its lines, 3.259 does not; both write it into the file.
        "log": token in "".join(log) + exchanged.read_text(encoding="utf-8"),
        "export with secrets": token in stack.run("stack", "export", "--show-secrets").output,
    }
    clear, kept = way == "clear", way != "environment"
    assert told == {"output": clear, "files": clear, "log": kept, "export with secrets": kept}
    said = [each["diagnosticEvent"] for each in up.events if "diagnosticEvent" in each]
    warnings = [each["message"] for each in said if each["severity"] == "warning"]
    assert len(warnings) == (1 if clear else 0), warnings
    assert all("`pulumi config set --secret boomi:token`" in each for each in warnings)
