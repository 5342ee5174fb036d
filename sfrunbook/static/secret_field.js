// A field whose value travels once, as a message, and is never part of the widget's state.
function render({ model, el }) {
  const id = `sfrunbook-${Math.random().toString(36).slice(2)}`;
  const form = document.createElement("form");
  form.className = "sfrunbook-field";
  form.autocomplete = "off";
  const label = document.createElement("label");
  label.htmlFor = id;
  label.textContent = model.get("label");
  const input = document.createElement("input");
  Object.assign(input, { id, type: "password", autocomplete: "off", spellcheck: false });
  input.setAttribute("aria-describedby", `${id}-message`);
  input.placeholder = model.get("placeholder");
  const button = document.createElement("button");
  button.type = "submit";
  button.textContent = model.get("action");
  const message = document.createElement("p");
  Object.assign(message, { id: `${id}-message` });
  message.setAttribute("role", "status");
  const show = () => {
    message.textContent = model.get("message");
    input.disabled = button.disabled = model.get("busy");
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    model.send({ value: input.value });
    input.value = "";
  });
  // keys typed here belong to the field and not to the notebook's shortcuts
  form.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change:message", show);
  model.on("change:busy", show);
  form.append(label, input, button, message);
  el.append(form);
  show();
}
export default { render };
