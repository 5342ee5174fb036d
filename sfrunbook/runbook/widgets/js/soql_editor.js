// A field for SOQL; where Salesforce names the place of a fault, the line is shown with a caret under it.
function render({ model, el }) {
  const id = `sfrunbook-${Math.random().toString(36).slice(2)}`;
  const form = document.createElement("form");
  form.className = "sfrunbook-soql";
  const label = document.createElement("label");
  label.htmlFor = id;
  label.textContent = "SOQL query";
  const area = document.createElement("textarea");
  Object.assign(area, { id, rows: 3, spellcheck: false, wrap: "off" });
  area.setAttribute("aria-describedby", `${id}-help ${id}-fault`);
  const help = document.createElement("p");
  help.id = `${id}-help`;
  help.textContent = "Ctrl+Enter runs the query.";
  const button = document.createElement("button");
  button.type = "submit";
  button.className = "sfrunbook-button";
  button.textContent = "Run query";
  const fault = document.createElement("div");
  fault.id = `${id}-fault`;
  fault.className = "sfrunbook-soql-fault";
  fault.setAttribute("role", "alert");
  const picture = document.createElement("pre");
  picture.setAttribute("aria-hidden", "true");
  const words = document.createElement("p");
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
  fault.append(picture, words);
  form.append(label, area, fault, button, help);
  el.append(form);
  show();
  return () => {
    for (const name of ["soql", "busy", "picture", "fault"]) model.off(`change:${name}`, show);
    model.off("change:offset", point);
  };
}
export default { render };
