"""Run the emulator from a shell."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from boomi_pulumi.emulator.default_account import default_seed
from boomi_pulumi.emulator.seed import BadSeed, read_seed, write_seed
from boomi_pulumi.emulator.state import BadData
from boomi_pulumi.emulator.store import Store
from boomi_pulumi.emulator.switches import read_settings, table
from boomi_pulumi.emulator.visitors import is_reachable

try:
    from boomi_pulumi.emulator.server import Server
except ModuleNotFoundError as error:
    if error.name != "aiohttp":
        raise
    print("The emulator needs aiohttp: pip install 'boomi_pulumi[emulator]'", file=sys.stderr)
    sys.exit(2)

if TYPE_CHECKING:
    from collections.abc import Sequence

BAD_INPUT = 2
_REACHABLE = (
    "boomi emulator: other machines can reach {}. Whoever does can read and change this account "
    "without credentials (/_emulator/); its seed must hold no real token."
)


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="python -m boomi_pulumi.emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8099, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument("--data", metavar="FILE", help="keep the state in FILE (default: memory)")
    parser.add_argument("--seed", metavar="FILE", help="start a new state from FILE (default: a made-up account)")
    parser.add_argument("--settings", metavar="FILE", help="set the switches that FILE (YAML or JSON) names")
    parser.add_argument("--rate-limit", type=int, metavar="N", help="requests per second and account, 0 for no limit")
    parser.add_argument("--latency", type=int, metavar="MS", help="milliseconds before every answer")
    parser.add_argument("--print-seed", action="store_true", help="write the made-up account as a seed file and exit")
    parser.add_argument("--print-settings", action="store_true", help="write every switch and exit")
    return parser


async def serve(store: Store, host: str, port: int) -> None:
    """Serve until a signal says stop.

    Args:
        store: What Boomi knows.
        host: The address to listen on.
        port: The port, or 0 for any free one.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = Server(store)
    port = await server.start(host, port)
    if is_reachable(host):
        print(_REACHABLE.format(host), file=sys.stderr, flush=True)
    user = store.first_user()
    print(f"BOOMI_BASE_URL=http://{f'[{host}]' if ':' in host else host}:{port}")
    print(f"BOOMI_ACCOUNT_ID={store.primary['id']}")
    print(f"BOOMI_USERNAME=BOOMI_TOKEN.{user['name']}")
    print(f"BOOMI_TOKEN={user['token']}", flush=True)
    await stop.wait()
    await server.stop()


def main(command: Sequence[str] | None = None) -> int:
    """Read the command line and serve.

    Args:
        command: The arguments; those of the process if left out.

    Returns:
        The exit status.
    """
    options = arguments().parse_args(command)
    if options.print_seed:
        sys.stdout.write(write_seed(default_seed()))
        return 0
    if options.print_settings:
        sys.stdout.write(table())
        return 0
    given = {"rateLimit": options.rate_limit, "latency": options.latency}
    try:
        switches = read_settings(options.settings) if options.settings else {}
        switches |= {key: value for key, value in given.items() if value is not None}
        store = Store(read_seed(options.seed) if options.seed else default_seed(), options.data, switches)
    except (BadSeed, BadData, ValueError) as error:
        return _complain(str(error))
    try:
        asyncio.run(serve(store, options.host, options.port))
    except (OSError, OverflowError) as error:
        return _complain(f"cannot listen on {options.host} port {options.port}: {error}")
    finally:
        store.close()
    return 0


def _complain(message: str) -> int:
    print(f"boomi emulator: {' '.join(message.split())}", file=sys.stderr)
    return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
