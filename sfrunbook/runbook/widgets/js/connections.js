// The connections that are known: one click chooses one, and one goes away only after a question.
function render({ model, el }) {
  const box = keepKeys(make("div", { class: "sfr-connections", tabindex: "-1" }));
  let asked = "";

  function row(one) {
    const state = one.chosen ? [make("span", { class: "sfr-icon", "aria-hidden": "true" }, "✓"), "in use"] : [""];
    const buttons = make("td", { class: "sfr-buttons" });
    if (!one.chosen) buttons.append(make("button", { type: "button", onclick: () => model.send({ do: "use", name: one.name }) }, `Use ${one.name}`));
    if (one.removable && asked !== one.name) {
      buttons.append(make("button", { type: "button", onclick: () => { asked = one.name; show(`Keep ${one.name}`); } }, `Remove ${one.name}`));
    }
    const line = make("tr", { "data-connection": one.name }, make("th", { scope: "row" }, one.name), make("td", {}, ...state), make("td", {}, one.host.includes("://") ? make("code", {}, one.host) : one.host), make("td", {}, one.kind), buttons);
    return line;
  }

  function question(one) {
    const sure = make("button", { type: "button", class: "sfr-danger", onclick: () => { asked = ""; model.send({ do: "remove", name: one.name, force: one.stuck }); } }, one.stuck ? `Remove ${one.name} anyway` : `Remove ${one.name} now`);
    const keep = make("button", { type: "button", onclick: () => { asked = ""; show(); } }, `Keep ${one.name}`);
    return make("tr", { class: "sfr-question" }, make("td", { colspan: "5", role: "alert" }, make("strong", {}, `Remove ${one.name}? `), one.warning, " ", sure, keep));
  }

  function show(focus) {
    const table = make("table", { class: "sfr-table" });
    table.createCaption().textContent = "Connections";
    table.append(make("thead", {}, make("tr", {}, ...["Name", "State", "Host", "Kind", "Actions"].map((name) => make("th", { scope: "col" }, name)))));
    const body = table.createTBody();
    for (const one of model.get("rows")) {
      body.append(row(one));
      if (asked === one.name) body.append(question(one));
    }
    const held = box.contains(document.activeElement) ? document.activeElement.textContent : "";
    box.replaceChildren(table);
    if (focus || held) reach(focus ?? held);
  }

  // the keys stay in the table when the button that was pressed is gone: on the same words, else at its beginning
  function reach(words) {
    const buttons = [...box.querySelectorAll("button")];
    (buttons.find((one) => one.textContent === words) ?? buttons[0] ?? box).focus();
  }
  model.on("change:rows", () => show());
  el.append(box);
  show();
}
export default { render };
