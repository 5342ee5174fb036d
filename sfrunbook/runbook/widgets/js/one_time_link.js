// A button that asks for a link when it is pressed and opens it once; the link is a message and never part of the state.
function render({ model, el }) {
  const button = keepKeys(make("button", { type: "button", class: "sfr-primary" }, model.get("label")));
  const message = make("p", { role: "status", class: "sfr-help" });
  const show = () => (message.textContent = model.get("message"));
  let tab = null;
  button.addEventListener("click", () => {
    // opened at once, since a browser lets a click open a tab and a later answer not
    tab = window.open("about:blank", "_blank");
    model.send({ wanted: true });
  });
  model.on("msg:custom", ({ url }) => {
    if (!url && tab) tab.close();
    if (url && tab) {
      tab.opener = null;
      tab.location.replace(url);
    }
    tab = null;
  });
  model.on("change:message", show);
  el.append(button, message);
  show();
}
export default { render };
