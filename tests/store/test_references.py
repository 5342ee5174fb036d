"""References resolve to Secrets at the last moment, and refusals never repeat what was pasted."""

from __future__ import annotations

import os

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.references import check_reference, resolve
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file

HEX = "8F3A5C1D7E9B2046" * 4


class MemoryKeyring(KeyringBackend):
    """A real keyring as far as callers can tell."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.entries = {}

    def get_password(self, service, username):
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self.entries[service, username] = password

    def delete_password(self, service, username):
        del self.entries[service, username]


@pytest.fixture
def set_keyring():
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def store(tmp_path) -> GrantStore:
    create_key_file(tmp_path / "key")
    return open_store(tmp_path, "acme", {"SFRUNBOOK_KEY_FILE": str(tmp_path / "key")})


def _refused(call, *args) -> dict[str, str]:
    with pytest.raises(RunbookError) as caught:
        call(*args)
    return {"code": diagnosis_of(caught.value).code, **caught.value.failure.evidence}


def test_a_secret_comes_from_the_store(store):
    store.put_secret("acme", Secret("from-the-store"))
    assert resolve("store:acme", store).reveal() == "from-the-store"


def test_a_secret_comes_from_the_environment():
    assert resolve("env:ACME_SECRET", None, {"ACME_SECRET": "from-env"}).reveal() == "from-env"


def test_a_secret_comes_from_a_private_file_without_its_last_line_break(tmp_path):
    path = tmp_path / "secret"
    path.touch(0o600)
    path.write_text("two\nlines\n")
    assert resolve(f"file:{path}", None).reveal() == "two\nlines"


def test_a_file_that_powershell_wrote_holds_the_same_secret(tmp_path):
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    for encoding in ("utf-16", "utf-8-sig"):
        path.write_bytes("canary-secret\r\n".encode(encoding))
        assert resolve(f"file:{path}", None).reveal() == "canary-secret"


def test_a_secret_comes_from_the_keyring(set_keyring):
    backend = MemoryKeyring()
    backend.set_password("acme", "key/with/slashes", "from-keyring")
    set_keyring(backend)
    assert resolve("keyring:acme/key/with/slashes", None).reveal() == "from-keyring"
    assert _refused(resolve, "keyring:acme/other", None)["reason"] == "the keyring has no such entry"


def test_a_missing_keyring_is_said(set_keyring):
    set_keyring(NoKeyring())
    assert _refused(resolve, "keyring:acme/x", None) == {
        "code": "secret-not-found",
        "reference": "keyring:acme/x",
        "reason": "this system has no keyring",
    }


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("store:acme", "nothing is stored under this name"),
        ("env:SFRUNBOOK_TEST_NOT_SET", "the environment variable is not set, or is empty"),
        ("file:/nowhere/at/all", "No such file or directory"),
    ],
)
def test_a_reference_that_leads_nowhere_says_why(reference, reason, store):
    refused = _refused(resolve, reference, store, {"SFRUNBOOK_TEST_EMPTY": ""})
    assert refused == {"code": "secret-not-found", "reference": reference, "reason": reason}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    path = tmp_path / "secret"
    path.write_text("value")
    path.chmod(mode)
    assert _refused(resolve, f"file:{path}", None) == {
        "code": "secret-file-open",
        "path": str(path),
        "mode": f"{mode:04o}",
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\n", "the file is empty"),
        (b"\xff\xfe\x00", "it does not hold text"),
        (b"x" * 70000, "it is larger than 64 KiB"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused(tmp_path, content, reason):
    path = tmp_path / "secret"
    path.touch(0o600)
    path.write_bytes(content)
    assert _refused(resolve, f"file:{path}", None)["reason"] == reason


def test_a_folder_is_no_secret(tmp_path):
    assert _refused(resolve, f"file:{tmp_path}", None)["reason"] == "it is not a file"


def test_a_command_is_refused_with_a_sentence_and_not_repeated():
    refused = _refused(check_reference, "cmd:pass show acme-4711")
    assert refused == {
        "code": "secret-reference-invalid",
        "reference": "cmd:…",
        "reason": "commands aren't allowed; store the output of the command and name it in one of these forms: "
        "store:NAME, env:NAME, keyring:service/name or file:/path. To allow commands, set SFRUNBOOK_ALLOW_COMMANDS=1 "
        "in the environment of the program",
    }


ALLOWED = {"SFRUNBOOK_ALLOW_COMMANDS": "1"}


def test_a_command_that_is_allowed_gives_its_secret_without_a_shell():
    assert resolve("cmd:printf %s 'two words; $HOME'", None, ALLOWED) == Secret("two words; $HOME")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("sh -c 'echo canary; exit 3'", "the command ended with exit code 3"),
        ("true", "the command printed nothing"),
        ("no-such-program-4711", "the command cannot be started (FileNotFoundError)"),
    ],
)
def test_a_command_that_fails_says_how_and_repeats_neither_itself_nor_its_output(command, reason, capfd):
    refused = _refused(resolve, f"cmd:{command}", None, ALLOWED)
    assert refused == {"code": "secret-not-found", "reference": "cmd:…", "reason": reason}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("environ", [{}, {"SFRUNBOOK_ALLOW_COMMANDS": "yes"}, {"SFRUNBOOK_ALLOW_COMMANDS": "0"}])
def test_a_command_runs_only_when_the_environment_allows_it(environ, tmp_path):
    assert _refused(resolve, f"cmd:touch {tmp_path}/made", None, environ)["code"] == "secret-reference-invalid"
    assert not (tmp_path / "made").exists()


def test_an_allowed_command_with_an_open_quote_is_no_reference():
    assert _refused(resolve, "cmd:echo 'x", None, ALLOWED)["code"] == "secret-reference-invalid"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path):
    path = tmp_path / "secret"
    path.write_text("value-4711")
    path.chmod(0o600)
    os.chown(path, 65534, 65534)
    assert _refused(resolve, f"file:{path}", None) == {"code": "secret-file-of-another-user", "path": str(path)}


@pytest.mark.parametrize("text", [HEX, f"store:{HEX}", "plain-password-4711", "env:has blank-4711", f"keyring:{HEX}"])
def test_a_refused_reference_is_never_repeated(text):
    with pytest.raises(RunbookError) as caught:
        check_reference(text)
    assert diagnosis_of(caught.value).code == "secret-reference-invalid"
    shown = repr(caught.value) + repr(diagnosis_of(caught.value))
    assert HEX not in shown
    assert "4711" not in shown
