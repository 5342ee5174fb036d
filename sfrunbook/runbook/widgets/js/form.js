// A form of named fields that says at once what it thinks of each value. Its values are no secrets, and a text that
// looks like one is reported and never becomes part of the widget's state.
function render({ model, el }) {
  const form = keepKeys(make("form", { class: "sfr-form", autocomplete: "off" }));
  const lines = new Map();
  let pending = null;

  const values = () => model.get("values");
  const set = (changes) => {
    model.set("values", { ...values(), ...changes });
    clearTimeout(pending);
    pending = setTimeout(() => model.save_changes(), 150);
  };
  const flush = () => {
    clearTimeout(pending);
    model.save_changes();
  };

  function onText(field, line) {
    const text = line.input.value;
    line.guarded = looksLikeSecret(text);
    if (line.guarded) {
      set({ [field.name]: "" });
      const fault = field.shape === "client_id" ? shapeOfKey(text).join(" ") : "This looks like a Consumer Secret.";
      say(line.hint, "failed", `${fault} It wasn't sent anywhere. Remove it from this field.`);
      return;
    }
    if (field.shape) sayShape(line.hint, field.shape, text);
    set({ [field.name]: text });
  }

  function textLine(field) {
    const id = newId();
    const input = make("input", { id, type: "text", autocomplete: "off", spellcheck: "false", placeholder: field.placeholder ?? "", "aria-describedby": `${id}-help ${id}-hint` });
    const line = { input, read: () => input.value, write: (value) => { if (!line.guarded) input.value = value; } };
    input.addEventListener("input", () => onText(field, line));
    return { line, id, head: make("label", { for: id, class: "sfr-label" }, field.label), body: input };
  }

  function choiceLine(field) {
    const id = newId();
    const input = make("select", { id, "aria-describedby": `${id}-help ${id}-hint` });
    for (const [label, value] of field.options) input.append(make("option", { value }, label));
    input.addEventListener("change", () => { set({ [field.name]: input.value }); flush(); });
    const line = { input, read: () => input.value, write: (value) => { input.value = value; } };
    return { line, id, head: make("label", { for: id, class: "sfr-label" }, field.label), body: input };
  }

  function radioLine(field) {
    const id = newId();
    const group = make("div", { class: "sfr-radios", role: "radiogroup", "aria-labelledby": `${id}-label`, "aria-describedby": `${id}-help ${id}-hint` });
    const boxes = field.options.map(([label, value]) => {
      const box = make("input", { type: "radio", name: id, value, id: `${id}-${value}` });
      box.addEventListener("change", () => { set({ [field.name]: value }); flush(); });
      group.append(make("span", {}, box, make("label", { for: `${id}-${value}` }, label)));
      return box;
    });
    const line = { input: group, read: () => "", write: (value) => boxes.forEach((box) => { box.checked = box.value === value; }) };
    return { line, id, head: make("span", { id: `${id}-label`, class: "sfr-label" }, field.label), body: group };
  }

  const kinds = { text: textLine, choice: choiceLine, radio: radioLine };
  function lineOf(field) {
    const { line, id, head, body } = kinds[field.kind](field);
    line.field = field;
    line.hint = make("p", { id: `${id}-hint`, role: "status", "aria-live": "polite", class: "sfr-said" });
    line.use = make("button", { type: "button", class: "sfr-use", hidden: true });
    line.use.addEventListener("click", () => {
      const fills = line.mended ? { [field.name]: line.mended } : model.get("hints")[field.name]?.fills;
      if (!fills) return;
      for (const name of Object.keys(fills)) if (lines.has(name)) lines.get(name).guarded = false;
      set(fills);
      flush();
      show();
      line.input.focus?.();
    });
    const help = make("p", { id: `${id}-help`, class: "sfr-help" }, field.help ?? "");
    line.row = make("div", { class: "sfr-line", "data-field": field.name }, head, make("div", { class: "sfr-value" }, body, help, line.hint, line.use));
    return line;
  }
  const button = make("button", { type: "submit", class: "sfr-primary" });
  const actions = make("div", { class: "sfr-actions" }, button);
  // the fields that these values ask for; one that is there already stays as it is, with what is typed in it
  const known = new Map();
  function arrange() {
    const held = document.activeElement;
    lines.clear();
    for (const field of model.get("fields")) {
      const key = JSON.stringify(field);
      if (!known.has(key)) known.set(key, lineOf(field));
      lines.set(field.name, known.get(key));
    }
    form.replaceChildren(...[...lines.values()].map((line) => line.row), ...(model.get("action") ? [actions] : []));
    if (form.contains(held)) held.focus();
    show();
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (model.get("busy")) return;
    flush();
    // with the values: a change of state waits while the kernel is busy, and a message overtakes it
    model.send({ do: "submit", values: values() });
  });

  function show() {
    for (const line of lines.values()) {
      const { field } = line;
      const value = values()[field.name] ?? "";
      if (line.read() !== value || field.kind === "radio") line.write(value);
      if (line.guarded) { line.use.hidden = true; continue; }
      if (field.shape) {
        sayShape(line.hint, field.shape, value);
        line.mended = mended(field.shape, value);
        line.use.hidden = !line.mended;
        line.use.textContent = "Remove them";
        continue;
      }
      const hint = model.get("hints")[field.name];
      say(line.hint, hint?.status ?? "", hint?.sentence ?? "");
      line.use.hidden = !hint?.use;
      line.use.textContent = hint?.use ?? "";
    }
    button.textContent = model.get("busy") ? "One moment…" : model.get("action");
    button.setAttribute("aria-disabled", String(model.get("busy"))); // a disabled button would lose the keys
  }
  for (const name of ["values", "hints", "action", "busy"]) model.on(`change:${name}`, show);
  model.on("change:fields", arrange);
  el.append(form);
  arrange();
  if (model.get("take_keys")) requestAnimationFrame(() => form.querySelector("input, select")?.focus());
}
export default { render };
