// A field for SOQL; where Salesforce names the place of a fault, the line is shown with a caret under it.
function render({ model, el }) {
  const id = newId();
  const form = make("form", { class: "sfrunbook-soql" });
  const label = make("label", { for: id }, "SOQL query");
  const area = make("textarea", { id, rows: "3", spellcheck: "false", "aria-describedby": `${id}-help ${id}-fault` });
  const help = make("p", { id: `${id}-help` }, "Ctrl+Enter runs the query.");
  const button = make("button", { type: "submit", class: "sfrunbook-button" }, "Run query");
  const picture = make("pre", { "aria-hidden": "true" });
  const words = make("p");
  const fault = make("div", { id: `${id}-fault`, class: "sfrunbook-soql-fault", role: "alert" }, picture, words);
  const show = () => {
    if (area.value !== model.get("soql")) area.value = model.get("soql");
    button.setAttribute("aria-disabled", String(model.get("busy"))); // a disabled button would lose the keys
    button.textContent = model.get("busy") ? "Running …" : "Run query";
    fault.hidden = !model.get("fault");
    picture.hidden = !model.get("picture");
    picture.textContent = model.get("picture");
    words.textContent = model.get("fault") ? `✗ ${model.get("fault")}` : "";
    area.toggleAttribute("aria-invalid", !!model.get("fault"));
  };
  const point = () => {
    const offset = model.get("offset");
    if (offset >= 0 && document.activeElement === area) area.setSelectionRange(offset, offset);
  };
  const run = () => {
    if (!model.get("busy")) model.send({ run: area.value });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  keepKeys(form).addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  });
  for (const name of ["soql", "busy", "picture", "fault"]) model.on(`change:${name}`, show);
  model.on("change:offset", point);
  form.append(label, area, fault, button, help);
  el.append(form);
  show();
  return () => {
    for (const name of ["soql", "busy", "picture", "fault"]) model.off(`change:${name}`, show);
    model.off("change:offset", point);
  };
}
export default { render };
