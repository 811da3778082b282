from __future__ import annotations

import heapq
import random
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boomi_pulumi._api.retry import RETRIED_STATUSES, Outage, Policy, Rate
from tests.driver import Clock


def test_the_longest_waits_are_these() -> None:
    policy = Policy(retries=8, total=1000.0)
    waits = [policy.wait(retry, 0.0, lambda: 1.0) for retry in range(9)]
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0, None]


def test_there_are_five_retries() -> None:
    waits = [Policy().wait(retry, 0.0, lambda: 0.5) for retry in range(7)]
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, None, None]


@given(retry=st.integers(0, 4), drawn=st.floats(0, 1), waited=st.floats(0, 40))
def test_a_wait_is_a_part_of_its_bound(retry: int, drawn: float, waited: float) -> None:
    wait = Policy().wait(retry, waited, lambda: drawn)
    assert wait is not None
    assert 0 <= wait <= min(5.0, 0.2 * 2**retry)


def test_waits_are_spread_over_the_whole_bound() -> None:
    draw = random.Random(7).random  # noqa: S311 - no secret
    waits = [Policy().wait(3, 0.0, draw) or 0.0 for _ in range(10_000)]
    tenths = [sum(1 for wait in waits if int(wait / 0.16) == tenth) for tenth in range(10)]
    assert sum(tenths) == 10_000
    assert all(800 < count < 1200 for count in tenths)


@given(waited=st.floats(0, 200), retry=st.integers(0, 4), drawn=st.floats(0, 1))
def test_no_attempt_begins_after_the_total(waited: float, retry: int, drawn: float) -> None:
    wait = Policy().wait(retry, waited, lambda: drawn)
    assert wait is None or waited + wait <= 45.0
    if waited > 45.0:
        assert wait is None


def test_what_the_server_asks_for_is_obeyed_for_a_minute_in_all() -> None:
    waits: list[float] = []
    waited = 0.0
    while (wait := Policy().wait(len(waits), waited, lambda: 1.0, 25.0)) is not None:
        waits.append(wait)
        waited += wait
    assert waits == [25.0, 25.0]


@pytest.mark.parametrize(("asked", "wanted"), [(0.0, 0.0), (7.0, 7.0), (60.0, 60.0), (60.5, None), (3600.0, None)])
def test_what_the_server_asks_for_is_obeyed_up_to_a_minute(asked: float, wanted: float | None) -> None:
    assert Policy().wait(0, 0.0, lambda: 1.0, asked) == wanted


def test_what_the_server_asks_for_does_not_lift_the_count() -> None:
    assert Policy().wait(5, 0.0, lambda: 1.0, 1.0) is None


def test_the_retried_statuses() -> None:
    assert frozenset({429, 502, 503, 504}) == RETRIED_STATUSES


# -- rate ------------------------------------------------------------------------------------------


def starts_of(limit: float, pauses: list[float]) -> list[float]:
    """Return the moments at which one thread may start, when it rests between its calls."""
    clock = Clock()
    rate = Rate(limit, clock.time)
    starts = []
    for pause in pauses:
        clock.now += pause
        clock.sleep(rate.turn())
        starts.append(clock.now)
    return starts


def next_turn(rate: Rate, clock: Clock) -> float:
    """Wait for the next start; return the seconds waited."""
    pause = rate.turn()
    clock.sleep(pause)
    return pause


def most_in(window: float, starts: list[float]) -> int:
    """Return the most starts in any window of time, its end excluded."""
    slack = 1e-9
    return max(sum(1 for other in starts if start <= other < start + window - slack) for start in starts)


@given(limit=st.integers(1, 12), pauses=st.lists(st.floats(0, 1.5), min_size=1, max_size=60))
def test_never_more_than_the_limit_in_any_second(limit: int, pauses: list[float]) -> None:
    assert most_in(1.0, starts_of(limit, pauses)) <= limit


@given(limit=st.integers(1, 12), count=st.integers(1, 60))
def test_the_limit_is_used(limit: int, count: int) -> None:
    assert starts_of(limit, [0.0] * count)[-1] - 1000.0 == pytest.approx((count - 1) * Rate.SPREAD / limit)


def test_half_a_request_a_second_is_one_in_two() -> None:
    assert starts_of(0.5, [0.0] * 4) == pytest.approx([1000.0, 1002.2, 1004.4, 1006.6])


@pytest.mark.parametrize("limit", [0.0, -1.0])
def test_no_limit_never_waits(limit: float) -> None:
    assert starts_of(limit, [0.0] * 100) == [1000.0] * 100


def test_after_a_rest_nobody_waits() -> None:
    assert starts_of(2, [0.0, 0.0, 5.0, 0.0]) == pytest.approx([1000.0, 1000.55, 1005.55, 1006.1])


def test_after_too_many_nobody_starts_for_a_second_and_the_pace_falls_and_comes_back() -> None:
    clock = Clock()
    rate = Rate(10, clock.time)
    next_turn(rate, clock)
    rate.slow()
    assert next_turn(rate, clock) == pytest.approx(1.0)
    assert next_turn(rate, clock) == pytest.approx(0.11 * 1.5)
    for _ in range(40):
        rate.ease()
    next_turn(rate, clock)
    assert next_turn(rate, clock) == pytest.approx(0.11)


def test_however_often_it_is_told_too_many_it_goes_on() -> None:
    clock = Clock()
    rate = Rate(10, clock.time)
    for _ in range(100):
        rate.slow()
        clock.now += 1.0
    next_turn(rate, clock)
    assert next_turn(rate, clock) == pytest.approx(0.11 * 10)


def test_a_burst_of_refusals_counts_once() -> None:
    clock = Clock()
    rate = Rate(10, clock.time)
    for _ in range(16):
        rate.slow()
        clock.now += 0.05
    clock.now += 1.0
    next_turn(rate, clock)
    assert next_turn(rate, clock) == pytest.approx(0.11 * 1.5)


@pytest.mark.parametrize("limit", [0, 10])
def test_a_rest_that_the_server_asks_for_is_everybodys(limit: int) -> None:
    clock = Clock()
    rate = Rate(limit, clock.time)
    clock.sleep(rate.turn())
    rate.slow(30.0)
    assert rate.begin() == pytest.approx(30.0)
    clock.now += 30.0
    assert rate.begin() == 0


def test_without_a_limit_too_many_changes_nothing() -> None:
    clock = Clock()
    rate = Rate(0, clock.time)
    rate.slow()
    assert next_turn(rate, clock) == 0


def test_half_a_minute_without_a_good_answer_is_an_outage() -> None:
    clock = Clock()
    outage = Outage(clock.time)
    for _ in range(7):
        outage.note(503)
        assert not outage.lasts()
        clock.now += 5.0
    outage.note(None)
    assert outage.lasts()
    outage.note(400)
    assert not outage.lasts()


def test_in_an_outage_somebody_looks_again_after_a_rest() -> None:
    clock = Clock()
    outage = Outage(clock.time)
    outage.note(503)
    clock.now += 31.0
    outage.note(503)
    clock.now += 14.0
    assert outage.lasts()
    clock.now += 2.0
    assert not outage.lasts()
    outage.note(503)
    assert outage.lasts()


def test_time_for_which_the_server_asked_is_no_outage() -> None:
    clock = Clock()
    outage = Outage(clock.time)
    outage.note(503, 60.0)
    clock.now += 61.0
    outage.note(503)
    assert not outage.lasts()


def test_who_wakes_late_waits_for_whoever_began_meanwhile() -> None:
    clock = Clock()
    rate = Rate(10, clock.time)
    assert rate.turn() == 0
    assert rate.turn() == pytest.approx(0.11)
    clock.now += 0.2  # both woke late
    assert rate.begin() == 0
    assert rate.begin() == pytest.approx(0.1)
    clock.now += 0.1
    assert rate.begin() == 0


def arrivals(limit: float, workers: int, requests: int, draw: random.Random) -> list[float]:
    """Let threads send through one limiter, in a time of their own; return when their requests arrive, in order.

    Threads wake up to 20 ms late, requests travel up to 30 ms, and answers take 0.1 to 0.4 s.
    """
    clock = Clock()
    rate = Rate(limit, clock.time)
    arrived: list[float] = []
    # (when, which thread, whether it has waited for its turn)
    events = [(clock.now, each, False) for each in range(workers)]
    while len(arrived) < requests:
        when, worker, waited = heapq.heappop(events)
        clock.now = max(clock.now, when)
        pause = rate.begin() if waited else rate.turn()
        if pause > 0 or not waited:
            late = draw.uniform(0, 0.02) if pause > 0 else 0.0
            heapq.heappush(events, (clock.now + pause + late, worker, True))
            continue
        arrived.append(clock.now + draw.uniform(0, 0.03))
        heapq.heappush(events, (clock.now + draw.uniform(0.1, 0.4), worker, False))
    return sorted(arrived)


@pytest.mark.parametrize("number", range(20))
@pytest.mark.parametrize("workers", [4, 16])
def test_a_hundred_resources_never_meet_the_limit_and_use_it(workers: int, number: int) -> None:
    arrived = arrivals(10, workers, 200, random.Random(number))  # noqa: S311 - no secret
    assert most_in(1.0, arrived) <= 10
    assert arrived[-1] - arrived[0] <= 1.15 * 200 / 10


def test_threads_share_the_limit() -> None:
    """Every thread notes when it may start: the time that stood still, and what it was told to wait."""
    waits: list[float] = []
    rate = Rate(10, lambda: 0.0)
    gate = threading.Barrier(8)

    def run() -> None:
        gate.wait()
        waits.extend(rate.turn() for _ in range(25))

    _in_threads(8, run)
    assert len(waits) == 200
    assert most_in(1.0, sorted(waits)) <= 10
    assert max(waits) == pytest.approx(199 * 0.11)


def _in_threads(count: int, run: Callable[[], None]) -> None:
    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
