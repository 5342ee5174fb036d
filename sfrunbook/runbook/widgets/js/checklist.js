// Points that cannot be seen from outside; a tick is stored as attested by this user, with the date.
function render({ model, el }) {
  const id = newId();
  const box = keepKeys(make("fieldset", { class: "sfr-checklist" }));
  const places = new Map();
  box.append(make("legend", {}, model.get("caption")), make("p", { class: "sfr-help" }, model.get("intro")));
  for (const one of model.get("points")) {
    const tick = make("input", { type: "checkbox", id: `${id}-${one.point}`, "aria-describedby": `${id}-${one.point}-why` });
    const attested = make("span", { class: "sfr-attested", role: "status", "aria-live": "polite" });
    tick.addEventListener("change", () => model.send({ do: tick.checked ? "attest" : "withdraw", point: one.point }));
    places.set(one.point, { tick, attested });
    box.append(
      make("div", { class: "sfr-point", "data-point": one.point }, tick, make("label", { for: tick.id }, one.claim), attested, make("p", { id: `${id}-${one.point}-why`, class: "sfr-help" }, one.why)),
    );
  }
  function show() {
    for (const one of model.get("points")) {
      const { tick, attested } = places.get(one.point) ?? {};
      if (!tick) continue;
      tick.checked = Boolean(one.attested);
      attested.textContent = one.attested;
    }
  }
  model.on("change:points", show);
  el.append(box);
  show();
}
export default { render };
