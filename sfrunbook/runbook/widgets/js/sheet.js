// The form to fill in at Salesforce, field by field in the order of the screen, with a switch among the screens.
function render({ model, el }) {
  const id = newId();
  const box = keepKeys(make("div", { class: "sfr-sheet" }));
  const status = make("p", { role: "status", "aria-live": "polite", class: "sfr-said" });
  const place = make("div", {});
  const switcher = make("fieldset", { class: "sfr-switch" }, make("legend", {}, "The screen you have"));

  for (const form of model.get("forms")) {
    const one = make("input", { type: "radio", name: id, id: `${id}-${form.name}`, value: form.name });
    one.addEventListener("change", () => {
      model.set("chosen", form.name);
      model.save_changes();
    });
    switcher.append(make("span", {}, one, make("label", { for: one.id }, form.label)));
  }

  function field(one) {
    const row = make("tr", {}, make("th", { scope: "row" }, one.label));
    if (one.kind === "tick") {
      const mark = { on: "☑", off: "☐", leave: "•" }[one.wanted];
      row.append(make("td", { class: `sfr-tick sfr-tick-${one.wanted}` }, make("span", { class: "sfr-icon", "aria-hidden": "true" }, mark), one.value), make("td", {}));
    } else {
      const shown = address(one.value);
      const button = make("button", { type: "button", "aria-label": `Copy ${one.label}`, "data-label": one.label }, "Copy");
      button.addEventListener("click", () => copy(button, one.value, shown, status));
      row.append(make("td", {}, one.kind === "text" ? make("span", {}, one.value) : shown), make("td", {}, one.kind === "copy" ? button : ""));
    }
    const why = make("td", { class: "sfr-why" }, one.why);
    if (one.mark !== "confirmed") why.append(make("em", {}, `${one.why ? " " : ""}(${one.mark})`));
    row.append(why);
    return row;
  }

  function show() {
    const form = model.get("forms").find((one) => one.name === model.get("chosen")) ?? model.get("forms")[0];
    for (const one of switcher.querySelectorAll("input")) one.checked = one.value === form.name;
    place.replaceChildren(
      make("p", { class: "sfr-help" }, form.when),
      make("p", {}, make("strong", {}, "Open: "), form.path),
    );
    for (const section of form.sections) {
      const table = make("table", { class: "sfr-table" });
      table.createCaption().textContent = section.title;
      table.append(make("thead", {}, make("tr", {}, ...["Field in Salesforce", "What to enter", "", "Why"].map((name) => make("th", { scope: "col" }, name)))));
      const body = table.createTBody();
      for (const one of section.fields) body.append(field(one));
      place.append(table);
    }
    place.append(
      make("p", {}, make("strong", {}, "Press: "), form.finish),
      make("p", {}, make("strong", {}, "Then: "), form.reveal),
      make("p", { class: "sfr-help" }, form.delay),
      make("p", { class: "sfr-help" }, model.get("legend")),
    );
  }
  model.on("change:chosen", show);
  box.append(switcher, place, status);
  el.append(box);
  show();
}
export default { render };
