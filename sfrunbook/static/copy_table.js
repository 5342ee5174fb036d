// A table of values to carry into another screen, each with a button that copies it.
async function copy(value, button) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    const area = document.createElement("textarea");
    area.value = value;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

function render({ model, el }) {
  const table = document.createElement("table");
  table.className = "sfrunbook-copy";
  const caption = table.createCaption();
  caption.textContent = model.get("caption");
  const head = table.createTHead().insertRow();
  for (const name of [model.get("heading"), "What to enter", "", "Why"]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { label, value, why, copyable } of model.get("rows")) {
    const row = body.insertRow();
    const title = document.createElement("th");
    title.scope = "row";
    title.textContent = label;
    const shown = document.createElement(copyable ? "code" : "span");
    shown.textContent = value;
    row.append(title);
    row.insertCell().append(shown);
    const action = row.insertCell();
    if (copyable) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.setAttribute("aria-label", `Copy ${label}`);
      button.addEventListener("click", () => copy(value, button));
      action.append(button);
    }
    row.insertCell().textContent = why;
  }
  el.append(table);
}
export default { render };
