// A button by which the browser saves a text that the kernel makes at that moment.
function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sfrunbook-button";
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  let asked = false; // the answer goes to every view; only the one that asked saves it
  const show = () => {
    button.textContent = `⤓ ${model.get("label")}`;
    status.textContent = model.get("announcement");
  };
  const heard = ({ text }) => {
    if (!asked || text === undefined) return;
    asked = false;
    const address = URL.createObjectURL(new Blob([text], { type: model.get("media_type") }));
    const link = Object.assign(document.createElement("a"), { href: address, download: model.get("file_name") });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  button.addEventListener("click", () => {
    asked = true;
    model.send({ ask: "text" });
  });
  keepKeys(button);
  model.on("msg:custom", heard);
  model.on("change:label", show);
  model.on("change:announcement", show);
  const box = document.createElement("div");
  box.className = "sfrunbook-download";
  box.append(button, status);
  el.append(box);
  show();
  return () => {
    model.off("msg:custom", heard);
    model.off("change:label", show);
    model.off("change:announcement", show);
  };
}
export default { render };
