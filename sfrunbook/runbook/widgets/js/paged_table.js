// One page of rows; every further page is asked for when somebody turns to it.
const SIZES = [10, 25, 100];

function cell(name, text, column) {
  const made = document.createElement(name);
  made.textContent = text;
  if (column.kind === "number") made.className = "sfrunbook-number";
  if (name === "th") made.scope = "col";
  return made;
}

function table(model) {
  const made = document.createElement("table");
  made.createCaption().textContent = model.get("caption");
  const columns = model.get("columns");
  const head = made.createTHead().insertRow();
  for (const column of columns) head.append(cell("th", column.name, column));
  const body = made.createTBody();
  for (const values of model.get("rows")) {
    const row = body.insertRow();
    values.forEach((text, place) => row.append(cell("td", text, columns[place])));
  }
  return made;
}

function control(text, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "sfrunbook-button";
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}

function render({ model, el }) {
  const box = document.createElement("div");
  box.className = "sfrunbook-rows";
  const frame = document.createElement("div");
  Object.assign(frame, { className: "sfrunbook-rows-frame", tabIndex: 0 });
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Rows of the query");
  const turn = (page) => {
    if (page >= 0 && page < model.get("pages")) model.send({ page, size: model.get("size") });
  };
  const previous = control("◀ Previous page", () => turn(model.get("page") - 1));
  const next = control("Next page ▶", () => turn(model.get("page") + 1));
  const standing = document.createElement("span");
  standing.setAttribute("role", "status");
  const label = document.createElement("label");
  label.textContent = "Rows per page ";
  const size = document.createElement("select");
  for (const count of SIZES) size.append(new Option(String(count), String(count)));
  size.addEventListener("change", () => model.send({ page: 0, size: Number(size.value) }));
  label.append(size);
  const note = document.createElement("p");
  const bar = document.createElement("div");
  bar.className = "sfrunbook-rows-bar";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Pages");
  bar.append(previous, standing, next, label);
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
