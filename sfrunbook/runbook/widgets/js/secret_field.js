// A field whose value travels once, as a message, and is never part of the widget's state.
function render({ model, el }) {
  const id = newId();
  const form = keepKeys(make("form", { class: "sfr-field", autocomplete: "off" }));
  const input = make("input", {
    id,
    type: "password",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "aria-describedby": `${id}-shape ${id}-message`,
    "data-lpignore": "true",
    "data-1p-ignore": true,
  });
  const label = make("label", { for: id });
  // a value that can't be looked up later is typed twice
  const second = input.cloneNode();
  second.id = `${id}-again`;
  const secondLabel = make("label", { for: second.id, class: "sfr-again" });
  const button = make("button", { type: "submit", class: "sfr-primary" });
  const shape = make("p", { id: `${id}-shape`, role: "status", "aria-live": "polite", class: "sfr-said" });
  const message = make("p", { id: `${id}-message`, role: "status", "aria-live": "polite", class: "sfr-said" });
  const show = () => {
    label.textContent = model.get("label");
    input.placeholder = model.get("placeholder");
    button.classList.toggle("sfr-primary", model.get("failed") || !model.get("message")); // what is saved isn't next
    button.textContent = model.get("busy") ? "One moment…" : model.get("action");
    say(message, model.get("failed") ? "failed" : "passed", model.get("message"), "");
    // neither is disabled: that would take the keys from whoever has just pressed Enter
    input.readOnly = second.readOnly = model.get("busy");
    secondLabel.textContent = model.get("repeat");
    second.hidden = secondLabel.hidden = !model.get("repeat");
    button.setAttribute("aria-disabled", String(model.get("busy")));
  };
  const differs = () => Boolean(model.get("repeat")) && input.value !== second.value;
  const checkText = () => {
    if (!model.get("repeat")) return sayShape(shape, model.get("shape"), input.value);
    if (!second.value) return say(shape, "", "");
    if (!differs()) return say(shape, "passed", "They match.");
    if (input.value.startsWith(second.value)) return say(shape, "waiting", "Type the rest.");
    return say(shape, "failed", "They don't match. Type it again in both fields.");
  };
  input.addEventListener("input", () => {
    say(message, "", ""); // it was about another value
    button.classList.add("sfr-primary");
    checkText();
  });
  second.addEventListener("input", checkText);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (model.get("busy")) return;
    if (differs()) {
      say(shape, "failed", "They don't match. Type it again in both fields.");
      second.focus();
      return;
    }
    const sent = { value: input.value, again: second.value };
    input.value = second.value = "";
    checkText();
    model.send(sent);
  });
  for (const name of ["label", "placeholder", "action", "message", "failed", "busy", "repeat"]) model.on(`change:${name}`, show);
  form.append(label, input, secondLabel, second, button, shape, message);
  el.append(form);
  show();
  return () => {
    input.value = second.value = "";
  };
}
export default { render };
