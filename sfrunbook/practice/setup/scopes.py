"""The OAuth scopes as the boxes Available and Selected OAuth Scopes name them."""

from __future__ import annotations

from sfrunbook.practice.org.tokens import order_scopes

__all__ = ["SCOPES", "label_of", "rows_of", "scopes_of"]

# "Full access (full)" and "Perform requests at any time (refresh_token, offline_access)" are confirmed, the others
# likely. A row of the box can stand for several scopes.
SCOPES = {
    "eclair_api": "Access Analytics REST API Charts Geodata resources (eclair_api)",
    "wave_api": "Access Analytics REST API resources (wave_api)",
    "chatbot_api": "Access chatbot services (chatbot_api)",
    "chatter_api": "Access Connect REST API resources (chatter_api)",
    "content": "Access content resources (content)",
    "custom_permissions": "Access custom permissions (custom_permissions)",
    "einstein_gpt_api": "Access Einstein GPT services (einstein_gpt_api)",
    "forgot_password": "Access Headless Forgot Password API (forgot_password)",
    "pwdless_login_api": "Access Headless Passwordless Login API (pwdless_login_api)",
    "user_registration_api": "Access Headless Registration API (user_registration_api)",
    "interaction_api": "Access Interaction API resources (interaction_api)",
    "lightning": "Access Lightning applications (lightning)",
    "mcp_api": "Access Salesforce hosted MCP servers (mcp_api)",
    "sfap_api": "Access the Salesforce API Platform (sfap_api)",
    "id": "Access the identity URL service (id, profile, email, address, phone)",
    "openid": "Access unique user identifiers (openid)",
    "visualforce": "Access Visualforce applications (visualforce)",
    "full": "Full access (full)",
    "cdp_ingest_api": "Manage Data Cloud Ingestion API data (cdp_ingest_api)",
    "cdp_profile_api": "Manage Data Cloud profile data (cdp_profile_api)",
    "pardot_api": "Manage Pardot services (pardot_api)",
    "api": "Manage user data via APIs (api)",
    "web": "Manage user data via Web browsers (web)",
    "cdp_query_api": "Perform ANSI SQL queries on Data Cloud data (cdp_query_api)",
    "refresh_token": "Perform requests at any time (refresh_token, offline_access)",
}
_SEVERAL = {"id": ("id", "profile", "email", "address", "phone")}
_ROW_OF = {"offline_access": "refresh_token", **{scope: row for row, several in _SEVERAL.items() for scope in several}}


def label_of(row: str) -> str:
    return SCOPES.get(row, row)


def rows_of(scopes: tuple[str, ...]) -> list[str]:
    """The rows that show these scopes, each once; a scope without a row of its own is its own row."""
    return list(dict.fromkeys(_ROW_OF.get(scope, scope) for scope in scopes))


def scopes_of(rows: list[str]) -> tuple[str, ...]:
    """The scopes that these rows stand for, in the server's order."""
    return order_scopes(frozenset(scope for row in rows for scope in _SEVERAL.get(row, (row,))))
