"""What a Cyclr instance contains: console users, library connectors, accounts, installed connectors, cycles.

Cyclr's own words: https://community.cyclr.com (glossary, confirmed). Ids: accounts, cycles, steps, templates and
transactions have GUIDs, connectors, installed connectors and their properties have numbers (confirmed).
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "Account",
    "AccountConnector",
    "ApiClient",
    "ApiToken",
    "ConsoleSession",
    "ConsoleUser",
    "Cycle",
    "Delivery",
    "Incident",
    "Instance",
    "LibraryConnector",
    "PendingLogin",
    "Property",
    "SignInToken",
    "Step",
    "Template",
    "Tokens",
    "Transaction",
    "Webhook",
]

_DELIVERIES_KEPT = 200
_LONGEST_NUMBER = 12


@dataclass(frozen=True, kw_only=True)
class ConsoleUser:
    """Somebody who logs in to the Partner Console."""

    username: str
    password: str = field(repr=False)


@dataclass(slots=True, kw_only=True)
class ConsoleSession:
    """A person logged in on the console host, or, with an `account_id`, on the service domain by a sign-in link."""

    username: str
    csrf: str = field(repr=False)
    expires: float
    account_id: str = ""
    notice: str = ""


@dataclass(slots=True, kw_only=True)
class ApiClient:
    """One set under Settings > OAuth Client Credentials; at most five (confirmed)."""

    client_id: str
    client_secret: str = field(repr=False)
    description: str
    created: float


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A bearer token of the API; `account_id` is set when it was asked for with the scope of one account."""

    client_id: str
    account_id: str
    expires: float


@dataclass(frozen=True, kw_only=True)
class SignInToken:
    account_id: str
    username: str
    expires: float


@dataclass(slots=True, kw_only=True)
class LibraryConnector:
    """One entry of the Application Connector Library with the Console's Client ID and Client Secret.

    `family` is salesforce for those with "Salesforce authentication", else other: those cannot be used here.
    """

    connector_id: int
    name: str
    version: str
    family: Literal["salesforce", "other"]
    description: str
    category: str
    release: Literal["Live", "Draft"] = "Live"
    custom: bool = False
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(slots=True, kw_only=True)
class Webhook:
    """A Transaction Error Webhook, of the Console or of an account."""

    enabled: bool = False
    url: str = ""
    include_warnings: bool = False


@dataclass(slots=True, kw_only=True)
class Account:
    account_id: str
    name: str
    description: str = ""
    timezone: str = "Europe/London"
    created: float
    webhook: Webhook = field(default_factory=Webhook)
    users: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Property:
    property_id: int
    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What Cyclr keeps of a login with Salesforce; the pair that it logged in with is used again at each refresh."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    instance_url: str
    identity_url: str
    login_url: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(slots=True, kw_only=True)
class AccountConnector:
    """An installed connector; without an `account_id` it is a Template Connector of the Console.

    `authenticated` is Cyclr's flag. `credentials_seen` are the Console's at the time of install.
    """

    number: int
    account_id: str
    library_name: str
    name: str
    description: str
    installed: float
    authenticated: bool = False
    tokens: Tokens | None = None
    properties: list[Property] = field(default_factory=list)
    credentials_seen: tuple[str, str] = field(default=("", ""), repr=False)
    last_error: str = ""


@dataclass(frozen=True, kw_only=True)
class PendingLogin:
    """A login that was sent to Salesforce under a state; `host` is the kind of Cyclr host that waits for it."""

    connector_number: int
    host: str
    redirect_uri: str
    login_url: str
    client_id: str
    client_secret: str = field(repr=False)
    verifier: str = field(repr=False)
    expires: float
    target_origin: str = ""
    callback_message: str = ""
    back_to: str = ""


@dataclass(frozen=True, kw_only=True)
class Template:
    """A blueprint with one step: a method of the Salesforce connector."""

    template_id: str
    name: str
    description: str
    connector_name: str
    method_name: str
    status: Literal["Live", "Draft", "Deprecated"] = "Live"


@dataclass(slots=True, kw_only=True)
class Step:
    step_id: str
    name: str
    connector_number: int
    method_name: str


@dataclass(slots=True, kw_only=True)
class Transaction:
    transaction_id: str
    started: float
    completed: float
    status: Literal["Completed", "Error"]
    rows: int


@dataclass(frozen=True, kw_only=True)
class Incident:
    """`message` is one of Cyclr's fixed list, `detail` the raw answer (confirmed by the webhook's documentation)."""

    level: Literal["Error", "Warning"]
    message: str
    detail: str
    step_id: str
    step_name: str
    transaction_id: str
    at: float


@dataclass(slots=True, kw_only=True)
class Cycle:
    cycle_id: str
    account_id: str
    name: str
    description: str
    status: Literal["Stopped", "Running"] = "Stopped"
    interval: int = 60
    steps: list[Step] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One call of an error webhook: `outcome` is a status, or why nothing was sent."""

    at: float
    url: str
    body: dict[str, Any]
    outcome: str = "waiting"


@dataclass(slots=True, kw_only=True)
class Instance:
    """One Cyclr instance with the one partner that this world knows; regions share nothing (confirmed)."""

    region: str
    console_url: str
    service_url: str
    api_url: str
    stands_for: dict[str, str]
    outbound_ip: str
    console_users: list[ConsoleUser] = field(default_factory=list)
    api_clients: list[ApiClient] = field(default_factory=list)
    library: list[LibraryConnector] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    connectors: dict[int, AccountConnector] = field(default_factory=dict)
    templates: list[Template] = field(default_factory=list)
    cycles: dict[str, Cycle] = field(default_factory=dict)
    webhook: Webhook = field(default_factory=Webhook)
    sessions: OrderedDict[str, ConsoleSession] = field(default_factory=OrderedDict)
    tokens: OrderedDict[str, ApiToken] = field(default_factory=OrderedDict)
    sign_ins: OrderedDict[str, SignInToken] = field(default_factory=OrderedDict)
    pending: OrderedDict[str, PendingLogin] = field(default_factory=OrderedDict)
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=_DELIVERIES_KEPT))

    def connector(self, number: str) -> AccountConnector | None:
        """The installed connector of this number, which a client sent as any text."""
        is_number = number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER
        return self.connectors.get(int(number)) if is_number else None
