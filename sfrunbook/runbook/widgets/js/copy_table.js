// Values to enter on another program's screen, each with a button that copies it.
function render({ model, el }) {
  const box = keepKeys(make("div", { class: "sfr-sheet" }));
  const status = make("p", { role: "status", "aria-live": "polite", class: "sfr-said" });
  const table = make("table", { class: "sfr-table" });

  function row(one) {
    const shown = one.copyable ? make("code", {}, one.value) : make("span", {}, one.value);
    const button = make("button", { type: "button", "aria-label": `Copy ${one.label}`, "data-label": one.label }, "Copy");
    button.addEventListener("click", () => copy(button, one.value, shown, status, model.get("place")));
    return make("tr", {}, make("th", { scope: "row" }, one.label), make("td", {}, shown), make("td", {}, one.copyable ? button : ""), make("td", { class: "sfr-why" }, one.why));
  }

  function show() {
    table.replaceChildren(make("caption", {}, model.get("caption")));
    table.append(make("thead", {}, make("tr", {}, ...[model.get("heading"), "What to enter", "", "Why"].map((name) => make("th", { scope: "col" }, name)))));
    const body = table.createTBody();
    for (const one of model.get("rows")) body.append(row(one));
  }
  model.on("change:rows", show);
  box.append(table, status);
  el.append(box);
  show();
}

export default { render };
