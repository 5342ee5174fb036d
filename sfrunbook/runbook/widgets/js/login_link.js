// The button that begins a login: a real link, whose address is asked for when it is shown and is never kept in a state.
function render({ model, el }) {
  const link = keepKeys(make("a", { class: "sfr-primary sfr-login-link", target: "_blank", rel: "noopener noreferrer", role: "link", "aria-disabled": "true", tabindex: "0" }));
  const show = () => {
    link.textContent = `${model.get("label")} (opens a new tab)`;
  };
  const heard = (content) => {
    if (content.address) {
      link.href = content.address;
      link.removeAttribute("aria-disabled");
    }
  };
  model.on("msg:custom", heard);
  model.on("change:label", show);
  for (const event of ["click", "auxclick"]) {
    link.addEventListener(event, () => link.href && model.send({ ask: "opened" }));
  }
  el.append(link);
  show();
  model.send({ ask: "address" });
  return () => {
    model.off("msg:custom", heard);
    model.off("change:label", show);
  };
}
export default { render };
