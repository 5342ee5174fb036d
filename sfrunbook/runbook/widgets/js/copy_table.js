// Values to enter on another program's screen, each with a button that copies it.
function render({ model, el }) {
  const box = keepKeys(make("div", { class: "sfr-sheet" }));
  const status = make("p", { role: "status", "aria-live": "polite", class: "sfr-said" });
  const table = make("table", { class: "sfr-table" });

  function row(one, hasWhy) {
    const shown = one.copyable ? make("code", {}, one.value) : make("span", {}, one.value);
    const button = make("button", { type: "button", "aria-label": `Copy ${one.label}`, "data-label": one.label }, "Copy");
    button.addEventListener("click", () => copy(button, one.value, shown, status, model.get("place")));
    return make("tr", {}, make("th", { scope: "row" }, one.label), make("td", {}, shown), make("td", {}, one.copyable ? button : ""), hasWhy ? make("td", { class: "sfr-why" }, one.why) : null);
  }

  function show() {
    table.replaceChildren(make("caption", {}, model.get("caption")));
    const hasWhy = model.get("rows").some((one) => one.why);
    const heads = [model.get("heading"), "What to enter", "", ...(hasWhy ? ["Why"] : [])];
    table.append(make("thead", {}, make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)))));
    const body = table.createTBody();
    for (const one of model.get("rows")) body.append(row(one, hasWhy));
  }
  model.on("change:rows", show);
  box.append(table, status);
  el.append(box);
  show();
}

export default { render };
