"""Whether the browser is on the kernel's machine is told by signs that are named."""

from __future__ import annotations

import pytest

from sfrunbook.runbook.forms.kernel_place import SIGNS, why_remote

ORG = "https://acme.my.salesforce.com"
HERE = "http://127.0.0.1:8080"


def test_a_kernel_is_here_unless_something_says_otherwise() -> None:
    assert why_remote({"HOME": "/", "VSCODE_PID": "1"}, login_url=ORG) == ""


@pytest.mark.parametrize("sign", list(SIGNS))
def test_every_sign_is_named_in_the_sentence(sign: str) -> None:
    assert why_remote({sign: "x"}, login_url=ORG) == (
        f"This notebook's kernel runs on {SIGNS[sign]} (as {sign} shows), so your browser can't return to it. "
        "After the login, paste the address that the browser shows."
    )


def test_a_container_is_remote_but_for_a_login_page_on_this_machine() -> None:
    assert "runs on a container (as /.dockerenv shows)" in why_remote({}, ("/.dockerenv",), login_url=ORG)
    assert why_remote({}, ("/.dockerenv",), login_url=HERE) == ""
    assert "over SSH" in why_remote({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, login_url=HERE)
