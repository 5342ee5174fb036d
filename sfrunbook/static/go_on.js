// A sentence and a link that opens the next notebook beside this one and runs it.
function render({ model, el }) {
  const box = make("p", { class: "sfr-next" });
  const show = () => {
    const notebook = model.get("notebook");
    box.replaceChildren(model.get("told"));
    if (notebook) box.append(" ", notebookLink(notebook, model.get("label"), model.get("run")));
  };
  for (const name of ["told", "notebook", "label", "run"]) model.on(`change:${name}`, show);
  el.append(box);
  show();
}
export default { render };
