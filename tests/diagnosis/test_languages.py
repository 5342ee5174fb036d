"""Where a text has an error code, its language doesn't matter; a few texts are known without one."""

import json

import pytest
from support.each import for_each

from sfrunbook.diagnosis.pasted.diagnose_text import diagnose_text
from sfrunbook.diagnosis.published import entries

#: made up: what a translator might write where Salesforce's English text was
TRANSLATED = {
    "German": "Die Anfrage wurde abgelehnt. Wenden Sie sich an Ihren Administrator.",
    "French": "La demande a été refusée : contactez votre administrateur système.",
    "Spanish": "La solicitud fue rechazada. Póngase en contacto con su administrador.",
    "Italian": "La richiesta è stata rifiutata. Contatta l'amministratore del sistema.",
    "Portuguese": "A solicitação foi recusada. Entre em contato com o administrador.",
    "Dutch": "De aanvraag is geweigerd. Neem contact op met de systeembeheerder.",
    "Japanese": "要求は拒否されました。システム管理者に連絡してください。",
}
OAUTH = (
    *("invalid_client_id", "invalid_client", "redirect_uri_mismatch", "inactive_user", "inactive_org", "app_not_found"),
    *("invalid_scope", "unsupported_grant_type", "access_denied", "OAUTH_APP_BLOCKED", "OAUTH_APP_ACCESS_DENIED"),
)
DATA = (
    *(
        "INVALID_SESSION_ID",
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "REQUEST_LIMIT_EXCEEDED",
        "INVALID_FIELD",
    ),
    *("INSUFFICIENT_ACCESS", "NOT_FOUND", "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "CLIENT_NOT_ACCESSIBLE_FOR_USER"),
)
FORMS = {
    "text": lambda code, said: f"{code}: {said}",
    "the text first": lambda code, said: f"{said} ({code})",
    "OAuth": lambda code, said: json.dumps({"error": code, "error_description": said}),
    "OAuth, not escaped": lambda code, said: f'{{"error":"{code}","error_description":"{said}"}}',
    "address": lambda code, said: f"https://p.example/cb?error={code}&error_description={said.replace(' ', '+')}",
}
DATA_FORMS = {
    "text": FORMS["text"],
    "the text first": FORMS["the text first"],
    "REST": lambda code, said: json.dumps([{"message": said, "errorCode": code}]),
    "SOAP": lambda code, said: f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {said}</faultstring>",
}
CASES = [
    (code, form) for codes, forms in ((OAUTH, FORMS), (DATA, DATA_FORMS)) for code in codes for form in forms.values()
]


@for_each(("code", "form"), CASES)
def test_the_language_of_a_text_beside_a_code_does_not_matter(code, form):
    expected = diagnose_text(code).code
    assert expected != "unrecognised-error"
    assert {name: diagnose_text(form(code, said)).code for name, said in TRANSLATED.items()} == dict.fromkeys(
        TRANSLATED, expected
    )


@for_each("one", [one for one in entries() if one.kind == "japanese" and one.code.startswith("LOGIN_")])
def test_a_japanese_status_is_known_in_a_line_of_login_history(one):
    line = f"2026/11/20 8:15\tsvc@acme.example\tリモートアクセス 2.0\t{one.text}\tAcme Sync"
    assert diagnose_text(line).code == one.answer


@pytest.mark.parametrize(
    "said",
    [
        "Authentifizierungsfehler",
        "Fehler bei der Authentifizierung",
        "échec de l'authentification",
        "Échec d\u2019authentification",
        "error de autenticación",
        "fallo de autenticación",
        "errore di autenticazione",
        "falha na autenticação",
        "authenticatiefout",
        "認証に失敗しました",
    ],
)
def test_a_translated_authentication_failure_is_one(said):
    expected = diagnose_text('{"error":"invalid_grant","error_description":"authentication failure"}').code
    assert expected == "authentication-failure"
    assert diagnose_text(json.dumps({"error": "invalid_grant", "error_description": said})).code == expected
    assert diagnose_text(f"invalid_grant: {said}").code == expected
