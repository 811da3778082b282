"""The rows, switches, clock and journal of the emulated accounts, and the file that keeps them."""

from __future__ import annotations

import copy
import json
import sqlite3
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from boomi_pulumi.emulator.seed import Document, Row, rows
from boomi_pulumi.emulator.switches import check_settings, defaults
from boomi_pulumi.emulator.tables import Table, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Change = tuple[str, str, Row | None]  # kind, key, the row or None when it goes away


_A_YEAR = 366 * 86_400.0
"""Seconds that a clock which was moved can go on, at the least."""


class BadData(Exception):
    """A data file that cannot be used; the message is one line for a person."""


@dataclass
class _Clock:
    offset: float = 0.0
    now: Callable[[], float] = field(default=lambda: datetime.now(timezone.utc).timestamp())

    def time(self) -> float:
        return self.now() + self.offset


class State:
    """What is kept, whatever the rules by which it changes.

    Every method may be called from any thread.
    """

    def __init__(self, seed: Document, data: str | Path | None = None, settings: dict[str, Any] | None = None) -> None:
        self._lock = threading.RLock()
        self._seed = seed
        self._startup = check_settings(settings or {})
        self._clock = _Clock()
        self._commits = 0
        self.work = Work()
        self._rows: dict[tuple[str, str], Table] = {}
        self._journal: deque[Row] = deque()
        self._admitted: dict[str, list[float]] = {}
        self._numbered = 0
        self._settings: dict[str, Any] = {}
        self._kept: tuple[tuple[dict[tuple[str, str], dict[str, Row]], dict[str, Any]], float] | None = None
        self._file = _open(data)
        try:
            self._load(data)
        except BaseException:
            self._file.close()
            raise

    def _load(self, data: str | Path | None) -> None:
        try:
            saved = dict(self._file.execute("SELECT key, body FROM meta"))
            if "seed" in saved:
                self._seed = json.loads(saved["seed"])
                # A file of an earlier emulator does not know every switch.
                self._settings = defaults() | check_settings(json.loads(saved["settings"])) | self._startup
                self._clock.offset = float(saved["clock"])
                for account, kind, key, body in self._file.execute(
                    "SELECT account, kind, key, body FROM objects ORDER BY rowid"
                ):
                    self._table(account, kind).put(key, json.loads(body))
                self.primary = self._first_account()
                return
        except (sqlite3.Error, ValueError, KeyError, StopIteration) as error:
            raise BadData(f"the data file {data} is damaged: {error}") from None
        self.reset()

    def _first_account(self) -> Row:
        return next(row for (_, kind), found in self._rows.items() if kind == "Account" for row in found.values())

    def reset(self) -> None:
        """Go back to the seed, or to what was kept: objects, settings, clock, journal and paging tokens."""
        settings = defaults() | check_settings(self._seed.get("settings") or {}) | self._startup
        with self._lock:
            offset = 0.0
            if self._kept is None:
                fresh = rows(self._seed)
            else:
                (tables, settings), offset = copy.deepcopy(self._kept)
                fresh = [(*place, key, row) for place, table in tables.items() for key, row in table.items()]
            with self._file:
                self._file.execute("DELETE FROM objects")
                self._file.executemany(
                    "INSERT INTO objects (account, kind, key, body) VALUES (?, ?, ?, ?)",
                    [(account, kind, key, json.dumps(row)) for account, kind, key, row in fresh],
                )
                self._save_meta(seed=self._seed, settings=settings, clock=offset)
            self._rows = {}
            for account, kind, key, row in fresh:
                self._table(account, kind).put(key, row)
            self._settings = settings
            self._clock.offset = offset
            self._admitted.clear()
            self._journal.clear()
            self._numbered = 0
            self.primary = self._first_account()

    def keep(self) -> None:
        """Make what is there now what a reset goes back to: objects, settings and clock."""
        with self._lock:
            tables = {place: dict(table.items()) for place, table in self._rows.items()}
            self._kept = copy.deepcopy((tables, self._settings)), self._clock.offset

    def _save_meta(self, **values: Any) -> None:
        self._file.executemany(
            "INSERT INTO meta (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body",
            [(key, json.dumps(value)) for key, value in values.items()],
        )

    def _commit(self, account: str, changes: Iterable[Change]) -> None:
        changes = list(changes)
        with self._file:
            for kind, key, row in changes:
                if row is None:
                    self._file.execute(
                        "DELETE FROM objects WHERE account = ? AND kind = ? AND key = ?", (account, kind, key)
                    )
                else:
                    self._file.execute(
                        "INSERT INTO objects (account, kind, key, body) VALUES (?, ?, ?, ?)"
                        " ON CONFLICT (account, kind, key) DO UPDATE SET body = excluded.body",
                        (account, kind, key, json.dumps(row)),
                    )
        for kind, key, row in changes:
            if row is None:
                self._table(account, kind).remove(key)
            else:
                self._table(account, kind).put(key, row)
        self._commits += 1

    def close(self) -> None:
        """Let go of the data file."""
        with self._lock:
            self._file.close()

    def _table(self, account: str, kind: str) -> Table:
        found = self._rows.get((account, kind))
        if found is None:
            found = self._rows[account, kind] = Table(kind, self.work)
        return found

    def objects(self, kind: str, account: str | None = None) -> list[Row]:
        """List the raw rows of one kind.

        Args:
            kind: `PackagedComponent` and so on, also `Branch`, `Account`.
            account: An account's id; the primary one if left out.

        Returns:
            Copies of the rows.
        """
        with self._lock:
            return [dict(row) for row in self._table(account or self.primary["id"], kind).values()]

    # Settings, clock, journal.

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change switches and tell them all.

        Args:
            **changes: New values by name.

        Returns:
            Every switch with its value.
        """
        checked = check_settings(changes)
        with self._lock:
            if checked:
                self._settings = {**self._settings, **checked}
                self._cut_journal()
                with self._file:
                    self._save_meta(settings=self._settings)
            return dict(self._settings)

    def time(self) -> float:
        """Tell the emulator's time in seconds since 1970."""
        return self._clock.time()

    def now(self) -> str:
        """Tell the emulator's time as Boomi writes it."""
        return iso(self.time())

    def advance(self, seconds: float) -> str:
        """Move the clock.

        Args:
            seconds: How far; it goes on running from there.

        Returns:
            The new time.
        """
        return self._set_clock(self._clock.offset + seconds)

    def set_time(self, now: str | None) -> str:
        """Set the clock.

        Args:
            now: A time from which it goes on running, or None for real time.

        Returns:
            The new time.
        """
        if now is None:
            return self._set_clock(0.0)
        moment = datetime.fromisoformat(now.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return self._set_clock(moment.timestamp() - self._clock.now())

    def _set_clock(self, offset: float) -> str:
        try:
            # A clock whose time cannot be written would fail later, in the middle of an act.
            iso(self._clock.now() + offset + _A_YEAR)
        except (OverflowError, ValueError, OSError):
            raise ValueError("that time is out of range") from None
        with self._lock, self._file:
            self._clock.offset = offset
            self._save_meta(clock=offset)
        return self.now()

    def note(self, **entry: Any) -> None:
        """Write one request into the journal.

        Args:
            **entry: What is known about it; never a credential.
        """
        with self._lock:
            self._numbered += 1
            self._journal.append({"seq": self._numbered, "time": self.now(), **entry})
            self._cut_journal()

    def _cut_journal(self) -> None:
        most = self._settings["journalLength"]
        while 0 < most < len(self._journal):
            self._journal.popleft()

    def journal(self) -> list[Row]:
        """Tell the requests since the start or the last `clear_journal`, the newest `journalLength` of them."""
        with self._lock:
            return [dict(entry) for entry in self._journal]

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._journal.clear()

    # Who may act, and where.

    def account(self, identifier: str) -> Row | None:
        """Find an account, primary or sub-account, by its id."""
        return self._table(identifier, "Account").get(identifier)

    def first_user(self) -> Row:
        """Tell the user whose credentials are handed out."""
        return next(iter(self._table(self.primary["id"], "User").values()))

    def admit(self, account: str) -> bool:
        """Count a request against an account's limit.

        Args:
            account: Whose limit counts.

        Returns:
            Whether there was room for it. One that is turned away does not count.
        """
        with self._lock:
            if not self._settings["rateLimit"]:
                return True
            now, window = self.time(), self._settings["rateWindow"]
            # A clock that was set back leaves times in the future; they do not count either.
            recent = [past for past in self._admitted.get(account, ()) if 0 <= now - past < window]
            room = bool(len(recent) < self._settings["rateLimit"])
            self._admitted[account] = [*recent, now] if room else recent
            return room


def _open(data: str | Path | None) -> sqlite3.Connection:
    try:
        file = sqlite3.connect(data or ":memory:", timeout=0.5, check_same_thread=False)
    except sqlite3.Error as error:
        raise BadData(f"cannot open the data file {data}: {error}") from None
    try:
        # A second emulator on the same file would not see what the first one writes.
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        with file:
            file.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, body TEXT NOT NULL)")
            file.execute(
                "CREATE TABLE IF NOT EXISTS objects (account TEXT NOT NULL, kind TEXT NOT NULL,"
                " key TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (account, kind, key))"
            )
    except sqlite3.Error as error:
        file.close()
        raise BadData(f"cannot use the data file {data}: {error}") from None
    return file


def iso(moment: float) -> str:
    """Write a moment, in seconds since 1970, as Boomi does."""
    whole = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=int(moment))
    return whole.strftime("%Y-%m-%dT%H:%M:%SZ")
