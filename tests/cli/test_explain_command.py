"""`sfrunbook explain` and the notebooks' `explain`: with a connection, as a message, and as a card."""

import contextlib
import json
import os
import pty
import re
import subprocess
from dataclasses import replace

import pytest
from support.in_process import invoke
from support.runbook_support import PROGRAM, Shell, make_shell

from sfrunbook.core.model import AppKind, Connection
from sfrunbook.core.secrets.formats import FORMATS
from sfrunbook.runbook import explain
from sfrunbook.store.connections import ConnectionBook

KEY = "3MVG9" + "k" * 80
CODE = "aPrxSECRETcodeSECRETcodeSECRETcodeSECRETcode1234567890abcdefghij=="
PAGE = "https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp"


@pytest.fixture
def shell(tmp_path) -> Shell:
    """A user with a connection to a Connected App."""
    made = make_shell(tmp_path / "user")
    ConnectionBook(made.home).add(
        Connection(
            name="acme",
            login_url="https://acme.my.salesforce.com",
            client_id=KEY,
            app_kind=AppKind.CONNECTED_APP,
            variables={"service_domain": "app-h.cyclr.com"},
        )
    )
    return made


def test_with_a_connection_only_its_screens_and_its_host_are_shown(shell):
    without = shell.run("explain", "invalid_client").stdout
    assert "External Client App: Setup" in without and "Connected App: Setup" in without
    told = shell.run("explain", "invalid_client", "--connection", "acme").stdout
    assert "External Client App" not in told
    assert "Salesforce administrator: Setup > Apps > App Manager > your app > arrow > View" in told
    assert "Details: acme.my.salesforce.com, invalid_client" in told
    assert "   Open App Manager: https://acme.my.salesforce.com/lightning/setup/NavigationMenus/home\n" in told
    assert "If the link doesn't open the page, search Setup for App Manager.\n" in told
    assert "/lightning/setup/" not in without


@pytest.mark.parametrize("columns", ["60", "80", "100", "300"])
def test_no_line_is_longer_than_the_terminal_or_a_hundred_columns(shell, columns):
    shell.environ["COLUMNS"] = columns
    for options in ((), ("--all",)):
        lines = shell.run("explain", "expired access/refresh token", *options).stdout.splitlines()
        assert max(len(line) for line in lines if not line.startswith("Source: ")) <= min(int(columns), 100)


def test_a_text_in_a_narrow_terminal_stays_readable(shell):
    shell.environ["COLUMNS"] = "10"
    lines = shell.run("explain", "invalid_client_id").stdout.splitlines()
    assert 30 < max(len(line) for line in lines if not line.startswith("Source: ")) <= 40


def test_a_lost_profile_costs_no_more_than_the_link_to_its_console(shell):
    book = ConnectionBook(shell.home)
    book.add(replace(book.get("acme"), name="lost", profile="lost"))
    both = {name: shell.run("explain", "cyclr-credentials-not-set", "-c", name) for name in ("acme", "lost")}
    assert "   Open the Partner Console: https://my.cyclr.com\n" in both["acme"].stdout
    assert both["lost"].returncode == 0
    assert "Partner Console: http" not in both["lost"].stdout


def test_a_message_names_the_app_by_a_shortened_key_and_the_callbacks_that_lack(shell):
    done = shell.run("explain", "redirect_uri_mismatch", "-c", "acme", "--message")
    assert done.returncode == 0
    assert f"App: Connected App, Consumer Key 3MVG9kkkk…{'k' * 4}" in done.stdout
    assert "\nhttps://app-h.cyclr.com/connector/callback\n" in done.stdout
    assert KEY not in done.stdout


def test_a_message_for_somebody_who_has_nothing_to_do_says_so(shell):
    done = shell.run("explain", "zero-rows", "--message", "--to", "Cyclr partner")
    assert done.stdout == "The Cyclr partner has nothing to do. Leave out --message to see who can fix it.\n"
    assert done.returncode == 0


def test_a_message_is_part_of_the_answer_in_json(shell):
    answer = json.loads(shell.run("explain", "invalid_client", "--message", "--json").stdout)
    assert answer["code"] == "client-secret-refused"
    assert answer["message"].startswith("Hello, we're connecting Salesforce to a partner platform")
    assert "message" not in json.loads(shell.run("explain", "invalid_client", "--json").stdout)


def test_a_whole_error_page_is_explained_without_its_code(shell):
    text = f"{PAGE}?error=invalid_client&error_description=app+must+be+installed+into+org&code={CODE}"
    done = shell.run("explain", "-", said=text)
    assert done.stdout.endswith("Code: app-not-installed\n")
    assert CODE not in done.stdout + done.stderr


def test_the_address_of_a_login_page_is_compared_with_the_connection(shell, monkeypatch):
    address = f"https://acme.my.salesforce.com/services/oauth2/authorize?client_id={KEY[:-1]}&redirect_uri=x:/y&state=z"
    told = shell.run("explain", address, "-c", "acme").stdout
    assert "Confirmed cause: The Consumer Key isn't the app's.\n" in told
    assert "\nAlso confirmed: The Callback URL isn't one that the app lists. Because: " in told
    monkeypatch.setenv("SFRUNBOOK_HOME", str(shell.home))
    assert "Confirmed cause: The Consumer Key isn't the app's.\n" in explain(address, connection="acme").text


@pytest.mark.parametrize("options", [(), ("--json",), ("--message",), ("--message", "--json")])
def test_no_format_of_a_secret_is_shown_by_the_command(shell, options):
    secret = "k7Kp-Qm2_vR9tLw4"
    texts = [row.example.replace("HIDDEN", row.write(secret) if row.write else secret) for row in FORMATS]
    done = shell.run("explain", "-", *options, said="unheard_of\n\n" + "\n\n".join(texts))
    assert done.returncode == 0
    assert [secret[at : at + 8] for at in range(9) if secret[at : at + 8] in done.stdout + done.stderr] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "x", "--to", "nobody"), "'nobody' is none of Salesforce administrator, Cyclr partner."),
        (("explain", "x", "-c", "beta"), "There is no connection called beta."),
        (("explain", "x", "--ask"), "Invalid value for --ask: needs --connection."),
    ],
)
def test_what_cannot_be_done_is_told(shell, words, said):
    done = shell.run(*words)
    assert done.returncode
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_a_notebook_shows_the_explanation_as_a_card(shell, monkeypatch):
    monkeypatch.setenv("SFRUNBOOK_HOME", str(shell.home))
    card = explain(f"{PAGE}?error=redirect_uri_mismatch&code={CODE}", connection="acme")
    assert card.text.endswith("Code: callback-not-registered")
    assert "External Client App" not in card.text
    assert "<summary>Message to copy to the Salesforce administrator</summary>" in card.html
    assert "<pre>Hello, we&#39;re connecting Salesforce to a partner platform" in card.html
    assert CODE not in card.text + card.html
    assert explain("invalid_client", connection="practice").text.endswith("Code: client-secret-refused")


def test_a_notebook_shows_what_is_wrong_with_the_connection_and_raises_nothing(shell, monkeypatch):
    monkeypatch.setenv("SFRUNBOOK_HOME", str(shell.home))
    assert explain("invalid_client", connection="beta").text.endswith("Code: connection-not-found")


JAPANESE = "OAuth \u30a8\u30e9\u30fc\u306e\u305f\u3081\u3001\u8a8d\u8a3c\u3067\u304d\u307e\u305b\u3093\u3002 " * 6


def test_a_long_text_that_is_not_ascii_is_not_taken_for_the_name_of_a_file(shell):
    done = shell.run("explain", f"{JAPANESE} OAUTH_APPROVAL_ERROR_GENERIC")
    assert done.returncode == 0
    assert done.stdout == shell.run("explain", "-", said=f"{JAPANESE} OAUTH_APPROVAL_ERROR_GENERIC").stdout
    assert "OAUTH_APPROVAL_ERROR_GENERIC" in done.stdout


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_a_file_in_the_encoding_of_a_windows_shell_is_read(shell, encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    written = f"{mark}invalid_client_id: client identifier invalid\r\n".encode(encoding)
    (shell.work / "reply.txt").write_bytes(written)
    plain = shell.run("explain", "invalid_client_id: client identifier invalid").stdout
    assert shell.run("explain", "reply.txt").stdout == plain
    piped = subprocess.run(
        [*PROGRAM, "explain", "-"], input=written, env=shell.environ, capture_output=True, check=True
    )
    assert piped.stdout.decode() == plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing.txt", "nothing.txt is empty."),
        ("blank.txt", "blank.txt is empty."),
        ("logs", "logs is a folder. Name a file in it."),
        ("lost.json", "There is no file lost.json."),
        ("logs/lost.log", "There is no file logs/lost.log."),
        ("", "There is no text to explain."),
        ("-", "There is no text to explain."),
        (None, "There is no text to explain."),
    ],
)
def test_a_text_that_is_not_there_is_a_usage_error_that_says_so(shell, text, said):
    (shell.work / "logs").mkdir()
    (shell.work / "nothing.txt").touch()
    (shell.work / "blank.txt").write_text("\ufeff \r\n")
    done = shell.run("explain", *([] if text is None else [text]))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_a_file_that_cannot_be_read_is_a_usage_error_with_the_reason(shell):
    done = shell.run("explain", "/proc/self/mem")
    assert done.returncode == 2
    assert "/proc/self/mem can't be read: " in " ".join(done.stderr.replace("│", " ").split())


def test_without_a_text_a_pipe_is_read_and_a_terminal_is_not_waited_for(shell):
    assert shell.run("explain", said="invalid_client_id").stdout == shell.run("explain", "invalid_client_id").stdout
    shown = in_terminal(shell, "explain")
    assert "Use - to paste the text" in " ".join(re.sub(r"\x1b\[[\d;]*m", "", shown).replace("│", " ").split())


def test_a_pipe_that_is_closed_early_ends_quietly(shell):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*PROGRAM, "explain", "invalid_client_id"], stdout=write, stderr=subprocess.PIPE, env=shell.environ, check=False
    )
    os.close(write)
    assert done.stderr == b""


def test_no_colour_is_in_the_explanation_and_none_in_an_error_where_no_color_is_set(shell):
    assert "\x1b" not in in_terminal(shell, "explain", "invalid_client_id")
    shell.environ["NO_COLOR"] = "1"
    assert not re.search(r"\x1b\[[\d;]*3\d[;m]", in_terminal(shell, "explain", "lost.json"))


def in_terminal(shell, *words: str) -> str:
    """What a user sees who runs the command in a terminal, with its control sequences."""
    primary, secondary = pty.openpty()
    running = subprocess.Popen(
        [*PROGRAM, *words], stdin=secondary, stdout=secondary, stderr=secondary, env=shell.environ
    )
    os.close(secondary)
    seen = b""
    with contextlib.suppress(OSError):  # Linux ends a terminal without writers so
        while more := os.read(primary, 65536):
            seen += more
    os.close(primary)
    running.wait()
    return seen.decode()


def test_every_cause_has_its_fix_in_one_line_and_all_steps_on_request(tmp_path):
    def shown(*options):
        arguments = ["explain", "expired access/refresh token", *options]
        code, text, _ = invoke(arguments, typed="", environ={"HOME": str(tmp_path)}, folder=tmp_path)
        assert code == 0
        return text

    short, long = shown(), shown("--all")
    others = short.count("Other possible cause: ")
    assert others > 5
    assert short.count("   Fix: ") == others
    assert "   Fix: " not in long
    assert long.count("\n1. ") == others + 1


def test_the_other_errors_of_a_log_are_named(tmp_path):
    log = "2026-05-01 03:30 invalid_client_id\n2026-05-02 03:30 invalid_grant: ip restricted\n"
    code, text, _ = invoke(["explain", "-"], typed=log, environ={"HOME": str(tmp_path)}, folder=tmp_path)
    assert code == 0
    assert "Also in this text: invalid_client_id" in text
