#!/usr/bin/env bash
# pulumi.Output.from_input makes an output of every part of a nested value, and tasks of the event loop for every dict and
# list in it: also of a value that a coroutine returns, in which there is no output. Output.apply with a coroutine makes
# one task, though both return an output of the same value. A program of some hundred resources feels it.
#
# Guess: what a coroutine returns is one value, so that one output holds it, whichever way it is wrapped.
# Seen on Linux x86-64 with Python 3.11, for a dict of 3 dicts of 10 texts each, tasks that were made (14 and 1):
#   pulumi 3.235.0: from_input many, apply few, same value True
#   pulumi 3.272.0: from_input many, apply few, same value True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/count.py" <<'PYTHON'
import asyncio
from typing import Any

import pulumi

VALUE = {f"a{one}": {f"b{two}": "text" for two in range(10)} for one in range(3)}


async def value() -> dict[str, Any]:
    return VALUE


async def main() -> None:
    loop, made = asyncio.get_running_loop(), []

    def factory(loop: Any, coroutine: Any, **more: Any) -> Any:
        made.append(1)
        return asyncio.Task(coroutine, loop=loop, **more)

    loop.set_task_factory(factory)
    lifted = await pulumi.Output.from_input(value()).future()
    by_from_input, made[:] = len(made), []
    applied = await pulumi.Output.from_input(None).apply(lambda _: value()).future()
    by_apply = len(made)
    word = {True: "many", False: "few"}
    same = lifted == applied == VALUE
    print(f"from_input {word[by_from_input > 5]}, apply {word[by_apply > 5]}, same value {same}")


asyncio.run(main())
PYTHON

failed=0
expect() {
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" --quiet --disable-pip-version-check install "pulumi==$1"
    seen=$(timeout 120 "$folder/$1/bin/python" "$folder/count.py")
    echo "pulumi $1: $seen"
    [[ $seen == "$2" ]] || { echo "  expected: $2"; failed=1; }
}
expect 3.235.0 "from_input many, apply few, same value True"
expect 3.272.0 "from_input many, apply few, same value True"
exit "$failed"
