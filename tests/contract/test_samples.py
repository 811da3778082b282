"""The samples of Boomi's own document are understood, in JSON and XML; ids of other accounts are refused by name.

A sample that is not understood is an exception below, by name and with its reason. An exception that nothing
needs fails.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests

from boomi_pulumi.emulator import Emulator

SAMPLES: list[dict[str, str]] = json.loads(
    (Path(__file__).parent.parent / "openapi" / "samples.json").read_text(encoding="utf-8")
)
# What an account answers that has understood a request, and does not have what it asks for.
UNDERSTOOD = re.compile(
    r"\w+ (?P<id>\S*) ?is invalid\. Provide a valid .*"
    r"|Integration pack ID \S+ is invalid\. .*"
    r"|The queryToken does not have the proper format\."
    r"|Branch '\w+' is not valid\."
)

EXCEPTIONS: dict[str, str] = {
    r"(Atom|Branch|Component|Deployment)(/\{\w+\})? \S+ example: Unknown objectType for .*": (
        "the emulator does not write this object"
    ),
    r"EnvironmentExtensions/\{id\} application/xml example: Unable to read message body\. .*": (
        "the sample is no XML: it closes an element twice"
    ),
    r"Account/query \S+ \w+: Unknown objectType for .*": ("the emulator does not list sub-accounts"),
    r"\S+/query \S+ GroupingExpression: Property 'anotherProperty' cannot be used .*": (
        "no object has a property of that name; the sample shows the form"
    ),
    r"Environment application/xml example: An environment named .* already exists\.": "the sample in JSON has made it",
    r"Folder(/\{id\})? application/xml example: Unknown field '(Id|parentname)' in Folder\.": (
        "the document has no such fields; it writes them `id` and `parentName`"
    ),
}
"""Pattern of an answer -> why it is right."""


@cache
def answers() -> dict[str, tuple[int, str]]:
    """Send every sample, and return status and message."""
    found: dict[str, tuple[int, str]] = {}
    with Emulator(rate_limit=0) as boomi, requests.Session() as session:
        session.auth = (boomi.username, boomi.token)
        base = f"{boomi.base_url}/api/rest/v1/{boomi.account_id}"
        for sample in SAMPLES:
            ids = _ids(sample["body"])
            path = re.sub(r"\{\w+\}", ids[0] if ids else "nobody", sample["path"])
            headers = {"Content-Type": sample["type"], "Accept": "application/json"}
            body = sample["body"].encode()
            answer = session.request(sample["method"], f"{base}{path}", data=body, headers=headers, timeout=10)
            message = "" if answer.ok else str(_message(answer))
            found[f"{sample['path'][1:]} {sample['type']} {sample['name']}"] = answer.status_code, message
    return found


def _message(answer: requests.Response) -> Any:
    return answer.json()["message"]


def _ids(body: str) -> list[str]:
    return re.findall(r'(?:\bid|componentId)"?[=:]\s*"([^"]+)"', body)


def test_there_are_samples_of_both_forms() -> None:
    assert {sample["type"] for sample in SAMPLES} >= {"application/json", "application/xml"}
    assert len(answers()) == len(SAMPLES) > 80


def test_every_sample_is_understood() -> None:
    unexpected = {
        name: answer
        for name, answer in answers().items()
        if answer[0] != 200
        and not UNDERSTOOD.fullmatch(answer[1])
        and not any(re.fullmatch(pattern, f"{name}: {answer[1]}") for pattern in EXCEPTIONS)
    }
    assert unexpected == {}


@pytest.mark.parametrize("pattern", EXCEPTIONS)
def test_every_exception_is_needed(pattern: str) -> None:
    assert any(re.fullmatch(pattern, f"{name}: {message}") for name, (_, message) in answers().items())
    assert EXCEPTIONS[pattern]
