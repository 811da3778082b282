"""Drive the emulator with clients that nobody here wrote, and show who can do what.

python -m tests.clients             prints the table of docs/emulator.md
python -m tests.clients --write     writes it there
python -m tests.clients --install   only puts the clients into .tools/clients
"""

from __future__ import annotations

import sys

from tests.clients.published import CLIENTS, PAGE, install, table, written

if __name__ == "__main__":
    if "--install" in sys.argv:
        for client in CLIENTS:
            print(install(client))
    elif "--write" in sys.argv:
        PAGE.write_text(written(table()), encoding="utf-8")
    else:
        print(table(), end="")
