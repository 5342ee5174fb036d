"""SOAP login() at `/services/Soap/u|c/NN.N`: off by default, as in new orgs; its session works for REST.

Sources: https://developer.salesforce.com/docs/atlas.en-us.258.0.api.meta/api/sforce_api_calls_login.htm for the reply
and the exception codes, https://help.salesforce.com/s/articleView?id=005132110 for the end of login().
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from sfrunbook.practice.org.entities import User
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.world import World
from sfrunbook.practice.web.wire import NO_STORE, Answer, Call, text_answer

__all__ = ["SoapLogin"]

_LAST_VERSION = 64
_ADDRESS = re.compile(r"(\d{2,3})\.0(/[0-9A-Za-z]{0,18})?")
_URN = {"u": "partner", "c": "enterprise"}
_DISABLED = (
    "SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login()."
)
_INVALID = "Invalid username, password, security token; or user locked out."
_NEW_LOCATION = (
    "Are you at a new location? When accessing Salesforce--either via a desktop client or the API--from outside of "
    "your company's trusted networks, you must add a security token to your password to log in."
)
_XML = (*NO_STORE, (b"content-type", b"text/xml;charset=UTF-8"))


class _Fault(Exception):  # noqa: N818 - what SOAP calls it
    """`code` is an ExceptionCode, or a fault code with a prefix of its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SoapLogin:
    """Knows login() alone; every other call is an operation that is not available."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger

    def __call__(self, call: Call) -> Answer:
        kind, address = call.found["kind"], _ADDRESS.fullmatch(call.found["rest"])
        if kind not in _URN or address is None or call.host.kind not in ("login", "test", "my_domain"):
            return text_answer("URL No Longer Exists", 404)
        if call.method != "POST":
            return text_answer("HTTP method not allowed; use POST", 405, extra=((b"allow", b"POST"),))
        urn, version = _URN[kind], int(address.group(1))
        try:
            sent = _login_of(call.body)
            user = self._user(call, sent, version)
        except _Fault as fault:
            return _answer(_fault_body(urn, fault), 500, note=fault.code)
        scopes, ip = ("full",), self._world.client_ip(call.headers)
        session = self._ledger.issue_access(user, None, scopes, address=ip)
        return _answer(self._result(urn, f"{version}.0", user, session.token), 200, note="soap login")

    def _user(self, call: Call, sent: dict[str, str], version: int) -> User:
        """Version, user, switch, then password and token (a guess); a locked or frozen user is told no more."""
        world, settings = self._world, self._world.settings
        if version > _LAST_VERSION:  # guess: that it is gone is confirmed, how it refuses is not
            raise _Fault("INVALID_OPERATION", f"SOAP API login() is not available in API version {version}.0.")
        user = world.user_named(sent.get("username", ""))
        if user is None or not world.serves(call.host, user.org_id):
            raise _Fault("INVALID_LOGIN", _INVALID)
        given, token = sent.get("password", ""), settings.security_token
        has_token = given.endswith(token)
        password = given[: len(given) - len(token)] if has_token else given
        address = world.client_ip(call.headers)
        status = world.login_status(call.host, user, password, address=address)
        if not settings.soap_login:
            status = "SOAP API login() is disabled"
        elif status == "Success" and not has_token:
            status = "Failed: API security token required"
        client = sent.get("client") or "N/A"
        world.note_login(user, client, "Other Apex API", status, address=address, host=call.host)
        if not settings.soap_login:
            raise _Fault("INVALID_OPERATION", _DISABLED)
        if status == "Restricted IP":  # the code is documented, the words are a guess
            raise _Fault("LOGIN_DURING_RESTRICTED_DOMAIN", "You cannot log in from this IP address.")
        if status == "Failed: API security token required":
            raise _Fault("LOGIN_MUST_USE_SECURITY_TOKEN", f"{_INVALID} {_NEW_LOCATION}")
        if status not in ("Success", "Password Expired"):
            raise _Fault("INVALID_LOGIN", _INVALID)
        if not user.api_enabled or not world.orgs[user.org_id].api_enabled:
            raise _Fault("API_CURRENTLY_DISABLED", "API is disabled for this User")
        return user

    def _result(self, urn: str, version: str, user: User, token: str) -> str:
        org = self._world.orgs[user.org_id]
        base, short = f"{org.served_from}/services/Soap", org.org_id[:15]
        info = {
            "organizationId": org.org_id,
            "organizationName": org.company,
            "sessionSecondsValid": f"{self._world.settings.session_timeout_seconds:.0f}",
            "userEmail": user.email,
            "userFullName": user.name,
            "userId": user.user_id,
            "userLanguage": "en_US",
            "userLocale": "en_US",
            "userName": user.username,
            "userTimeZone": self._world.settings.org_time_zone,
            "userType": "Standard",
        }
        result = {
            "metadataServerUrl": f"{base}/m/{version}/{short}",
            "passwordExpired": "true" if user.password_expired else "false",
            "sandbox": "true" if org.kind == "sandbox" else "false",
            "serverUrl": f"{base}/{'c' if urn == 'enterprise' else 'u'}/{version}/{short}",
            "sessionId": token,
            "userId": user.user_id,
        }
        inner = f"{_elements(result)}<userInfo>{_elements(info)}</userInfo>"
        return f'<loginResponse xmlns="urn:{urn}.soap.sforce.com"><result>{inner}</result></loginResponse>'


def _login_of(body: bytes) -> dict[str, str]:
    """User name, password and client of a login() envelope; raises `_Fault`. No document type is read."""
    try:
        if b"<!DOCTYPE" in body:
            raise ET.ParseError("a document type")
        root = ET.fromstring(body)  # noqa: S314 - without a document type there are no entities to expand
    except (ET.ParseError, ValueError):
        raise _Fault("soapenv:Client", "The request is not a well-formed SOAP envelope.") from None
    elements = {each.tag.rpartition("}")[2]: each for each in root.iter()}
    if "login" not in elements:
        operation = next((each.tag for each in elements["Body"]), "") if "Body" in elements else ""
        raise _Fault("soapenv:Client", f"No operation available for request {operation}")
    return {name: elements[name].text or "" for name in ("username", "password", "client") if name in elements}


def _elements(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())


def _fault_body(urn: str, fault: _Fault) -> str:
    message = escape(fault.message)
    if ":" in fault.code:
        return f"<soapenv:Fault><faultcode>{fault.code}</faultcode><faultstring>{message}</faultstring></soapenv:Fault>"
    detail = (
        f'<sf:LoginFault xsi:type="sf:LoginFault" xmlns:sf="urn:fault.{urn}.soap.sforce.com">'
        f"<sf:exceptionCode>{fault.code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage>"
        "</sf:LoginFault>"
    )
    return (
        f"<soapenv:Fault><faultcode>sf:{fault.code}</faultcode><faultstring>{fault.code}: {message}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault>"
    )


def _answer(inner: str, status: int, *, note: str) -> Answer:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
    )
    return Answer(status=status, headers=_XML, body=text.encode(), note=note)
