"""Who may act: tokens, and what happens to a user whose credentials were refused too often."""

from __future__ import annotations

from boomi_pulumi.emulator.rules import Refusal, Row, Rules

_FRESH: Row = {"refused": 0, "locked": False, "revoked": False}


class Logins(Rules):
    """Users: each has one token, which may be revoked; too many refusals in a row lock the user."""

    def log_in(self, name: str, token: str) -> Row:
        """Find the user whose credentials these are, and count refusals.

        Args:
            name: The user, without Boomi's prefix for tokens.
            token: The token.

        Returns:
            The user.

        Raises:
            Refusal: There is none, or the user is locked.
        """
        with self._lock:
            account = self.primary["id"]
            user = self._table(account, "User").get(name)
            if user is None:
                raise self._refused()
            login = self._login(name)
            if login["locked"]:
                raise Refusal(self._settings["lockedStatus"], "Unauthorized")
            if token == user["token"] and not login["revoked"]:
                if login["refused"]:
                    self._commit(account, [("Login", name, {**login, "refused": 0})])
                return user
            refused = login["refused"] + 1
            locked = 0 < self._settings["lockAfter"] <= refused
            self._commit(account, [("Login", name, {**login, "refused": refused, "locked": locked})])
            raise self._refused()

    def _refused(self) -> Refusal:
        match self._settings["refusedLogin"]:
            case 403:
                return Refusal(403, "User name and password do not match.", "error.user.login")
            case 400:
                return Refusal(400, "Authentication failed: the user name or the password is missing or wrong.")
        return Refusal(401, "Unauthorized")

    def _login(self, name: str) -> Row:
        return self._table(self.primary["id"], "Login").get(name) or {"name": name, **_FRESH}

    def logins(self) -> list[Row]:
        """Tell of each user how many refusals in a row there were, and whether they are locked or revoked."""
        with self._lock:
            return [dict(self._login(row["name"])) for row in self._table(self.primary["id"], "User").values()]

    def set_login(self, name: str, *, revoked: bool | None = None, locked: bool | None = None) -> Row:
        """Revoke a user's token, lock or unlock the user, as an administrator does.

        Args:
            name: The user.
            revoked: Whether the token is revoked; as it is if left out.
            locked: Whether the user is locked; False also forgets the refusals. As it is if left out.

        Returns:
            How the user stands.

        Raises:
            Refusal: There is no such user, or a value is no boolean.
        """
        with self._lock:
            account = self.primary["id"]
            if self._table(account, "User").get(name) is None:
                raise Refusal(400, f"User {name} does not exist.")
            changes = {key: value for key, value in (("revoked", revoked), ("locked", locked)) if value is not None}
            if not all(isinstance(value, bool) for value in changes.values()):
                raise Refusal(400, "revoked and locked must be booleans.")
            row = {**self._login(name), **changes, **({"refused": 0} if locked is False else {})}
            self._commit(account, [("Login", name, row)])
            return row
