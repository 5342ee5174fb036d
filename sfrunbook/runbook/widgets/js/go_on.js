// A sentence and a link that opens the next notebook beside this one and runs it.
function render({ model, el }) {
  const box = make("p", { class: "sfr-next", role: "status", "aria-live": "polite" });
  const show = () => {
    const notebook = model.get("notebook");
    box.replaceChildren(model.get("sentence"));
    if (notebook) box.append(" ", notebookLink(notebook, model.get("label"), model.get("run")));
  };
  for (const name of ["sentence", "notebook", "label", "run"]) model.on(`change:${name}`, show);
  model.on("change:notebook", () => model.get("notebook") && catchKeys(() => box.querySelector("a")));
  el.append(box);
  show();
  // a run by JupyterLab's own menu ends at the cell of the verdict, whose output may be below the edge of the window
  if (model.get("notebook")) requestAnimationFrame(() => box.closest(".jp-Cell.jp-mod-active") && box.scrollIntoView({ block: "nearest" }));
}
export default { render };
