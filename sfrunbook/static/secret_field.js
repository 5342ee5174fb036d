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
  const button = make("button", { type: "submit", class: "sfr-primary" });
  const shape = make("p", { id: `${id}-shape`, role: "status", "aria-live": "polite", class: "sfr-said" });
  const message = make("p", { id: `${id}-message`, role: "status", "aria-live": "polite", class: "sfr-message" });
  const show = () => {
    label.textContent = model.get("label");
    input.placeholder = model.get("placeholder");
    button.textContent = model.get("busy") ? "One moment…" : model.get("action");
    message.textContent = model.get("message");
    // neither is disabled: that would take the keys from whoever has just pressed Enter
    input.readOnly = model.get("busy");
    button.setAttribute("aria-disabled", String(model.get("busy")));
  };
  const told = () => sayShape(shape, model.get("shape"), input.value);
  input.addEventListener("input", told);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (model.get("busy")) return;
    const value = input.value;
    input.value = "";
    told();
    model.send({ value });
  });
  for (const name of ["label", "placeholder", "action", "message", "busy"]) model.on(`change:${name}`, show);
  form.append(label, input, button, shape, message);
  el.append(form);
  show();
  return () => {
    input.value = "";
  };
}
export default { render };
