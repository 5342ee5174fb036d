// One page of rows; every further page is asked for when somebody turns to it.
const SIZES = [10, 25, 100];

function cell(name, text, column) {
  return make(name, { class: column.kind === "number" && "sfrunbook-number", scope: name === "th" && "col" }, text);
}

function table(model) {
  const columns = model.get("columns");
  const row = (name, values) => make("tr", {}, ...values.map((text, place) => cell(name, text, columns[place])));
  const head = row("th", columns.map((column) => column.name));
  const rows = model.get("rows").map((values) => row("td", values));
  return make("table", {}, make("caption", {}, model.get("caption")), make("thead", {}, head), make("tbody", {}, ...rows));
}

function control(text, action) {
  return make("button", { type: "button", class: "sfrunbook-button", onclick: action }, text);
}

function render({ model, el }) {
  const box = make("div", { class: "sfrunbook-rows" });
  const frame = make("div", { class: "sfrunbook-rows-frame", tabindex: "0", role: "region", "aria-label": "Rows of the query" });
  const turn = (page) => {
    if (page >= 0 && page < model.get("pages")) model.send({ page, size: model.get("size") });
  };
  const previous = control("◀ Previous page", () => turn(model.get("page") - 1));
  const next = control("Next page ▶", () => turn(model.get("page") + 1));
  const standing = make("span", { role: "status" });
  const size = make("select", {}, ...SIZES.map((count) => new Option(String(count), String(count))));
  size.addEventListener("change", () => model.send({ page: 0, size: Number(size.value) }));
  const label = make("label", {}, "Rows per page ", size);
  const note = make("p");
  const bar = make("div", { class: "sfrunbook-rows-bar", role: "group", "aria-label": "Pages" }, previous, standing, next, label);
  const show = () => {
    frame.replaceChildren(table(model));
    frame.scrollTop = 0;
    standing.textContent = model.get("standing");
    // at the first and the last page: a disabled button would lose the keys
    previous.setAttribute("aria-disabled", String(model.get("page") <= 0));
    next.setAttribute("aria-disabled", String(model.get("page") >= model.get("pages") - 1));
    size.value = String(model.get("size"));
    note.textContent = model.get("note");
    note.hidden = !model.get("note");
  };
  const keys = { PageDown: 1, PageUp: -1 };
  keepKeys(box).addEventListener("keydown", (event) => {
    if (event.key in keys && event.target !== size) {
      event.preventDefault();
      turn(model.get("page") + keys[event.key]);
    }
  });
  const names = ["caption", "columns", "rows", "standing", "note", "page", "pages", "size"];
  let waiting = false;
  // one message may change several of them: drawn once, when all have come
  const soon = () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      show();
    });
  };
  for (const name of names) model.on(`change:${name}`, soon);
  box.append(frame, bar, note);
  el.append(box);
  show();
  return () => names.forEach((name) => model.off(`change:${name}`, soon));
}
export default { render };
