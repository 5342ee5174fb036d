"""The state of the practice Cyclr: its instances, their API clients, sessions and sign-in tokens."""

from __future__ import annotations

import string
import uuid
from random import Random

from sfrunbook.practice.cyclr.entities import (
    Account,
    AccountConnector,
    ApiClient,
    ConsoleSession,
    Instance,
    SignInToken,
)
from sfrunbook.practice.org.world import keep_newest

__all__ = ["MOST_API_CLIENTS", "Cyclr", "value_of"]

_LETTERS = string.ascii_letters + string.digits
MOST_API_CLIENTS = 5
_SESSION_SECONDS = 8 * 3_600.0
_SESSIONS_KEPT = 500
_SIGN_INS_KEPT = 1_000


class _Mint:
    """Ids and secrets, apart from the orgs' own so that neither moves the other's; the same seed gives the same."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"cyclr {seed}")  # noqa: S311 - practice values, repeatable on purpose
        self._number = 41_000

    def guid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def number(self) -> int:
        """The number of an installed connector or of a property."""
        self._number += 7
        return self._number

    def opaque(self, length: int = 43) -> str:
        return "".join(self._random.choices(_LETTERS, k=length))

    def password(self) -> str:
        return f"{''.join(self._random.choices(string.ascii_letters, k=10))}-{self._random.randrange(1000, 9999)}"


class Cyclr:
    """The practice world's Cyclr; a snapshot copies it, a reset makes it anew."""

    def __init__(self, seed: int, instances: dict[str, Instance]) -> None:
        self.mint = _Mint(seed)
        self.instances = instances

    @property
    def home(self) -> Instance:
        """The instance that the partner of this world is on."""
        return next(iter(self.instances.values()))

    def add_api_client(self, instance: Instance, description: str, now: float) -> ApiClient:
        client = ApiClient(
            client_id=self.mint.guid(), client_secret=self.mint.opaque(), description=description, created=now
        )
        instance.api_clients.append(client)
        return client

    def drop_api_client(self, instance: Instance, client_id: str) -> bool:
        """Delete a set; its tokens end with it (confirmed)."""
        before = len(instance.api_clients)
        instance.api_clients = [each for each in instance.api_clients if each.client_id != client_id]
        for token in [text for text, each in instance.tokens.items() if each.client_id == client_id]:
            del instance.tokens[token]
        return len(instance.api_clients) < before

    def open_session(self, instance: Instance, username: str, now: float, account_id: str = "") -> str:
        """Log somebody in on the console host or, for an account, on the service domain; gives the cookie's value."""
        value = self.mint.opaque(60)
        instance.sessions[value] = ConsoleSession(
            username=username, csrf=self.mint.opaque(32), expires=now + _SESSION_SECONDS, account_id=account_id
        )
        keep_newest(instance.sessions, _SESSIONS_KEPT)
        return value

    def make_sign_in(self, instance: Instance, account: Account, username: str, expires: float) -> str:
        """A sign-in token of this account; the user is made where there is none of that name (confirmed)."""
        if username not in account.users:
            account.users.append(username)
        token = self.mint.opaque(40)
        instance.sign_ins[token] = SignInToken(account_id=account.account_id, username=username, expires=expires)
        keep_newest(instance.sign_ins, _SIGN_INS_KEPT)
        return token

    def use_sign_in(self, instance: Instance, token: str, now: float) -> SignInToken | None:
        """One use; an old one is used up too."""
        found = instance.sign_ins.pop(token, None)
        return found if found is not None and found.expires > now else None


def value_of(connector: AccountConnector, name: str) -> str:
    """The value of a property, empty where it is not set."""
    return next((each.value for each in connector.properties if each.name == name), "")
