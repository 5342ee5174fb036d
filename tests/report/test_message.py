"""The message for others holds their clicks, the facts they need, and no secret."""

from dataclasses import replace
from textwrap import dedent

from support.each import for_each

from sfrunbook.core.errors import problem
from sfrunbook.core.model import (
    AppKind,
    Cause,
    Connection,
    Diagnosis,
    Failure,
    Mark,
    RankedCause,
    Remedy,
    Stage,
    Verdict,
)
from sfrunbook.core.secrets.redaction import redact
from sfrunbook.diagnosis.catalogue import rows
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.report.letter import RECIPIENTS, UNCONFIRMED, message

KEY = "3MVG9abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"
ADMINISTRATOR, PARTNER = RECIPIENTS
CONNECTION = Connection(
    name="acme",
    login_url="https://acme.my.salesforce.com",
    client_id=KEY,
    client_secret="store:acme",
    app_kind=AppKind.CONNECTED_APP,
)


def test_an_app_that_has_no_key_yet_is_named_without_one() -> None:
    asked = message(diagnosis(cause("a", step("Do."))), to=ADMINISTRATOR, connection=replace(CONNECTION, client_id=""))
    assert "App: Connected App\n" in asked
    assert "***" not in asked


def cause(code: str, *remedies: Remedy) -> Cause:
    return Cause(code=code, summary=f"Summary of {code}.", tell="Tell.", remedies=remedies)


def step(what: str, who: str = ADMINISTRATOR, mark: Mark = Mark.CONFIRMED) -> Remedy:
    return Remedy(who=who, where="Setup > Here", what=what, mark=mark)


def diagnosis(*causes: Cause, verdicts: tuple[Verdict, ...] = ()) -> Diagnosis:
    return Diagnosis(
        code="some-error",
        what="It broke.",
        why="Why.",
        causes=causes,
        source="https://example.com/errors",
        mark=Mark.CONFIRMED,
        failure=Failure(stage=Stage.TOKEN, host="acme.my.salesforce.com", error="invalid_grant", description="odd"),
        ranked=tuple(
            RankedCause(cause=one, verdict=verdict, because="Because.")
            for one, verdict in zip(causes, verdicts, strict=False)
        ),
    )


# ruff: noqa: E501 -- a paragraph of a message is one line
def test_the_message_for_an_administrator_as_it_is_copied():
    found = diagnose(explain_text("redirect_uri_mismatch: redirect_uri must match configuration", CONNECTION))
    made = message(found, to=ADMINISTRATOR, connection=CONNECTION, callbacks=("https://app-h.cyclr.com/callback",))
    assert (
        made
        == dedent("""\
        Hello, we're connecting Salesforce to a partner platform and need your help in Salesforce.

        What happened: The callback URL isn't registered in the app.
        What Salesforce says: redirect_uri_mismatch: redirect_uri must match configuration
        Org: https://acme.my.salesforce.com
        App: Connected App, Consumer Key 3MVG9abcd…defg
        Callback URLs that the app needs:
        https://app-h.cyclr.com/callback

        Most likely cause: The callback URL isn't in the app's list, or differs from an entry by a character. Please do this:
        1. Setup > Apps > App Manager > your app > arrow > Edit > API (Enable OAuth Settings) (https://acme.my.salesforce.com/lightning/setup/NavigationMenus/home): Add the address that was sent to Callback URL, one address per line, and save.

        Please tell us when it's done. Never send a Consumer Secret, a password or a token by email.
        More about this error: https://help.salesforce.com/s/articleView?id=xcloud.configure_external_client_app_oauth_settings.htm""")
    )


def test_a_paragraph_is_one_line_so_that_it_wraps_well_in_a_mail():
    words = "A rather long sentence that no line of a terminal would hold. " * 4
    made = message(diagnosis(cause("a", step(words.strip()))), to=ADMINISTRATOR)
    assert f"1. Setup > Here: {words.strip()}" in made.splitlines()


def test_steps_of_others_are_not_in_the_message():
    made = message(diagnosis(cause("a", step("Press it."), step("Do it yourself.", who="You"))), to=ADMINISTRATOR)
    assert "Press it." in made and "Do it yourself." not in made


def test_there_is_no_message_for_somebody_who_has_nothing_to_do():
    assert message(diagnosis(cause("a", step("Press it."))), to=PARTNER) == ""


def test_a_cause_that_is_ruled_out_is_not_in_the_message():
    causes = cause("a", step("First.")), cause("b", step("Second."))
    made = message(diagnosis(*causes, verdicts=(Verdict.CONFIRMED, Verdict.RULED_OUT)), to=ADMINISTRATOR)
    assert "Cause: Summary of a. Please do this:\n1. Setup > Here: First." in made
    assert "possible cause" not in made and "Second." not in made


def test_further_causes_come_after_the_first_and_no_step_is_told_twice():
    causes = [cause(code, step("The same."), step(f"Only {code}.")) for code in "abcd"]
    made = message(diagnosis(*causes), to=ADMINISTRATOR)
    assert made.count("The same.") == 1
    assert [f"Only {code}." in made for code in "abcd"] == [True, True, True, False]
    assert "\n\nOther possible cause: Summary of b. Please do this:\n1. Setup > Here: Only b.\n" in made


def test_a_step_that_is_guessed_says_so():
    made = message(diagnosis(cause("a", step("Press it.", mark=Mark.GUESS))), to=ADMINISTRATOR)
    assert f"1. Setup > Here: Press it. {UNCONFIRMED}\n" in made


def test_only_the_screens_of_the_kind_of_app_are_told():
    found = diagnosis_of(problem("client-secret-refused"))
    both = message(found, to=ADMINISTRATOR)
    assert "External Client App: Setup" in both and "Connected App: Setup" in both
    for kind, other in zip(AppKind, reversed(AppKind), strict=True):
        one = message(found, to=ADMINISTRATOR, connection=replace(CONNECTION, app_kind=kind))
        assert f"{kind.label}: Setup" not in one and f"{other.label}: Setup" not in one


@for_each("code", rows())
@for_each("to", RECIPIENTS)
def test_no_message_holds_a_secret_or_the_whole_key(code, to):
    secret = "00D000000000001!AQEAQPlantedAccessToken0123456789abcdefABCDEF.PlantedAccessToken0123456789"
    failure = Failure(stage=rows()[code].stage, error=code, description=f"access_token={secret}")
    made = message(diagnose(replace(failure, evidence={"callback": secret})), to=to, connection=CONNECTION)
    assert secret not in made and KEY not in made
    harmless = message(diagnosis_of(problem(code)), to=to, connection=CONNECTION)
    assert redact(harmless) == harmless


def test_a_code_of_the_runbook_is_not_told_as_words_of_salesforce():
    made = message(diagnosis_of(problem("cyclr-sends-no-challenge")), to=PARTNER, connection=CONNECTION)
    assert "What happened: The app requires PKCE, but Cyclr sends no code challenge." in made
    assert "What Salesforce says" not in made and "cyclr-sends-no-challenge" not in made
