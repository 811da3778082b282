"""Components of a large account, of a caller that asks about one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import pytest

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.filters import Filter
from boomi_pulumi._api.models import COMPONENT_METADATA, ComponentMetadata
from boomi_pulumi._lifecycle.seen import Found
from boomi_pulumi._reads.ahead import Components, Likely

PAGE, MOST = 100, 1_000


class Account:
    """Twenty thousand components in folders of so many, on a branch, and counts requests."""

    def __init__(self, in_a_folder: int, total: int = 20_000) -> None:
        self.in_a_folder, self.total = in_a_folder, total
        self.requests = 0
        self.others: list[ComponentMetadata] = []
        self.likely = Likely()

    def keep(self, _kind: object, _make: object) -> Likely:
        return self.likely

    def row(self, number: int, branch: str = "main") -> ComponentMetadata:
        about = {"componentId": f"c{number}", "folderId": str(number // self.in_a_folder), "type": "process"}
        found = COMPONENT_METADATA.parse({**about, "branchName": branch})
        assert found is not None
        return found

    def read(self, ids: Sequence[str]) -> dict[str, Any]:
        self.requests += 1
        return {each: Found(self.row(int(each[1:]))) for each in ids}

    def pages(self, _target: object, condition: Filter) -> Iterator[tuple[list[ComponentMetadata], int]]:
        folder = next((each.arguments[0] for each in condition.comparisons() if each.property == "folderId"), None)
        start = 0 if folder is None else int(folder) * self.in_a_folder
        end = self.total if folder is None else start + self.in_a_folder
        for first in range(start, end, PAGE):
            self.requests += 1
            rows = [self.row(number) for number in range(first, min(first + PAGE, end))]
            yield [*self.others, *rows], end - start

    def components(self) -> Components:
        return Components(cast("Client", self), self.read, Found, MOST)


def _mixed(numbers: list[int]) -> list[int]:
    return sorted(numbers, key=lambda number: str(number)[::-1])


ORDERS: list[Callable[[list[int]], list[int]]] = [list, lambda numbers: numbers[::-1], _mixed]


@pytest.mark.parametrize("order", ORDERS, ids=["forward", "backwards", "mixed"])
@pytest.mark.parametrize("in_a_folder", [1_500, 300, 100])
@pytest.mark.parametrize("at_once", [1, 16])
def test_components_of_whole_folders_cost_three_requests_a_hundred_at_the_most(
    at_once: int, in_a_folder: int, order: Callable[[list[int]], list[int]]
) -> None:
    account = Account(in_a_folder, 21_000)
    components, wanted = account.components(), order(list(range(6_000, 7_500)))
    for start in range(0, len(wanted), at_once):
        ids = [f"c{number}" for number in wanted[start : start + at_once]]
        assert {id_: each.value.component_id for id_, each in components(ids).items()} == {id_: id_ for id_ in ids}
    assert account.requests <= len(wanted) // 50 + len(wanted) // 100 + 8


@pytest.mark.parametrize("in_a_folder", [1, 10, 20_000])
def test_components_all_over_the_account_cost_half_as_much_again_at_the_most(in_a_folder: int) -> None:
    account, n = Account(in_a_folder), 250
    components = account.components()
    for number in _mixed(list(range(0, 20_000, 80)))[:n]:
        components([f"c{number}"])
    assert account.requests <= min(n * 3 // 2 + 8, 3 * account.total // PAGE)


def test_the_row_of_another_branch_is_no_answer() -> None:
    account = Account(10)
    components = account.components()
    components(["c0"])
    account.others = [account.row(15_000, "feature")]
    components(["c1"])
    assert components(["c15000"])["c15000"].value.branch_name == "main"


def test_a_small_account_is_read_once() -> None:
    account = Account(10, MOST)
    components = account.components()
    for number in range(MOST):
        components([f"c{number}"])
    assert account.requests == 1 + MOST // PAGE
