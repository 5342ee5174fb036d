"""A Secret shows nothing of itself and is remembered for redaction."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import traceback

import pytest

from sfrunbook.core.secrets.secret import Secret, known_values

VALUE = "Zq7-canary-of-test-secret"


def test_no_text_form_shows_the_value():
    secret = Secret(VALUE)
    for text in (repr(secret), str(secret), f"{secret}", f"{secret:>40}", f"{secret!r}", "%s" % secret, str([secret])):  # noqa: UP031
        assert "canary" not in text


@pytest.mark.parametrize("write", [pickle.dumps, json.dumps, copy.copy, copy.deepcopy], ids=lambda one: one.__name__)
def test_a_secret_is_not_serialized(write):
    with pytest.raises(TypeError) as caught:
        write(Secret(VALUE))
    assert "canary" not in str(caught.value)


def test_a_secret_has_no_attributes_to_look_through():
    with pytest.raises(TypeError):
        vars(Secret(VALUE))


def test_a_fingerprint_tells_two_values_apart_and_depends_on_the_key():
    one, other = Secret(VALUE), Secret(VALUE + "2")
    assert one.fingerprint(b"a") == Secret(VALUE).fingerprint(b"a")
    assert len({one.fingerprint(b"a"), other.fingerprint(b"a"), one.fingerprint(b"b")}) == 3
    assert len(one.fingerprint(b"a")) == 8


def test_equal_values_are_equal_secrets_and_no_secret_equals_its_text():
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret(VALUE + "x")
    assert Secret(VALUE) != VALUE


def test_a_value_that_no_encoding_has_is_compared_and_told_apart_all_the_same():
    odd = Secret("Zq7-\udcff-canary")
    assert odd == Secret("Zq7-\udcff-canary") != Secret(VALUE)
    assert len(odd.fingerprint(b"a")) == 8


@pytest.mark.parametrize("use", ["".join, bytes, list, dict], ids=lambda one: getattr(one, "__name__", "join"))
def test_a_secret_is_no_text_to_be_copied(use):
    with pytest.raises(TypeError) as caught:
        use([Secret(VALUE)] if use == "".join else Secret(VALUE))
    assert "canary" not in str(caught.value)


def test_every_value_is_known_even_after_its_secret_is_gone():
    value = VALUE + "-forgotten"
    assert value not in known_values()
    Secret(value)
    gc.collect()
    assert value in known_values()


def test_the_empty_value_is_not_known():
    assert not Secret("")
    assert "" not in known_values()


def test_known_values_is_the_same_object_until_a_value_is_added():
    Secret(VALUE)
    before = known_values()
    Secret(VALUE)
    assert known_values() is before
    Secret(VALUE + "-new")
    assert known_values() > before


def test_a_traceback_with_its_locals_does_not_show_the_value():
    def fail(secret):
        raise ValueError("no")

    try:
        fail(Secret(VALUE))
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "Secret(hidden)" in shown
    assert "canary" not in shown
