"""The frozen records that every other module uses; no I/O, and no texts for users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sfrunbook.core.secrets.secret import Secret

__all__ = [
    "DEFAULT_REDIRECT_URI",
    "AppKind",
    "Cause",
    "Connection",
    "Diagnosis",
    "Failure",
    "Finding",
    "Grant",
    "GrantKind",
    "Known",
    "Mark",
    "Org",
    "OrgKind",
    "RankedCause",
    "Remedy",
    "Run",
    "Skip",
    "Stage",
    "Status",
    "Value",
    "Verdict",
]

#: Callback URL at which this runbook receives its own logins, unless the connection names another
DEFAULT_REDIRECT_URI = "http://localhost:17171/callback"


class OrgKind(StrEnum):
    """What an org is for; `unknown` until the org itself has answered."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    DEVELOPER = "developer"
    SCRATCH = "scratch"
    UNKNOWN = "unknown"


class AppKind(StrEnum):
    EXTERNAL_CLIENT_APP = "external_client_app"
    CONNECTED_APP = "connected_app"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").title()


class GrantKind(StrEnum):
    AUTHORIZATION_CODE = "authorization_code"
    CLIENT_CREDENTIALS = "client_credentials"
    JWT_BEARER = "jwt_bearer"

    @property
    def label(self) -> str:
        """The words on the Salesforce screen."""
        return "JWT Bearer Flow" if self is GrantKind.JWT_BEARER else self.value.replace("_", " ").title()

    @classmethod
    def unattended(cls) -> tuple[GrantKind, ...]:
        """The grants that need no login."""
        return tuple(kind for kind in cls if kind is not cls.AUTHORIZATION_CODE)


class Stage(StrEnum):
    """Where in the work a failure occurred."""

    LOCAL = "local"
    TRANSPORT = "transport"
    AUTHORIZE = "authorize"
    TOKEN = "token"  # noqa: S105 - the name of a stage
    REFRESH = "refresh"
    REVOKE = "revoke"
    INTROSPECT = "introspect"
    USERINFO = "userinfo"
    DATA = "data"
    PARTNER = "partner"


class Mark(StrEnum):
    """How well a statement about Salesforce or a partner is known."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    GUESS = "guess"


class Status(StrEnum):
    """How a check ended; a check that could not be carried out is inconclusive, never passed."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"

    @property
    def is_good(self) -> bool:
        """Whether it passed, with a warning or without."""
        return self in (Status.PASSED, Status.WARNING)


class Skip(StrEnum):
    #: something else comes first, or the user has to act
    TO_DO = "to_do"
    #: it may be left out
    OPTIONAL = "optional"
    DOES_NOT_APPLY = "does_not_apply"


@dataclass(frozen=True, kw_only=True)
class Org:
    #: 18 characters, `00D…`
    org_id: str
    name: str
    edition: str
    #: server instance such as `NA224`
    instance_name: str
    #: address of the org's My Domain, without a trailing slash
    instance_url: str
    kind: OrgKind


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A connection without its secrets, as it is written to disk.

    `client_secret`, `private_key` and `partner_client_secret` are references (`store:`, `env:NAME`,
    `keyring:service/name`, `file:/path`), never values.
    """

    name: str
    #: where users log in; the org's My Domain where there is one
    login_url: str
    client_id: str
    client_secret: str | None = None
    app_kind: AppKind = AppKind.EXTERNAL_CLIENT_APP
    org_kind: OrgKind = OrgKind.UNKNOWN
    #: the app asks for no Consumer Secret, neither at login nor at a refresh
    public: bool = False
    #: Callback URL that this runbook itself uses for its own login
    redirect_uri: str = DEFAULT_REDIRECT_URI
    profile: str = "cyclr"
    #: values of the profile's variables, such as `service_domain`
    variables: Mapping[str, str] = field(default_factory=dict)
    #: OAuth Client Credentials of the partner's own API, where there are any
    partner_client_id: str = ""
    partner_client_secret: str | None = None
    #: pinned at the first login; a later login to another org is refused
    org_id: str | None = None
    grant_kind: GrantKind = GrantKind.AUTHORIZATION_CODE
    #: user of the JWT bearer grant
    username: str | None = None
    private_key: str | None = None
    test_query: str = "SELECT Id, Name FROM Account ORDER BY Name LIMIT 5"
    #: PEM file of a certificate authority to trust beside the system's, such as the practice org's
    ca_file: str | None = None
    #: when the app was registered in Salesforce, if the user entered it; new apps take minutes to work
    registered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Grant:
    """The tokens of an approval with what must be stored beside them."""

    connection: str
    kind: GrantKind
    #: origin of the host that issued the tokens; refresh, introspection and revocation go there
    issuer: str
    client_id: str
    access_token: Secret
    refresh_token: Secret | None
    #: the org's API address, without a trailing slash
    instance_url: str
    #: `https://…/id/<org18>/<user18>`
    identity_url: str
    scopes: tuple[str, ...]
    org_id: str
    user_id: str
    #: when Salesforce issued the access token
    issued_at: datetime
    #: when the user approved the app
    approved_at: datetime
    #: counts the token sets of this approval: 1 for the code exchange, one more for each refresh
    generation: int = 1
    #: whether a refresh replaced the refresh token; None before the first refresh
    rotates: bool | None = None
    #: whether the token reply's signature fits the Consumer Secret; None where there was nothing to check
    signature_valid: bool | None = None
    #: scopes that were requested at the login and not granted
    missing_scopes: tuple[str, ...] = ()
    #: whether the login's answer came to this runbook by itself, and was not pasted; None where that is not known
    received: bool | None = None
    #: the org's API address before the refresh that brought another one; empty when the last refresh changed nothing
    moved_from: str = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failure as a fact, taken from the raw reply and never from the class of a Python exception."""

    stage: Stage
    host: str = ""
    http_status: int | None = None
    #: the `error` of OAuth, the `errorCode` of REST, or the code of a local problem
    error: str = ""
    description: str = ""
    #: further facts by name, already redacted
    evidence: Mapping[str, str] = field(default_factory=dict)


#: a fact in the form that rules compare
Value = bool | float | str


@dataclass(frozen=True, kw_only=True)
class Known:
    """A fact that was learnt; it contains no secret."""

    value: Value
    #: how it was learnt, as the end of a sentence in brackets
    how: str


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """A step of a fix: who does what on which screen."""

    who: str
    #: for both kinds of app, each labelled, where their screens differ
    where: str
    what: str
    #: `where` for one kind of app only; empty where the screen is the same for both
    where_external_client_app: str = ""
    where_connected_app: str = ""
    #: a step that is not confirmed is marked wherever it is shown
    mark: Mark = Mark.CONFIRMED

    def place(self, kind: AppKind | None) -> str:
        """The screen for a kind of app; for None those of both kinds."""
        found = {
            AppKind.EXTERNAL_CLIENT_APP: self.where_external_client_app,
            AppKind.CONNECTED_APP: self.where_connected_app,
        }
        return (found[kind] if kind else "") or self.where


@dataclass(frozen=True, kw_only=True)
class Cause:
    code: str
    summary: str
    #: how to recognise this cause among the others
    tell: str
    remedies: tuple[Remedy, ...]


class Verdict(StrEnum):
    """How the gathered facts decide about a cause."""

    CONFIRMED = "confirmed"
    POSSIBLE = "possible"
    RULED_OUT = "ruled_out"


@dataclass(frozen=True, kw_only=True)
class RankedCause:
    cause: Cause
    verdict: Verdict
    #: the facts behind the verdict, in sentences; where it is undecided, the facts that are missing
    because: str
    undecided: bool = False

    @property
    def lead(self) -> str:
        """The words before `because`."""
        return "Not verified" if self.undecided else "Because"


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """A failure explained. Always complete: an unknown failure is explained as unknown."""

    #: code of the catalogue row, kebab-case
    code: str
    what: str
    why: str
    #: likeliest first
    causes: tuple[Cause, ...]
    source: str
    mark: Mark
    failure: Failure
    #: true for an outage or a missing reply, where the thing that was checked may be in order
    infrastructure: bool = False
    #: the same causes in the same order with their verdicts; empty when nothing was gathered
    ranked: tuple[RankedCause, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    #: kebab-case name of the check, never reused
    check: str
    #: what the check claims, as a sentence
    claim: str
    status: Status
    #: the result as a sentence
    detail: str = ""
    diagnosis: Diagnosis | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    duration_seconds: float = 0.0
    #: of a skipped check: why; None where that was not recorded
    skip: Skip | None = None
    #: what it was checked against, such as the host and the Consumer Key: it says nothing about anything else
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Run:
    """The findings of a run through the runbook, in order."""

    title: str
    connection: str
    #: origin that was tested
    host: str
    started_at: datetime
    duration_seconds: float
    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        """The worst that happened; a run without findings proves nothing and is inconclusive."""
        statuses = {finding.status for finding in self.findings}
        order = (Status.FAILED, Status.INCONCLUSIVE, Status.WARNING, Status.PASSED)
        return next((status for status in order if status in statuses), Status.INCONCLUSIVE)
