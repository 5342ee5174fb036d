"""What a kernel shows holds no secret and no piece of one, also in a verbose traceback."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from sfrunbook.core.secrets.secret import Secret
from sfrunbook.runbook import display_guard

REFRESH_TOKEN = "5Aep861" + "TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrfFLQWTthDVyAq7e7l4WK8dbHcsBmpwdPjWQ2VbW9nZTmQ3x"
PASSPHRASE = "four plain words here"


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """A guarded shell that shows the variables of every frame."""
    shell = InteractiveShell()
    monkeypatch.setattr(display_guard, "shell", lambda: shell)
    monkeypatch.setenv("SFRUNBOOK_PASSPHRASE", PASSPHRASE)
    display_guard.guard_displays()
    shell.run_cell("%xmode Verbose")
    return shell


@pytest.mark.parametrize(
    "cell",
    [
        f"def send(body):\n    raise ValueError\nsend({REFRESH_TOKEN * 3!r})",
        f"def send(body):\n    raise ValueError(body[20:50] + ' ... ' + body[60:])\nsend({REFRESH_TOKEN!r})",
        f"def send(bits):\n    raise ValueError\nsend([{REFRESH_TOKEN[:30]!r}, {REFRESH_TOKEN[30:60]!r}])",
        f"{REFRESH_TOKEN[9:40]!r}",
        f"def send(value):\n    raise ValueError(value)\nsend({PASSPHRASE!r})",
    ],
)
def test_no_piece_of_a_known_value_is_shown(kernel: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str):
    Secret(REFRESH_TOKEN)
    kernel.run_cell(cell)
    shown = capsys.readouterr().out
    assert "***" in shown
    assert PASSPHRASE not in shown
    assert [REFRESH_TOKEN[at : at + 8] for at in range(8, 80) if REFRESH_TOKEN[at : at + 8] in shown] == []
