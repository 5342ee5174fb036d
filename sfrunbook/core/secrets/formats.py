"""The formats in which a secret appears in a text: one table for redaction, the search for leaks, and the tests."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from sfrunbook.core.secrets.assigned import assigned
from sfrunbook.core.secrets.markup import columns, elements, pairs
from sfrunbook.core.secrets.names import KEYWORD, Weight, weight_of
from sfrunbook.core.secrets.patterns import Hit, shaped_values
from sfrunbook.core.secrets.reading import Name, Progress, Reader
from sfrunbook.core.secrets.spoken import arguments, described, headers, options

__all__ = ["FORMATS", "Format", "named_values"]


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format, an example with `HIDDEN` where the secret is, what finds it, and how it writes special characters."""

    name: str
    example: str
    reader: Reader | Callable[[str], Iterator[Hit]]
    write: Callable[[str], str] | None = None


def _row(name: str, example: str, reader: object, write: Callable[[str], str] | None = None) -> Format:
    return Format(name=name, example=example, reader=reader, write=write)  # type: ignore[arg-type]  # of two kinds


def _address(value: str) -> str:
    return quote(value, safe="")


def _address_twice(value: str) -> str:
    return _address(_address(value))


def _address_thrice(value: str) -> str:
    return _address(_address_twice(value))


def _json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _json_in_address(value: str) -> str:
    return _address(_json(value))


def _json_twice(value: str) -> str:
    return _json(_json(value))


def _base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _login(value: str) -> str:
    return _base64(f"3MVG9client:{value}")


def _run(value: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", f"{_base64(value)}{_base64(value[::-1])}x7Kp9mQ2vR4tLw8s")


def _token(value: str) -> str:
    return ".".join(("eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJ4In0", _run(value)))


FORMATS = (
    _row("JSON", '{"client_secret": "HIDDEN", "x": 1}', assigned, _json),
    _row("JSON, escaped in a log line", r'body="{\"client_secret\":\"HIDDEN\",\"x\":1}"', assigned, _json_twice),
    _row("JSON, escaped twice", r'"{\\\"refresh_token\\\":\\\"HIDDEN\\\"}"', assigned),
    _row(
        "JSON in an address",
        "https://h.example/cb?state=%7B%22client_secret%22%3A%22HIDDEN%22%7D",
        assigned,
        _json_in_address,
    ),
    _row("JSON with a text over lines", '{\n  "password":\n    "HIDDEN"\n}', assigned, _json),
    _row("form body", "grant_type=password&client_secret=HIDDEN&username=ann", assigned, _address),
    _row("query string", "https://h.example/cb?code=HIDDEN&state=1", assigned, _address),
    _row(
        "query string inside another",
        "https://h.example/?next=%2Fcb%3Fcode%3DHIDDEN%26state%3D1",
        assigned,
        _address_twice,
    ),
    _row("query string inside two others", "?a=%253Ftoken%253DHIDDEN%2526state%253D1", assigned, _address_thrice),
    _row("query string in a page", '<a href="/p?a=b&amp;sid=HIDDEN&amp;c=d">', assigned, _address),
    _row("fragment of an address", "https://h.example/cb#access_token=HIDDEN&token_type=Bearer", assigned, _address),
    _row("user and password in an address", "https://ann:HIDDEN@acme.example/path", headers, _address),
    _row("database address", "postgresql://ann:HIDDEN@db.example:5432/sf", headers, _address),
    _row("JDBC address", "jdbc:sqlserver://db.example;user=ann;password=HIDDEN;encrypt=true", assigned),
    _row("Bearer header", "Authorization: Bearer HIDDEN", headers),
    _row("Basic header", "Authorization: Basic HIDDEN", headers, _login),
    _row("header of its own", "X-Api-Key: HIDDEN", assigned),
    _row("cookie", "Cookie: oid=1; sid=HIDDEN; clientSrc=1", headers),
    _row("XML element", "<config><password>HIDDEN</password></config>", elements, escape),
    _row(
        "XML element with a namespace",
        '<ns1:clientSecret xsi:type="xsd:string">HIDDEN</ns1:clientSecret>',
        elements,
        escape,
    ),
    _row("XML element with CDATA", "<password><![CDATA[HIDDEN]]></password>", elements),
    _row("XML element, nested", "<token>\n  <value>HIDDEN</value>\n</token>", elements, escape),
    _row("XML, escaped", "&lt;password&gt;HIDDEN&lt;/password&gt;", elements),
    _row("XML attribute", '<login user="ann" password="HIDDEN"/>', assigned, escape),
    _row(
        "SOAP login",
        "<urn:login><urn:username>ann@acme.example</urn:username><urn:password>HIDDEN</urn:password></urn:login>",
        elements,
        escape,
    ),
    _row(
        "SOAP session", "<urn:SessionHeader><urn:sessionId>HIDDEN</urn:sessionId></urn:SessionHeader>", elements, escape
    ),
    _row(
        "WS-Security",
        '<wsse:Password Type="http://docs.example/x#PasswordText">HIDDEN</wsse:Password>',
        elements,
        escape,
    ),
    _row("property list", "<key>client_secret</key>\n<string>HIDDEN</string>", elements, escape),
    _row("cells of an HTML table", "<tr><td>Security Token</td><td>HIDDEN</td></tr>", elements, escape),
    _row("HTML input", '<input type="hidden" name="client_secret" value="HIDDEN">', pairs, escape),
    _row("HTML input, value first", '<input value="HIDDEN" name="client_secret">', pairs, escape),
    _row("SAML response", "SAMLResponse=HIDDEN&RelayState=x", assigned, _address),
    _row("SAML signature", "<saml:Assertion><ds:SignatureValue>HIDDEN</ds:SignatureValue></saml:Assertion>", elements),
    _row("YAML", "salesforce:\n  client_secret: HIDDEN\n  user: ann\n", assigned),
    _row("YAML, quoted", "password: 'HIDDEN'\nuser: ann\n", assigned),
    _row("YAML, a block", "private_key: |\n  HIDDEN\nuser: ann\n", assigned),
    _row("Kubernetes secret", "kind: Secret\ndata:\n  client-secret: HIDDEN\n", assigned, _base64),
    _row("environment of a container", "env:\n  - name: CLIENT_SECRET\n    value: HIDDEN\n", pairs),
    _row("Docker Compose", "environment:\n  - SF_PASSWORD=HIDDEN\n", assigned),
    _row("Dockerfile", "ENV SF_CLIENT_SECRET=HIDDEN", assigned),
    _row("Dockerfile, older", "ENV SF_CLIENT_SECRET HIDDEN", options),
    _row("docker run", "docker run -e SF_TOKEN=HIDDEN acme/app", assigned),
    _row(".env", "export SFDC_PASSWORD=HIDDEN\nHOST=acme\n", assigned),
    _row("shell variable", 'CLIENT_SECRET="HIDDEN" ./run.sh', assigned),
    _row("PowerShell", "$clientSecret = 'HIDDEN'", assigned),
    _row("Windows shell", "set SF_PASSWORD=HIDDEN\r\n", assigned),
    _row("INI", "[salesforce]\npassword = HIDDEN\nuser = ann\n", assigned),
    _row("Java properties", "sfdc.password=HIDDEN\nsfdc.user=ann\n", assigned),
    _row("Terraform", 'variable "x" {\n  client_secret = "HIDDEN"\n}', assigned, _json),
    _row("netrc", "machine acme.example login ann password HIDDEN", options),
    _row("PHP array", "['client_secret' => 'HIDDEN', 'x' => 1]", assigned),
    _row("Ruby hash", '{ :password => "HIDDEN", user: "ann" }', assigned),
    _row("Python dict", "{'client_secret': 'HIDDEN', 'x': 1}", assigned),
    _row("Python bytes", "b'client_secret=HIDDEN&x=1'", assigned, _address),
    _row("Python argument", "connect(user='ann', password='HIDDEN')", assigned),
    _row("Python repr", "Login(user=ann, password=HIDDEN, x=1)", assigned),
    _row("list of pairs", "[('client_id', 'x'), ('client_secret', 'HIDDEN')]", pairs),
    _row("JavaScript", "const c = { clientSecret: `HIDDEN`, x: 1 }", assigned),
    _row("index of a map", "config['client_secret'] = 'HIDDEN';", assigned),
    _row("value of two literals", 'client_secret = "HIDDEN" + "x"', assigned),
    _row("Java map", "{user=ann, password=HIDDEN, x=1}", assigned),
    _row("C#", 'var c = new { ClientSecret = "HIDDEN" };', assigned, _json),
    _row("Apex", "String accessToken = 'HIDDEN';", assigned),
    _row("Apex, a setter", "req.setHeader('X-Auth-Token', 'HIDDEN');", pairs),
    _row("GraphQL variables", '{"variables": {"password": "HIDDEN"}}', assigned, _json),
    _row("option of a command", "sf login --client-secret HIDDEN --instance-url https://acme.example", options),
    _row("option with =", "tool --client-secret=HIDDEN --x", assigned),
    _row("option in a list", '["tool", "--client-secret", "HIDDEN"]', options),
    _row("short option", "mysql -u ann -p HIDDEN", headers),
    _row("curl -u", "curl -u ann:HIDDEN https://h.example", headers),
    _row("arguments of a login", 'client.loginWithPassword("ann@acme.example", "HIDDEN")', arguments),
    _row("curl -d", "curl -d 'client_id=x' -d 'client_secret=HIDDEN' https://h.example", assigned, _address),
    _row("HAR", '{"name": "client_secret", "value": "HIDDEN"}', pairs, _json),
    _row("Postman", '{"key": "password", "type": "string", "value": "HIDDEN"}', pairs, _json),
    _row("pair, value first", '{"value": "HIDDEN", "name": "client_secret"}', pairs, _json),
    _row("CSV", "user,password,host\nann,HIDDEN,acme.example\n", columns),
    _row("Markdown table", "| user | password |\n|---|---|\n| ann | HIDDEN |\n", columns),
    _row("Markdown table of settings", "| setting | value |\n|---|---|\n| password | HIDDEN |\n", described),
    _row("Markdown, bold", "**Password:** HIDDEN", assigned),
    _row("label of a screen", "Consumer Secret: HIDDEN", assigned),
    _row("label above its value", "Consumer Secret\nHIDDEN\n", described),
    _row("log line with a colon", "2026-11-29 INFO login for ann, password: HIDDEN", assigned),
    _row("log line with a word", "2026-11-29 WARN the access token is HIDDEN", described),
    _row("log line without a word", "2026-11-29 INFO connecting with password HIDDEN", described),
    _row("frontdoor address", "https://login.salesforce.com/?un=ann@acme.example&pw=HIDDEN", assigned, _address),
    _row("list of one", '{"token": ["HIDDEN"], "user": "ann"}', assigned),
    _row("arrow", "client_secret -> HIDDEN", assigned),
    _row("text quotes", "password: “HIDDEN”", assigned),
    _row("property with an element", "<property name='password'><value>HIDDEN</value></property>", elements, escape),
    _row("short names of a pair", '{"k": "client_secret", "v": "HIDDEN"}', pairs, _json),
    _row("value in lines", "client_secret=HIDDEN\\\n  HIDDEN\n", assigned),
    _row("session id", "sent as HIDDEN here", shaped_values, lambda value: f"00Dxx0000001gPF!{_run(value)}"),
    _row("refresh token", "sent as HIDDEN here", shaped_values, lambda value: f"5Aep861{_run(value)}"),
    _row("authorization code", "sent as HIDDEN here", shaped_values, lambda value: f"aPrx{_run(value)}"),
    _row(
        "Consumer Secret",
        "sent as HIDDEN here",
        shaped_values,
        lambda value: f"A1{_run(value).encode().hex()[:62]}".upper(),
    ),
    _row("JSON web token", "sent as HIDDEN here", shaped_values, _token),
    _row("Salesforce CLI address", "force://HIDDEN@acme.example", shaped_values, _run),
    _row("private key", "-----BEGIN PRIVATE KEY-----\nHIDDEN\n-----END PRIVATE KEY-----", shaped_values, _run),
)

#: what may follow a name directly, for each reader
_FIRST = {
    assigned: "\"'`\\%&])*_ \t=:-.\u00a0\u2192\uff1a\u201d\u00bb",
    elements: "> \t\r\n<&/\"'",
    pairs: "\"'`\\&\r\n ,",
    options: " \t\"'`",
    described: " \t\r\n|*",
    columns: ",;|\t\"' \r\n",
}
_READERS = tuple(dict.fromkeys(row.reader for row in FORMATS if row.reader in _FIRST))
_BEHIND = {char: tuple(read for read in _READERS if char in _FIRST[read]) for char in set("".join(_FIRST.values()))}
_LEFT = re.compile(r"[\w.$-]{0,60}")
_PREVIOUS = re.compile(r" ?(?:[ns]i ?)?([A-Za-z]{0,20})")
#: words behind the keyword, after which a value is a secret only if it looks like one: TOKEN_PROD
_SUFFIX = re.compile(r"[_-]?(?:\d{1,2}|[_-][A-Za-z]{2,12})(?![\w-])")
_NO_SUFFIX = re.compile(
    r"[_-](?:type|endpoint|ur[il]|policy|expire\w*|id|name|file|path|method|challenge|format|length|count|ttl|age|"
    r"hash|status|error|lifetime|store|manager|required|in|at|key|flow)",
    re.I,
)


def named_values(text: str) -> Iterator[Hit]:
    """The values behind the name of a secret, in every format of the table; harmless ones are left out."""
    yield from headers(text)
    yield from arguments(text)
    progress = Progress()
    for found in KEYWORD.finditer(text):
        end, suffix = found.end(), None
        if (
            text[end : end + 1] in "_-0123456789"
            and (suffix := _SUFFIX.match(text, end))
            and not _NO_SUFFIX.fullmatch(suffix[0])
        ):
            end = suffix.end()
        readers = _BEHIND.get(text[end : end + 1])
        if not readers:
            continue
        name = _name(text, found, end, progress)
        if name.weight:
            for reader in readers:
                yield from reader(name)


def _name(text: str, found: re.Match[str], end: int, progress: Progress) -> Name:
    start = found.start()
    left = _LEFT.match(text[max(0, start - 60) : start][::-1])
    before = left[0][::-1] if left else ""
    if (lead := text[start - len(before) - 1 : start - len(before)]) == "\\" and before[:1] in ("n", "r", "t"):
        before = before[1:]
    elif lead == "%":
        before = re.sub(r"^(?:25)*[0-9A-Fa-f]{2}", "", before)
    previous = "" if before else _PREVIOUS.match(text[max(0, start - 24) : start][::-1])
    weight = weight_of(before, found[0], previous[1][::-1] if previous else "")
    if end > found.end():
        weight = Weight.NONE if found[0].lower() in ("code", "key") else min(weight, Weight.FAINT)
    whole = text[start - len(before) : end]
    return Name(text=text, progress=progress, start=start - len(before), end=end, weight=weight, whole=whole)
