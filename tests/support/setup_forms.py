"""A person's browser without a screen: follows links and fills in forms by the labels that are on the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

__all__ = ["CYCLR", "FULL", "OFFLINE", "Browser", "Page"]

CYCLR = ("https://my.cyclr.com/connector/callback", "https://app-h.cyclr.com/connector/callback")
FULL = "Full access (full)"
OFFLINE = "Perform requests at any time (refresh_token, offline_access)"


class Page:
    """One page; `reply` is the raw answer after redirects."""

    def __init__(self, browser: Browser, reply: requests.Response) -> None:
        self.browser = browser
        self.reply = reply
        self.soup = BeautifulSoup(reply.text, "html.parser")

    @property
    def title(self) -> str:
        return self.soup.h1.get_text(strip=True)

    @property
    def words(self) -> str:
        return " ".join(self.soup.main.get_text(" ").split())

    @property
    def notice(self) -> str:
        found = self.soup.find(id="notice")
        return found.get_text(strip=True) if found else ""

    @property
    def errors(self) -> list[str]:
        """The sentences of the summary, each of which must also stand at a field of its own."""
        box = self.soup.find(id="error")
        lines = [each.get_text(strip=True) for each in box.find_all("li")] if box else []
        at_fields = " ".join(each.get_text(" ", strip=True) for each in self.soup.find_all(class_="wrong"))
        for line in lines:
            assert line in at_fields, line
        return lines

    def link(self, text: str) -> Page:
        links = self.soup.find_all("a")
        found = [each for each in links if text in (each.get_text(strip=True), each.get("aria-label"))]
        assert found, f"no link {text!r} on {self.title}"
        return self.browser.open(urljoin(self.reply.url, found[0]["href"]))

    def has(self, text: str) -> bool:
        """Whether a link or button of this name is there."""
        return any(
            text in (each.get_text(strip=True), each.get("aria-label")) for each in self.soup.find_all(["a", "button"])
        )

    def row(self, text: str) -> list[str]:
        """The cells of the table row that contains this text."""
        row = next(each for each in self.soup.find_all("tr") if text in each.get_text())
        return [" ".join(cell.get_text(" ").split()) for cell in row.find_all("td")]

    def field(self, label: str) -> Tag:
        found = [each for each in self.soup.find_all("label") if each.get_text(" ", strip=True).startswith(label)]
        exact = [each for each in found if each.get_text(" ", strip=True) == label]
        assert found, f"no label {label!r} on {self.title}"
        return self.soup.find(id=(exact or found)[0]["for"])

    def value(self, label: str) -> Any:
        """What stands in a field: text, True or False for a box, a list of texts for a list box."""
        field = self.field(label)
        if field.get("type") in ("checkbox", "radio"):
            return field.has_attr("checked")
        if field.name == "textarea":
            return field.get_text()[1:] if field.get_text().startswith("\n") else field.get_text()
        if field.name == "select" and field.has_attr("multiple"):
            return [each.get_text() for each in field.find_all("option")]
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            return chosen.get_text()
        return field.get("value", "")

    def press(self, button: str, typed: dict[str, Any] | None = None, **without: str) -> Page:
        """Fill in `typed` by label and press the button; `without` overrides raw form fields."""
        pressed = next(
            each
            for each in self.soup.find_all("button")
            if button in (each.get("aria-label"), each.get_text(strip=True)) and not each.has_attr("hidden")
        )
        form = pressed.find_parent("form")
        for label, value in (typed or {}).items():
            self._fill(label, value)
        sent = [pair for field in form.find_all(["input", "select", "textarea"]) for pair in self._pairs(field)]
        if pressed.get("name"):
            sent.append((pressed["name"], pressed.get("value", "")))
        sent = [(name, without.get(name, value)) for name, value in sent]
        address = urljoin(self.reply.url, pressed.get("formaction") or form["action"])
        if form.get("method", "get").lower() == "get":
            return self.browser.page("GET", address, params=sent)
        return self.browser.page("POST", address, data=sent)

    def _fill(self, label: str, value: Any) -> None:
        field = self.field(label)
        assert not field.has_attr("disabled"), f"{label} is locked"
        if field.get("type") == "checkbox":
            field.attrs.pop("checked", None)
            if value:
                field["checked"] = ""
        elif field.get("type") == "radio":
            for each in self.soup.find_all("input", attrs={"name": field["name"]}):
                each.attrs.pop("checked", None)
            field["checked"] = ""
        elif field.name == "textarea":
            field.string = "\n" + value
        elif field.name == "select":
            wanted = value if isinstance(value, list) else [value]
            options = {each.get_text(): each for each in field.find_all("option")}
            for each in options.values():
                each.attrs.pop("selected", None)
            for each in wanted:
                options[each]["selected"] = ""
        else:
            field["value"] = value

    def _pairs(self, field: Tag) -> list[tuple[str, str]]:
        if not field.get("name") or field.has_attr("disabled"):
            return []
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            return []
        if field.name == "textarea":
            text = field.get_text()
            return [(field["name"], text[1:] if text.startswith("\n") else text)]
        if field.name == "select":
            chosen = [each for each in field.find_all("option") if each.has_attr("selected")]
            if not chosen and not field.has_attr("multiple"):
                chosen = field.find_all("option")[:1]
            return [(field["name"], each["value"]) for each in chosen]
        return [(field["name"], field.get("value", ""))]


class Browser:
    """Cookies, and the addresses of one host."""

    def __init__(self, host: str, session: requests.Session) -> None:
        self.host = host
        self.session = session

    def page(self, method: str, address: str, **options: Any) -> Page:
        return Page(self, self.session.request(method, urljoin(self.host, address), timeout=10, **options))

    def open(self, address: str) -> Page:
        return self.page("GET", address)

    def log_in(self, user: dict[str, str], then: str = "/lightning/setup/SetupOneHome/home") -> Page:
        login = self.open(then)
        assert login.soup.find(id="login_form"), "expected the login page"
        form = login.soup.find(id="login_form")
        start_url = form.find("input", attrs={"name": "startURL"})["value"]
        sent = {"username": user["username"], "pw": user["password"], "startURL": start_url}
        return self.page("POST", "/", data=sent)

    # walks that several tests take

    def allow_connected_apps(self) -> Page:
        """Have Support unlock the switch, and turn it on."""
        settings = self.open("/lightning/setup/SetupOneHome/home").link("Settings")
        settings = settings.press("Let Salesforce Support make the setting available")
        return settings.press("Save", {"Allow creation of connected apps": True})

    def pass_challenge(self, page: Page) -> Page:
        """Read the code in the practice mailbox and enter it."""
        assert page.title == "Verify Your Identity"
        code = page.link("practice mailbox").words.partition("Verification Code: ")[2][:6]
        return page.press("Verify", {"Verification Code": code})

    def new_eca(self, name: str, *, callbacks: tuple[str, ...] = CYCLR, **typed: Any) -> Page:
        """An External Client App with the two scopes of the guide; `typed` holds further fields by label."""
        form = self.open("/lightning/setup/ManageExternalClientApplication/home").link("New External Client App")
        form = form.press("Add \u2192", {"Available OAuth Scopes": [FULL, OFFLINE], "External Client App Name": name})
        usual = {"Contact Email": "ops@northwind.example", "Enable OAuth": True, "Callback URL": "\n".join(callbacks)}
        return form.press("Create", {**usual, **typed})

    def app(self, name: str) -> Page:
        """The own page of an app, by App Manager."""
        return self.open("/lightning/setup/NavigationMenus/home").link(f"View {name}")

    def credentials(self, app_page: Page) -> tuple[str, str]:
        """Key and secret of an app whose own page is open, through the challenge."""
        button = "Manage Consumer Details" if app_page.has("Manage Consumer Details") else "Consumer Key and Secret"
        details = app_page.link(button)
        if details.title == "Verify Your Identity":
            details = self.pass_challenge(details)
        return details.value("Consumer Key"), details.value("Consumer Secret")
