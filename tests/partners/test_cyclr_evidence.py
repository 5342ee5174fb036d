"""What a pasted or received response of a method proves."""

from __future__ import annotations

import json

import pytest

from sfrunbook.partners.cyclr.response import judge_response, judge_text

ID = "001gK00000Rm4cAQAR"


def test_rows_with_ids_of_both_lengths_are_proof():
    seen = judge_text(json.dumps({"totalSize": 2, "records": [{"Id": ID}, {"Id": "001gK00000Rm4cB"}]}))
    assert (seen.rows, seen.ids, seen.doubts, seen.is_proof) == (2, 2, (), True)


@pytest.mark.parametrize(
    "text",
    [
        f'Method Response\n200 OK\n{{"records": [{{"Id": "{ID}"}}]}}\nCopy',
        json.dumps([{"Id": ID}]),
        json.dumps({"Request": {"records": []}, "Response": {"Body": {"records": [{"Id": ID}]}}}),
        json.dumps({"MethodResponse": json.dumps({"records": [{"Id": ID}]})}),
        json.dumps({"user_id": "005gK00000B1XyZQAV"[:15], "organization_id": "00DgK00000B1XyZ"}),
    ],
)
def test_rows_are_found_wherever_they_stand(text):
    assert judge_text(text).rows == 1


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("", "Nothing was pasted."),
        ("hello", "It has no data in braces, as a Method Response does."),
        ('{"error": "invalid_grant"}', "It has no list of records."),
        ('{"records": [{"Id": "7"}]}', "No record has a Salesforce Id (15 or 18 letters and digits)."),
        (f'{{"records": [{{"Id": "{ID[:-1]}X"}}, {{"Id": "{ID}"}}]}}', "1 of its Ids aren't Salesforce Ids."),
        (f'{{"totalSize": 0, "records": [{{"Id": "{ID}"}}]}}', "Its totalSize is 0, but it has 1 records."),
    ],
)
def test_what_does_not_look_like_salesforce_is_told(text, doubt):
    seen = judge_text(text)
    assert seen.doubts[0] == doubt
    assert not seen.is_proof


def test_no_rows_is_an_answer_and_no_proof():
    seen = judge_response({"totalSize": 0, "records": []})
    assert (seen.rows, seen.doubts, seen.is_proof) == (0, (), False)


def test_nothing_of_the_rows_is_kept():
    assert "Contoso" not in repr(judge_text(json.dumps({"records": [{"Id": ID, "Name": "Contoso"}]})))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 5_000, '"' * 1000, "{" + "\x00" * 50])
def test_nonsense_is_no_proof_and_no_crash(text):
    assert not judge_text(text).is_proof
