"""The API of the practice Cyclr: nothing that anybody may send gets a 500."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.tails import long_or

_KNOWN = (
    "Id Name Value Properties Parameters Fields Description Username AccountId Timezone TransactionErrorWebhook "
    "RunOnce Interval AuthenticationId AuthValue 412010 412030 412050"
)


NAMES = st.sampled_from(_KNOWN.split()) | st.text(max_size=10)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


PATHS = [
    ("POST", "/accounts"),
    ("PUT", "/accounts/contoso-tea"),
    ("POST", "/accounts/{account}/signintoken"),
    ("POST", "/accounts/x/launch"),
    ("POST", "/users/orbit"),
    ("POST", "/connectors/412/install"),
    ("PUT", "/account/connectors/{number}"),
    ("POST", "/account/connectors/{number}/properties"),
    ("PUT", "/account/connectors/{number}/properties/{property}"),
    ("PUT", "/account/connectors/{number}/deauthenticate"),
    ("POST", "/account/connectors/{number}/methods/41201"),
    ("POST", "/account/connectors/{number}/methods/41203"),
    ("POST", "/account/connectors/{number}/methods/41205"),
    ("POST", "/account/connectors/{number}/methods/41205/body"),
    ("POST", "/account/connectors/{number}/test/41201"),
    ("POST", "/account/connectors/{number}/triggers/41291"),
    ("POST", "/templates/{template}/install"),
    ("POST", "/cycles"),
    ("PUT", "/cycles/{cycle}"),
    ("PUT", "/cycles/{cycle}/activate"),
]


@pytest.mark.parametrize(("verb", "path"), PATHS)
def test_no_body_gives_a_500(partner, verb, path):
    number = partner.install()
    names = {
        "account": partner.account,
        "number": number,
        "property": partner.done("GET", f"/account/connectors/{number}/properties")[0]["Id"],
        "template": partner.cyclr["templates"][0]["id"],
        "cycle": partner.done("POST", f"/templates/{partner.cyclr['templates'][0]['id']}/install")["Id"],
    }
    partner.settings(cyclr_empty_install_status=400)
    checks = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)

    @settings(max_examples=long_or(25, 10), deadline=None, suppress_health_check=checks, derandomize=True)
    @given(body=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30))
    def send(body):
        reply = partner.call(verb, path.format(**names), data=body, headers={"Content-Type": "application/json"})
        assert reply.status_code < 500, reply.text
        assert reply.status_code < 400 or reply.json()["Message"]

    send()
