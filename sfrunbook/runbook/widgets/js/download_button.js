// A button by which the browser saves a text that the kernel makes at that moment.
function render({ model, el }) {
  const button = keepKeys(make("button", { type: "button", class: "sfrunbook-button" }));
  const status = make("p", { role: "status" });
  let asked = false; // the answer goes to every view; only the one that asked saves it
  const show = () => {
    button.textContent = `⤓ ${model.get("label")}`;
    status.textContent = model.get("announcement");
  };
  const heard = ({ text }) => {
    if (!asked || text === undefined) return;
    asked = false;
    const address = URL.createObjectURL(new Blob([text], { type: model.get("media_type") }));
    const link = make("a", { href: address, download: model.get("file_name") });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  button.addEventListener("click", () => {
    asked = true;
    model.send({ ask: "text" });
  });
  model.on("msg:custom", heard);
  model.on("change:label", show);
  model.on("change:announcement", show);
  el.append(make("div", { class: "sfrunbook-download" }, button, status));
  show();
  return () => {
    model.off("msg:custom", heard);
    model.off("change:label", show);
    model.off("change:announcement", show);
  };
}
export default { render };
