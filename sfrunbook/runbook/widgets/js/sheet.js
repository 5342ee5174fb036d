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

  // the value, and below it in small letters the reason
  function field(one) {
    const value = make("td", one.kind === "tick" ? { class: `sfr-tick sfr-tick-${one.wanted}` } : {});
    const button = make("td", {});
    if (one.kind === "tick") {
      const mark = { on: "☑", off: "☐", leave: "•" }[one.wanted];
      value.append(make("span", { class: "sfr-icon", "aria-hidden": "true" }, mark), one.value);
    } else if (one.kind === "text") {
      value.append(make("span", {}, one.value));
    } else {
      const shown = address(one.value);
      value.append(shown);
      button.append(make("button", { type: "button", "aria-label": `Copy ${one.label}`, "data-label": one.label, onclick: (event) => copy(event.currentTarget, one.value, shown, status) }, "Copy"));
    }
    const sure = { likely: "reported by others", guess: "our best guess" }[one.mark];
    const why = [one.why, sure ? `(${sure})` : ""].filter(Boolean).join(" ");
    if (why) value.append(make("p", { class: "sfr-why" }, why));
    return make("tr", {}, make("th", { scope: "row" }, one.label), value, button);
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
      table.append(make("thead", {}, make("tr", {}, ...["Field in Salesforce", "Enter this", ""].map((name) => make("th", { scope: "col" }, name)))));
      const body = table.createTBody();
      for (const one of section.fields) body.append(field(one));
      place.append(table);
    }
    place.append(
      make("p", {}, make("strong", {}, "Press: "), form.finish),
      make("p", {}, make("strong", {}, "Then: "), form.reveal),
      make("p", { class: "sfr-help" }, form.delay),
    );
  }
  model.on("change:chosen", show);
  box.append(switcher, place, status);
  el.append(box);
  show();
}
export default { render };
