"""A page of the network in the place of Salesforce: nothing was checked, and nothing is said against the address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from support.scripted_host import Answer, ScriptedHost, as_json
from support.tunnel import Tunnel

from sfrunbook.checks import run_checks
from sfrunbook.checks.registry import Context
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import Connection, Finding, Status
from sfrunbook.headless.verdict import exit_code
from sfrunbook.partners import load
from sfrunbook.report.text import diagnosis_text

HOST = "acme.my.salesforce.com"
PATH = "/.well-known/openid-configuration"
PAGE = "<!DOCTYPE html><html><head><title>Guest Wi-Fi</title></head><body>Sign in</body></html>"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificate of a company that opens secure connections, and of its authority."""
    folder = tmp_path_factory.mktemp("authority")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(folder / "host.pem")
    return folder


@pytest.fixture
def company(authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedHost]:
    """What answers for every host, since the proxy of the environment leads to it."""
    with (
        ScriptedHost({}, certificate=authority / "host.pem") as host,
        Tunnel(upstream=host.origin) as tunnel,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://{tunnel.address}")
        yield host


def registration(authority: Path) -> tuple[Finding, ...]:
    connection = Connection(
        name="acme",
        login_url=f"https://{HOST}",
        client_id="3MVG9" + "a" * 80,
        variables={"service_domain": "app-h.cyclr.com"},
    )
    with open_session(str(authority / "ca.pem"), backoff_seconds=0) as http:
        return run_checks("registration", Context(connection=connection, profile=load("cyclr"), http=http))


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (Answer(200, PAGE), "It is a web page (HTTP status 200)."),
        (Answer(403, PAGE), "It is a web page (HTTP status 403)."),
        (Answer(302, "", {"Location": "https://gateway.example/login?to=acme"}), "It redirects to gateway.example."),
        (Answer(302, "", {"Location": "http://10.0.0.1/"}), "It redirects to 10.0.0.1."),
    ],
)
def test_a_page_of_the_network_leaves_the_registration_unchecked(
    company: ScriptedHost, authority: Path, answer: Answer, shown: str
) -> None:
    company.script[PATH] = [answer]
    first, *others = registration(authority)
    assert (first.status, first.diagnosis.code) == (Status.INCONCLUSIVE, "network-page")
    assert exit_code([first, *others]) == 3
    assert first.detail == f"Something on the way to {HOST} answered with a web page of its own."
    text = " ".join(diagnosis_text(first.diagnosis).split())
    assert shown in text
    assert "Login address" not in text


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, "<html><title>URL No Longer Exists</title></html>"),
        Answer(301, "", {"Location": "https://renamed.my.salesforce.com/"}),
        Answer(302, "", {"Location": "/login"}),
        as_json({"issuer": f"https://{HOST}"}),
    ],
)
def test_what_a_salesforce_host_answers_itself_is_judged_as_its_own(
    company: ScriptedHost, authority: Path, answer: Answer
) -> None:
    company.script[PATH] = [answer]
    first = registration(authority)[0]
    assert (first.status, first.diagnosis.code) == (Status.FAILED, "not-a-salesforce-host")


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (407, "The proxy needs a user and a password, or rejects the ones in its address (status 407)."),
        (403, "The proxy's rules block this host (status 403)."),
        (502, "The proxy answered with status 502."),
    ],
)
def test_a_proxy_that_refuses_is_named_with_its_status_and_without_its_password(
    authority: Path, monkeypatch: pytest.MonkeyPatch, status: int, description: str
) -> None:
    with Tunnel(status=status) as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ada:canary-word@{tunnel.address}")
        first = registration(authority)[0]
    failure = first.diagnosis.failure
    assert (first.status, failure.error, failure.description) == (Status.INCONCLUSIVE, "proxy-failure", description)
    assert (failure.evidence["proxy"], failure.evidence["proxy_status"]) == (f"http://{tunnel.address}", str(status))
    assert "canary-word" not in repr(first)
