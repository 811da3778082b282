"""Write down what programs rely on of the schema, after a change that is meant: python -m tests.native."""

from __future__ import annotations

import json

from boomi_pulumi.native.schema import package
from tests.native.test_plugin import PINNED, _outline

PINNED.write_text(json.dumps(_outline(package("1.0.0")), indent=1, sort_keys=True) + "\n", encoding="utf-8")
print(f"Wrote {PINNED.name}.")
