"""What programs write of a request that got no answer leads to the row of its fault, with steps for that runtime."""

import csv
import re
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sfrunbook.core.model import Failure, Stage
from sfrunbook.diagnosis import transport
from sfrunbook.diagnosis.catalogue import rows
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.diagnosis.transport import fault_in, runtimes, steps

#: made up for the test from what the runtimes write, one line each: `\n` is a line break there
TEXTS = list(
    csv.DictReader(
        (Path(__file__).parents[1] / "samples" / "transport-texts.tsv").read_text(encoding="utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
)
PASTED = [(line["row"], line["runtime"], line["text"].replace("\\n", "\n")) for line in TEXTS]


def test_every_text_leads_to_the_row_of_its_fault():
    found = [(row, diagnose(explain_text(text)).code, text) for row, _, text in PASTED]
    assert [one for one in found if one[0] != one[1]] == []
    assert len(PASTED) >= 250


def test_the_runtime_that_wrote_a_text_is_recognized():
    found = [(runtime, fault.runtime, text) for _, runtime, text in PASTED if (fault := fault_in(text))]
    assert [one for one in found if one[0] != one[1]] == []
    assert {runtime for runtime, _, _ in found} == {"", *runtimes()} - {"runbook", "other"}


@pytest.mark.parametrize("name", ["trust_step", "tls_step", "proxy_step"])
def test_every_runtime_has_its_own_step_and_a_source(name):
    said = [one.steps[name] for one in runtimes().values()]
    assert len(set(said)) == len(said)
    assert [one.name for one in runtimes().values() if not one.sources[name].startswith("https://")] == []
    assert steps("") == runtimes()["runbook"].steps
    assert steps("never-heard-of") == runtimes()["other"].steps


def test_the_steps_are_those_of_the_program_that_wrote_the_text():
    def first_steps(text):
        return " ".join(remedy.what for remedy in diagnose(explain_text(text)).causes[0].remedies)

    assert "keytool -importcert -cacerts" in first_steps(
        "javax.net.ssl.SSLHandshakeException: PKIX path building failed"
    )
    assert "NODE_EXTRA_CA_CERTS" in first_steps(
        "Error: unable to verify the first certificate\n at /app/node_modules/x"
    )
    assert "that this program trusts" in first_steps("self-signed certificate in certificate chain")
    own = Failure(stage=Stage.TRANSPORT, error="tls-failure", evidence={"connection": "acme"})
    said = " ".join(remedy.what for remedy in diagnose(own).causes[0].remedies)
    assert "sfrunbook connections add acme --replace --ca-file company.pem" in said


@pytest.mark.parametrize(
    ("error", "description", "phase", "row"),
    [
        ("tls-failure", "A secure connection wasn't possible. self-signed certificate", "connect", "tls-failure"),
        ("tls-failure", "A secure connection wasn't possible. certificate has expired", "connect", "tls-expired"),
        ("tls-failure", "A secure connection wasn't possible. certificate is not yet valid", "connect", "tls-expired"),
        (
            "tls-failure",
            "A secure connection wasn't possible. Hostname mismatch, certificate is not valid for 'acme'.",
            "connect",
            "tls-wrong-name",
        ),
        ("tls-failure", "A secure connection wasn't possible.", "connect", "tls-handshake-refused"),
        ("timeout", "The host didn't accept a connection in time.", "connect", "connect-timeout"),
        ("timeout", "The host received the request but didn't answer in time.", "read", "timeout"),
    ],
)
def test_a_fault_of_an_own_request_leads_to_the_same_rows(error, description, phase, row):
    failure = Failure(stage=Stage.TRANSPORT, error=error, description=description, evidence={"phase": phase})
    assert diagnose(failure).code == row


@pytest.mark.parametrize(
    ("status", "row"),
    [
        ("407", "proxy-password-needed"),
        ("403", "proxy-blocks-host"),
        ("502", "proxy-failure"),
        ("", "proxy-unreachable"),
    ],
)
def test_what_a_proxy_answered_an_own_request_leads_to_the_same_rows(status, row):
    evidence = {"phase": "connect", "proxy": "proxy.acme.example:3128", "proxy_status": status}
    found = diagnose(Failure(stage=Stage.TRANSPORT, error="proxy-failure", evidence=evidence))
    assert found.code == row
    assert "proxy.acme.example:3128" in found.why


def test_a_proxy_is_named_without_its_password():
    text = (
        "https_proxy=http://svc:Zx9dummy@/pw@proxy.acme.example:3128\n"
        "request to https://acme.my.salesforce.com/services/oauth2/token failed, "
        "reason: connect ECONNREFUSED proxy.acme.example:3128"
    )
    fault = fault_in(text)
    assert (fault.code, fault.proxy, fault.host) == (
        "proxy-unreachable",
        "proxy.acme.example:3128",
        "acme.my.salesforce.com",
    )
    failure = explain_text(text)
    assert "Zx9dummy" not in repr(diagnose(failure)) and "svc" not in repr(diagnose(failure))
    assert failure.evidence == {"runtime": "node", "proxy": "proxy.acme.example:3128"}
    one_line = "GET via https_proxy=http://svc:Zx9dummy@proxy.acme.example:3128: Tunnel connection failed: 407"
    assert (
        fault_in(one_line).line == "GET via https_proxy=http://proxy.acme.example:3128: Tunnel connection failed: 407"
    )


@given(
    password=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'\"<>"), min_size=6),
    before=st.integers(0, 400),
    after=st.integers(0, 400),
    fault=st.sampled_from(["connect ECONNREFUSED 192.0.2.9:3128", "Tunnel connection failed: 407", "socket hang up"]),
)
def test_no_password_of_a_proxy_is_in_what_is_found(password, before, after, fault):
    assume("error" not in password.lower())  # which is read as an error code
    planted = f"Zx9{password}yZ"
    proxy = f"https_proxy=http://svc:{planted}@192.0.2.9:3128"
    for text in (f"{'x' * before} {proxy} {'x' * after} {fault}", f"{fault} {'x' * after} {proxy}"):
        found = fault_in(text)
        assert planted[:5] not in repr(found)
        assert found.proxy == "192.0.2.9:3128"


def test_of_a_page_of_the_network_its_words_are_shown():
    page = "<!DOCTYPE html><html><head><title>Web Page Blocked</title></head><body>FortiGuard blocked it.</body></html>"
    failure = explain_text(page)
    assert (failure.error, failure.description) == ("network-page", "Web Page Blocked FortiGuard blocked it.")


def test_a_connection_that_fails_at_the_port_of_a_proxy_is_the_proxys():
    asked = (
        "request to https://login.salesforce.com/services/oauth2/token failed, reason: connect ECONNREFUSED 192.0.2.9:"
    )
    assert (fault_in(asked + "8080").code, fault_in(asked + "8080").proxy) == ("proxy-unreachable", "192.0.2.9:8080")
    assert (fault_in(asked + "443").code, fault_in(asked + "443").proxy) == ("connection-refused", "")


@pytest.mark.parametrize(
    "text",
    [
        '{"error":"invalid_grant","error_description":"authentication failure"} after ECONNRESET',
        '[{"errorCode":"QUERY_TIMEOUT","message":"Your query request timed out"}] connection reset',
        'HTTP 400 {"errorCode": "JSON_PARSER_ERROR", "message": "Connection refused"}',
        "Request failed with status code 403",
        "Request failed with status code 502",
        "setTimeout(refresh, 1000)",
        "The session timed out.",
        "A sentence about a certificate.",
    ],
)
def test_what_an_api_answered_or_a_bare_status_is_no_fault_of_the_transport(text):
    assert fault_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"level":"error","error":"dial tcp: lookup acme.my.salesforce.com: no such host"}',
        '{"error":"SELF_SIGNED_CERT_IN_CHAIN"}',
        "System.Net.Sockets.SocketException, ErrorCode: 10061, actively refused it",
        "errorCode: 'ECONNRESET'",
    ],
)
def test_a_fault_in_a_log_entry_or_with_a_code_of_its_own_is_found(text):
    assert fault_in(text) is not None


def strings(node):
    if isinstance(node, str):
        yield node
    else:
        for each in node.values() if isinstance(node, dict) else node:
            yield from strings(each)


def test_every_repetition_in_a_pattern_has_an_upper_limit():
    document = tomllib.loads(Path(transport.__file__).with_name("transport_faults.toml").read_text(encoding="utf-8"))
    runtimes_in = [one.get("recognized", ()) for one in document["runtime"].values()]
    patterns = list(strings([document["parts"], document["names"], document["fault"], runtimes_in]))
    assert len(patterns) > 200
    bare = [re.sub(r"\\.|\[[^\]]*\]", "", pattern) for pattern in patterns]
    assert [one for one in bare if re.search(r"[*+]|\{\d+,\}", one)] == []


@pytest.mark.parametrize(
    "piece", ["https_proxy=http://u:p@", "proxy tunnel request to proxy '", "getaddrinfo ", "dial tcp ", "x"]
)
def test_a_text_of_a_megabyte_is_read_in_time(piece):
    text = piece * (1_000_000 // len(piece))
    before = time.process_time()
    fault_in(text)
    assert time.process_time() - before < 20, "about a second is usual, and a square of the length takes hours"


def test_every_fault_has_a_row_and_no_text_of_it_speaks_for_salesforce():
    named = {row for row, _, _ in PASTED}
    assert named <= set(rows())
    said = [(row, text) for row in named for text in (rows()[row].what, rows()[row].why)]
    assert [one for one in said if re.search(r"(host|Salesforce) (answered|returned|responded)", one[1])] == []
