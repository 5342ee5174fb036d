"""Random and mutated HTTP requests as bytes, and a client that reads whatever comes back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode, urlsplit

from support.soql_statements import broken_statement, right_statement
from support.wire_crawl import Walk

__all__ = ["Client", "Maker", "Outcome", "Shot"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_METHODS = ("GET", "GET", "GET", "POST", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "get", "QUERY")
_PLACES = (
    *("/", "//", "/services/oauth2/authorize", "/services/oauth2/token", "/services/oauth2/revoke"),
    *("/services/oauth2/introspect", "/services/oauth2/userinfo", "/services/oauth2/singleaccess"),
    *("/services/oauth2/success", "/services/oauth2/callback", "/secur/frontdoor.jsp", "/secur/logout.jsp"),
    *("/setup/secur/RemoteAccessAuthorizationPage.apexp", "/setup/secur/RemoteAccessErrorPage.apexp"),
    *("/lightning/setup/SetupOneHome/home", "/setup", "/id/keys", "/.well-known/openid-configuration", "/id/x/y"),
    *("/services/data", "/services/data/v68.0/", "/services/data/v68.0/limits", "/services/data/v68.0/sobjects"),
    *(
        "/services/data/latest/sobjects/Account/describe",
        "/services/data/v25.0/query",
        "/services/data/v68.0/sobjects/",
    ),
    *("/services/data/v68.0/query/0r8000000000001-2000", "/services/data/v68.0/tooling/query", "/favicon.ico"),
    *(
        "/services/data/v68.0/apps/oauth/usage",
        "/services/Soap/u/68.0",
        "/services/data/v68.0/composite",
        "/services/data/v68.0/composite/sobjects",
        "/services/data/v68.0/composite/tree/Account",
        "/services/data/v68.0/jobs/query",
        "/services/data/v68.0/jobs/ingest",
        "/services/Soap/u/64.0",
        "/%00",
        "/%ff%fe",
    ),
)
_NAMES = _words(
    "grant_type client_id client_secret code redirect_uri code_verifier refresh_token assertion scope token prompt "
    "response_type code_challenge code_challenge_method state startURL username pw source save otp q fields columns"
)
_ODD = (
    *(
        "",
        " ",
        "%",
        "%zz",
        "\x00",
        "\r\nX-Evil: 1",
        "<script>alert(1)</script>",
        "é",
        "\ud800",
        "0",
        "-1",
        "1e999",
        "null",
    ),
    *(
        "true",
        "[]",
        "{}",
        "' OR 1=1",
        "../../etc/passwd",
        "A" * 5000,
        "Bearer",
        "Basic Og==",
        "Basic /////w==",
        "Basic ???",
    ),
    *("authorization_code", "refresh_token", "client_credentials", "password", "S256", "code", "full refresh_token"),
    *(
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "eyJhbGciOiJSUzI1NiJ9.e30.AA",
        "http://[::1",
        "javascript:alert(1)",
    ),
)
_FIELDS = (
    "Name",
    "LastName",
    "Company",
    "StageName",
    "CloseDate",
    "Amount",
    "AccountId",
    "Nope",
    "Id",
    "attributes",
    "",
)
_OBJECTS = (
    "Account",
    "Contact",
    "Opportunity",
    "Lead",
    "Case",
    "Task",
    "User",
    "Organization",
    "Nope",
    "Name",
    "account",
)
_BODIES = (
    b"",
    b"{",
    b"[" * 50_000,
    b"null",
    b"[1,2",
    b'{"Name": "\xff"}',
    b'{"a":' * 5_000,
    b"\x00\x01",
    b"\xef\xbb\xbf{}",
)
_TYPES = (
    *("application/json", "application/x-www-form-urlencoded", "text/plain", "", "multipart/form-data; boundary=b"),
    *("multipart/form-data", "application/json; charset=utf-16", "application/xml", "\x7f"),
)
_HEADERS = (
    *("X-PrettyPrint: 1", "Sforce-Query-Options: batchSize=200", "Sforce-Query-Options: batchSize=" + "9" * 400),
    *(
        "Accept-Encoding: gzip, br",
        "Cookie: sid=x; sid",
        "Cookie: " + "a=b;" * 500,
        "X-Forwarded-For: ::1",
        "Range: bytes=1-",
    ),
    *("If-Modified-Since: never", "Expect: 100-continue", "Accept: */*;q=x", "Content-Encoding: gzip", "Origin: null"),
)
_BROKEN = (
    *(
        b"\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ),
    *(
        b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\n",
    ),
    *(
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"\xff\xfe\xfd\r\n\r\n",
    ),
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 7\r\n\r\nabcdefg",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Null: a\x00b\r\n\r\n",
    b"POST /services/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nshort",
)


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One request as bytes; a `broken` one need not be HTTP, so the answer may be a closed connection."""

    host: str
    data: bytes = field(repr=False)
    method: str = "GET"
    broken: bool = False

    def __str__(self) -> str:
        return f"{self.host} {self.data[:400]!r}"


class Maker:
    """Makes shots; `token` is a live access token of the first org, `found` what the second's administrator sees."""

    def __init__(self, seed: int, ready: dict[str, Any], token: str, found: Walk) -> None:
        self._random = Random(seed)
        self._token = token
        self._found = found
        self._hosts = [ready["login_url"], ready["test_url"], *(org["my_domain_url"] for org in ready["orgs"])]
        self._control = ready["control_url"]
        self._org = ready["orgs"][0]
        apps = [app for org in ready["orgs"] for app in org["apps"]]
        users = [user for org in ready["orgs"] for user in org["users"]]
        self._known = [app[name] for app in apps for name in ("client_id", "client_secret")]
        self._known += [callback for app in apps for callback in app["callback_urls"]]
        self._known += [user[name] for user in users for name in ("username", "password")]

    def shot(self) -> Shot:
        kinds = (self._query, self._record, self._form, self._on_page, self._anything, self._on_control, self._broken)
        return self._random.choices(kinds, weights=(25, 20, 20, 15, 15, 3, 2))[0]()

    def _query(self) -> Shot:
        random = self._random
        make = random.choice((right_statement, broken_statement))
        text = make(random) if random.random() < 0.8 else self._odd()
        if random.random() < 0.9:
            text = self._at_home(text)
        where = random.choice(("query", "queryAll", "query/", "tooling/query"))
        query = f"/services/data/v{random.choice((31, 59, 68))}.0/{where}?q={_encoded(random, text)}"
        return self._request(
            self._org["my_domain_url"], random.choice(("GET", "GET", "GET", "HEAD", "POST")), query, token=True
        )

    def _at_home(self, text: str) -> str:
        """The statement with names that an Account has, so that more than names is looked at."""
        common = ("Id", "Name", "Industry", "Regions__c", "AnnualRevenue", "CreatedDate", "BillingAddress", "IsDeleted")
        text = re.sub(
            r"\bFROM (Thing__c|ns__Thing__c|Order|Group|Lead|Case|Opportunity|Contact)\b", "FROM Account", text
        )
        text = text.replace("Account.Owner", "Owner").replace("Account.Contacts", "Contacts")
        text = text.replace("Line_Items__r", "Contacts").replace("Location__c", "BillingAddress")
        text = re.sub(r"\b(Amount)\b", "AnnualRevenue", text).replace("CloseDate", "LastActivityDate")
        text = text.replace("TYPEOF What WHEN Account THEN Phone, Name ELSE Id END", "Parent.Name")
        return re.sub(r"\b(Parent__r\.Custom__c|Custom__c|Status|Count)\b", lambda _: self._random.choice(common), text)

    def _record(self) -> Shot:
        random = self._random
        kind = random.choice(_OBJECTS)
        path = f"/services/data/v68.0/sobjects/{kind}"
        path += random.choice(
            ("", "", "/describe", "/001000000000001AAA", "/External_Id__c/x", f"/{_encoded(random, self._odd())}")
        )
        values = (*_ODD[:20], None, True, 5, -1.5, 1e300, [], {}, [None] * 3, "2026-02-30", "2026-01-01")
        body = json.dumps({random.choice(_FIELDS): random.choice(values) for _ in range(random.randint(0, 5))}).encode()
        body = random.choice((body, body, body[: len(body) // 2], random.choice(_BODIES)))
        return self._request(
            self._org["my_domain_url"], random.choice(_METHODS), path, body, "application/json", token=True
        )

    def _form(self) -> Shot:
        random = self._random
        pairs = [(random.choice(_NAMES), self._value()) for _ in range(random.randint(0, 8))]
        text = urlencode(pairs, errors="replace")
        path = random.choice(_PLACES[2:20])
        if random.random() < 0.4:
            return self._request(self._host(), random.choice(_METHODS), f"{path}?{text}")
        return self._request(self._host(), "POST", path, text.encode(), random.choice(_TYPES))

    def _on_page(self) -> Shot:
        """A page of the second org as its administrator, or one of its forms with other things typed in."""
        random, found = self._random, self._found
        headers = [f"Cookie: {found.cookie}"] if random.random() < 0.9 else []
        if random.random() < 0.4:
            path = random.choice(found.paths) + random.choice(("", "", f"?{_encoded(random, self._odd())}"))
            return self._request(found.host, random.choice(("GET", "GET", "HEAD", "POST")), path, more=headers)
        form = random.choice(found.forms)
        pairs = [(name, self._value() if random.random() < 0.4 else value) for name, value in form.fields]
        pairs = [pair for pair in pairs if random.random() < 0.9]
        if "csrf" in dict(form.fields) and random.random() < 0.9:
            pairs = [pair for pair in pairs if pair[0] != "csrf"] + [("csrf", dict(form.fields)["csrf"])]
        body = urlencode(pairs, errors="replace").encode()
        return self._request(found.host, "POST", form.action, body, _TYPES[1], more=headers)

    def _anything(self) -> Shot:
        random = self._random
        path = random.choice(_PLACES)
        if random.random() < 0.5:
            path += (
                random.choice(("", "/"))
                + _encoded(random, self._odd())
                + random.choice(("", "?", "?=&=", "?a=%", "#x"))
            )
        body = random.choice((*_BODIES, random.randbytes(random.randint(0, 300))))
        return self._request(
            self._host(), random.choice(_METHODS), path, body, random.choice(_TYPES), token=random.random() < 0.5
        )

    def _on_control(self) -> Shot:
        """Reading, and bodies that can not be right: a change would spoil the rest of the run."""
        random = self._random
        path = random.choice(
            ("/", "/world", "/settings", "/clock", "/journal", "/apps", "/approvals", "/logins", "/no")
        )
        if random.random() < 0.6:
            return self._request(self._control, random.choice(("GET", "HEAD", "OPTIONS")), path)
        body = random.choice(
            (*_BODIES[1:], b"[]", b'{"no_such_setting": 1}', b'{"set": 5}', b'{"advance_seconds": null}')
        )
        return self._request(self._control, random.choice(("PUT", "POST", "PATCH")), path, body, "application/json")

    def _broken(self) -> Shot:
        random = self._random
        data = random.choice((*_BROKEN, random.randbytes(random.randint(1, 200)) + b"\r\n\r\n"))
        return Shot(host=self._host(), data=data, broken=True)

    def _request(
        self,
        host: str,
        method: str,
        path: str,
        body: bytes = b"",
        kind: str = "",
        *,
        token: bool = False,
        more: Sequence[str] = (),
    ) -> Shot:
        random = self._random
        lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(host).netloc}", *more]
        if token:
            lines.append(f"Authorization: Bearer {self._token}")
        elif random.random() < 0.2:
            lines.append("Authorization: " + random.choice(("Bearer x", "Basic Og==", "Basic !", "OAuth", "é")))
        lines += random.sample(_HEADERS, random.choice((0, 0, 0, 1, 2)))
        if kind:
            lines.append(f"Content-Type: {kind}")
        if body and random.random() < 0.3:
            lines.append("Transfer-Encoding: chunked")
            body = _chunked(random, body)
        elif body or random.random() < 0.1:
            lines.append(f"Content-Length: {len(body)}")
        return Shot(host=host, data="\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body, method=method)

    def _host(self) -> str:
        return self._random.choice(self._hosts)

    def _odd(self) -> str:
        random = self._random
        if random.random() < 0.5:
            return random.choice(_ODD)
        return "".join(chr(random.choice((random.randrange(32, 127), random.randrange(0x3000)))) for _ in range(12))

    def _value(self) -> str:
        return self._random.choice(self._known) if self._random.random() < 0.5 else self._odd()


def _encoded(random: Random, text: str) -> str:
    """Percent-encoded, now and then as bytes that are no UTF-8 or hardly at all."""
    chance = random.random()
    if chance < 0.9:
        return quote(text, safe="", errors="replace")
    if chance < 0.95:
        return quote_from_bytes(text.encode("utf-16", "replace"), safe="")
    return "".join(
        character for character in text if character.isascii() and character.isprintable() and character != " "
    )


def _chunked(random: Random, body: bytes) -> bytes:
    pieces, at = [], 0
    while at < len(body):
        size = random.randint(1, max(1, len(body) // 3))
        piece, at = body[at : at + size], at + size
        pieces.append(b"%x\r\n%b\r\n" % (len(piece), piece))
    return b"".join([*pieces, b"0\r\n\r\n"])


@dataclass(kw_only=True)
class Outcome:
    """What came of the shots: how many of each status, and whatever was not right."""

    statuses: dict[int, int] = field(default_factory=dict)
    closed: int = 0
    faults: list[str] = field(default_factory=list)


class Client:
    """Sends shots over kept-alive connections, one for each host; every answer has a time limit."""

    def __init__(self, outcome: Outcome, *, limit_seconds: float = 20) -> None:
        self._outcome = outcome
        self._limit = limit_seconds
        self._open: dict[str, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def fire(self, shot: Shot) -> int | None:
        """The status, or None where a broken request got no answer."""
        outcome = self._outcome
        try:
            status = await asyncio.wait_for(self._exchange(shot), self._limit)
        except TimeoutError:
            await self._drop(shot.host)
            outcome.faults.append(f"no answer in {self._limit} s: {shot}")
            return None
        except (ConnectionError, EOFError, ValueError) as fault:
            await self._drop(shot.host)
            outcome.closed += 1
            if not shot.broken:
                outcome.faults.append(f"{type(fault).__name__}: {shot}")
            return None
        outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
        if status >= 500 and not (status == 500 and b" /services/Soap/" in shot.data):  # a SOAP fault is a 500
            outcome.faults.append(f"{status}: {shot}")
        return status

    async def close(self) -> None:
        for host in list(self._open):
            await self._drop(host)

    async def _exchange(self, shot: Shot) -> int:
        if shot.broken:
            await self._drop(shot.host)
        reader, writer = await self._connection(shot.host)
        writer.write(shot.data)
        await writer.drain()
        if shot.broken:
            writer.write_eof()
        status, keep = await _read_answer(reader, shot.method)
        while status == 100:
            status, keep = await _read_answer(reader, shot.method)
        if not keep or shot.broken:
            await self._drop(shot.host)
        return status

    async def _connection(self, host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        found = self._open.get(host)
        if found is None or found[0].at_eof():
            await self._drop(host)
            address = urlsplit(host)
            found = await asyncio.open_connection(address.hostname, address.port, limit=2**20)
            self._open[host] = found
        return found

    async def _drop(self, host: str) -> None:
        found = self._open.pop(host, None)
        if found is not None:
            found[1].close()
            with contextlib.suppress(OSError):
                await found[1].wait_closed()


async def _read_answer(reader: asyncio.StreamReader, method: str) -> tuple[int, bool]:
    """The status and whether the connection stays; raises `EOFError` where it was closed without an answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    version, status, *_ = head[0].split(" ")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    code = int(status)
    if version != "HTTP/1.1":
        raise ValueError(head[0])
    if method != "HEAD" and code not in (100, 204, 304):
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        elif "content-length" in headers:
            await reader.readexactly(int(headers["content-length"]))
        else:
            await reader.read()
    return code, headers.get("connection") != "close"
