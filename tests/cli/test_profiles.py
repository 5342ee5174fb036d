"""Profiles of other platforms: the second one, one's own, and the commands that list, show and check them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.runbook_support import Shell, make_shell

from sfrunbook import partners
from sfrunbook.core.model import AppKind, Mark

PAGE = Path(__file__).parents[2] / "docs" / "write-a-profile.md"
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return make_shell(tmp_path / "user")


def write(shell: Shell, text: str, name: str = "acme") -> Path:
    path = shell.work / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


# --- the second partner ---


def test_n8n_needs_one_callback_of_its_own_host_and_two_scopes():
    n8n = partners.load("n8n")
    assert n8n.callback_urls({"n8n_host": "n8n.acme.example"}) == (
        "https://n8n.acme.example/rest/oauth2-credential/callback",
    )
    assert n8n.scopes == ("full", "refresh_token")
    assert (n8n.flag("pkce").wanted, n8n.flag("pkce").mark) == ("off", Mark.LIKELY)
    assert n8n.api == ""


@pytest.mark.parametrize("name", partners.names())
def test_every_profile_fills_a_form_of_both_kinds_and_says_where_its_words_are_from(name):
    profile = partners.load(name)
    given = {one.name: one.example for one in profile.variables}
    for kind in AppKind:
        assert profile.forms_for(kind), f"{name} has no form for a {kind.label}"
        first = profile.forms_for(kind)[0]
        assert all(field.value for field in profile.fill(first, given))
    rows = (*profile.callbacks, *profile.scope_rows, *profile.flags, *profile.forms, *profile.steps)
    assert [row for row in rows if not row.source.startswith("https://")] == []
    assert [step.copies for step in profile.steps if step.copies] == ["client_id", "client_secret"]


# --- one's own ---


def test_the_example_of_the_page_is_a_profile_that_can_be_used(shell):
    path = write(shell, EXAMPLE)
    assert partners.faults(path) == ()
    assert partners.load(path).callback_urls({"region": "eu"}) == ("https://eu.acme.example/oauth/callback",)
    done = shell.run("profiles", "check", str(path))
    assert (done.returncode, done.stdout) == (0, f"{path} is ready to use: 1 Callback URL, 2 scopes.\n")


def test_a_profile_in_ones_own_folder_is_listed_shown_and_used_by_its_name(shell):
    own = shell.home / "profiles"
    own.mkdir(parents=True)
    (own / "acme.toml").write_text(EXAMPLE, "utf-8")
    listed = json.loads(shell.run("profiles", "list", "--json").stdout)
    mine = {"acme": True} | dict.fromkeys(partners.names(), False)
    assert {row["name"]: row["yours"] for row in listed} == mine
    assert "https://{region}.acme.example/oauth/callback (confirmed)" in shell.run("profiles", "show", "acme").stdout
    words = ("--login-url", "acme.my.salesforce.com", "--client-id", "3MVG9" + "a1B2c3D4" * 10, "--public")
    done = shell.run("connections", "add", "one", *words, "--profile", "acme", "--variable", "region=eu")
    assert done.returncode == 0, done.stderr
    wrong = shell.run("connections", "add", "two", *words, "--profile", "acme", "--variable", "region=apac")
    assert wrong.returncode == 2
    assert "it must be eu or us" in wrong.stderr


def test_a_name_of_ones_own_cannot_take_the_place_of_a_packaged_profile(tmp_path):
    (tmp_path / "cyclr.toml").write_text(EXAMPLE, "utf-8")
    assert partners.load("cyclr", tmp_path).label == "Cyclr"


# --- faults ---


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('mark = "confirmed"\nsource', 'mark = "sure"\nsource', "callback.1.mark: "),
        ('url = "https://{region}', 'uri = "https://{region}', "callback.1.url: Field required"),
        ('label = "Acme Flow"\n', "", "label: Field required"),
        ('wanted = "on"', 'wanted = "yes"', "flag.1.wanted: Input should be 'on', 'off' or 'leave'"),
        ('label = "Acme Flow"\nnames', "label = 1\nnames", ":73: console.label: Input should be a valid string"),
        (
            'url = "https://{region}.acme.example"\nlabel',
            'url = "http://acme.example"\nlabel',
            "the console http://acme.example is neither https nor on this machine",
        ),
        ("{region}.acme", "{zone}.acme", "needs the variable zone, which doesn't exist"),
        ('flag = "pkce" }', 'flag = "pkce", value = "x" }', "needs exactly one of value, flag and fill"),
        ('pattern = "eu|us"', 'pattern = "("', "the pattern of region isn't a regular expression"),
        ("(?:zone-)?[a-z]+", "(zone-", "the pattern (zone-[0-9] of region isn't a regular expression"),
        ('pattern = "eu|us"', 'pattern = "eu|us', "at line "),
    ],
)
def test_a_fault_is_told_with_its_field(shell, old, new, told):
    assert old in EXAMPLE
    done = shell.run("profiles", "check", str(write(shell, EXAMPLE.replace(old, new, 1))))
    assert done.returncode == 2
    assert told in done.stdout


def test_a_fault_is_told_with_the_line_of_its_field(shell):
    path = write(shell, EXAMPLE.replace('wanted = "on"', 'wanted = "yes"'))
    line = path.read_text("utf-8").splitlines().index('wanted = "yes"') + 1
    done = shell.run("profiles", "check", str(path))
    assert done.stdout == f"{path}:{line}: flag.1.wanted: Input should be 'on', 'off' or 'leave'\n"
    told = json.loads(shell.run("profiles", "check", str(path), "--json").stdout)
    assert (told["usable"], told["faults"][0]["line"], told["faults"][0]["field"]) == (False, line, "flag.1.wanted")


def test_a_field_that_is_missing_is_told_with_the_line_of_its_table(shell):
    path = write(shell, EXAMPLE.replace('url = "https://{region}.acme.example/oauth/callback"\n', ""))
    line = path.read_text("utf-8").splitlines().index("[[callback]]") + 1
    assert shell.run("profiles", "check", str(path)).stdout == f"{path}:{line}: callback.1.url: Field required\n"


def test_a_profile_that_is_not_there_is_a_usage_error(shell):
    assert shell.run("profiles", "show", "nobody").returncode == 2
    assert shell.run("profiles", "check", "nowhere.toml").returncode == 2


def test_an_optional_variable_may_be_left_out_but_no_callback_may_need_it(shell):
    optional = EXAMPLE.replace('reason = "it must be eu or us"', 'reason = "it must be eu or us"\noptional = true')
    done = shell.run("profiles", "check", str(write(shell, optional)))
    assert "needs the variable region, which is optional" in done.stdout
    assert partners.load("cyclr").values({}) == {"service_domain": "app-h.cyclr.com", "console_host": "my.cyclr.com"}
