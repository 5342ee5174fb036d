"""What people paste from other tools' logs and pages is explained by its cause, and none of its secrets is shown."""

import json
import re
from pathlib import Path

import pytest
from support.in_process import invoke

from sfrunbook.diagnosis.catalogue import UNRECOGNISED
from sfrunbook.diagnosis.pasted.diagnose_text import diagnose_text, judge_as_written
from sfrunbook.report.data import diagnosis_data
from sfrunbook.report.text import diagnosis_text

FOLDER = Path(__file__).parents[1] / "samples" / "field-texts"
SAMPLES = [sample for path in sorted(FOLDER.glob("*.json")) for sample in json.loads(path.read_text("utf-8"))]


def test_every_text_from_the_field_is_explained_by_its_cause_and_shows_no_secret():
    failures = [f"{reason}: {sample['text'][:90]!r}" for sample in SAMPLES if (reason := fault_of(sample))]
    assert not failures, f"{len(failures)} of {len(SAMPLES)}:\n" + "\n".join(failures)


def test_a_text_from_the_field_says_where_it_is_from_and_what_is_right():
    assert len(SAMPLES) > 100
    for sample in SAMPLES:
        assert sample.keys() <= {"text", "says", "never", "source", "hidden", "unknown_is_right"}
        assert re.fullmatch(r"https://[^\s/]+/\S+|made up", sample["source"])
        assert sample["says"]


@pytest.mark.parametrize(
    "text", ["invalid_grant: \x1b]0;title\x07 odd", "\x1b]8;;https://acme.example\x1b\\odd\x1b]8;;\x1b\\"]
)
def test_a_title_or_link_that_a_pasted_log_sets_does_not_reach_the_terminal(tmp_path, text):
    code, shown, _ = invoke(["explain", "-"], typed=text, environ={"HOME": str(tmp_path)}, folder=tmp_path)
    assert code == 0
    assert not re.search(r"[\x1b\x07]", shown)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_a_file_is_read_in_the_encodings_that_windows_writes(tmp_path, encoding):
    file = tmp_path / "reply.txt"
    file.write_text("invalid_client_id: client identifier invalid", encoding)
    code, shown, _ = invoke(["explain", str(file)], typed="", environ={"HOME": str(tmp_path)}, folder=tmp_path)
    assert code == 0
    assert "Code: client-id-not-known" in shown


def test_a_long_text_that_is_not_ascii_is_a_text_and_no_file_name(tmp_path):
    text = "OAuth エラーのため、認証できません。管理者に連絡してください。" * 4 + "OAUTH_APPROVAL_ERROR_GENERIC"
    code, shown, _ = invoke(["explain", text], typed="", environ={"HOME": str(tmp_path)}, folder=tmp_path)
    assert code == 0
    assert "Code: approval-error-page" in shown


def fault_of(sample):
    """What is wrong with the explanation of a text, or nothing: its first cause counts, not the ones behind it."""
    try:
        diagnosis = judge_as_written(diagnose_text(sample["text"]), sample["text"])
    except Exception as error:  # noqa: BLE001 - a crash is one line of the list
        return f"crash ({error!r})"
    shown = diagnosis_text(diagnosis) + json.dumps(diagnosis_data(diagnosis), ensure_ascii=False)
    if leaked := [secret for secret in sample.get("hidden", ()) if secret in shown]:
        return f"shows {leaked}"
    lead = lead_of(diagnosis)
    if wrong := [pattern for pattern in sample["never"] if re.search(pattern, lead)]:
        return f"wrong, says {wrong} ({diagnosis.code})"
    if diagnosis.code == UNRECOGNISED and not sample.get("unknown_is_right"):
        return "unknown"
    return "" if any(re.search(pattern, lead) for pattern in sample["says"]) else f"wrong ({diagnosis.code})"


def lead_of(diagnosis):
    """The code, what, why, and the first cause with its steps, a line each, in small letters."""
    first = diagnosis.causes[0]
    steps = [f"{remedy.where}: {remedy.what}" for remedy in first.remedies]
    lines = [f"code: {diagnosis.code}", diagnosis.what, diagnosis.why, f"cause: {first.summary}", *steps]
    return "\n".join(lines).lower()
