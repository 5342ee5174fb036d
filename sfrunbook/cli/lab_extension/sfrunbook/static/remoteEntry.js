// Opens the page ready: runs the cells of runbook.ipynb once its kernel rests. JupyterLab loads this file as it is, by the
// interface of its prebuilt extensions (a webpack module container), so that nothing has to be built.
(() => {
  const PAGE = "runbook.ipynb";
  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  // its outputs are shown, and the kernel still has what they show: so it is after a reload, or in a second window
  const isLive = async (panel, kernel) => {
    const shown = panel.content.widgets.some((cell) => cell.model.type === "code" && cell.model.outputs.length);
    const reply = await kernel.requestCommInfo({ target_name: "jupyter.widget" });
    return shown && Object.keys(reply.content.comms ?? {}).length > 0;
  };

  async function runWhenReady(app, panel) {
    await panel.context.ready;
    await panel.sessionContext.ready;
    // a kernel that says "idle" for a moment may still be starting: it has to rest a while
    for (let rested = 0, tried = 0; rested < 4 && tried < 600; tried += 1) {
      await wait(150);
      const kernel = panel.sessionContext.session?.kernel;
      rested = kernel && kernel.status === "idle" && kernel.connectionStatus === "connected" ? rested + 1 : 0;
    }
    const kernel = panel.sessionContext.session?.kernel;
    if (panel.isDisposed || !kernel || (await isLive(panel, kernel))) return;
    app.shell.activateById(panel.id);
    await app.commands.execute("notebook:run-all-cells");
    await panel.context.save(); // a reload then finds the outputs
    panel.content.node.querySelector(".jp-WindowedPanel-outer")?.scrollTo(0, 0);
  }

  const reportLost = (panel) => panel.node.dispatchEvent(new CustomEvent("sfrunbook:kernel-lost"));
  // JupyterLab isn't told of a kernel that something else has restarted: such a one has no widgets any more
  async function watchKernel(panel) {
    let doubted = null;
    while (!panel.isDisposed) {
      await wait(5000);
      const kernel = panel.sessionContext?.session?.kernel;
      const isGone = kernel && kernel.status !== "busy" && !(await isLive(panel, kernel).catch(() => true));
      const header = isGone ? panel.node.querySelector(".sfr-header") : null;
      // twice for the same header: an answer from the time of a restart may come when the page has been run again
      if (header && header === doubted) reportLost(panel);
      doubted = header;
    }
  }

  const plugin = {
    id: "sfrunbook:open-ready",
    autoStart: true,
    activate: (app) => {
      const seen = new WeakSet();
      const look = () => {
        const panel = app.shell.currentWidget;
        const path = panel?.context?.path ?? "";
        if (!panel?.sessionContext || seen.has(panel) || path.split("/").pop() !== PAGE) return;
        seen.add(panel);
        panel.sessionContext.statusChanged.connect((_, status) => {
          if (["starting", "restarting", "autorestarting", "terminating", "dead"].includes(status)) reportLost(panel);
        });
        void runWhenReady(app, panel).then(() => watchKernel(panel));
      };
      app.shell.currentChanged?.connect(look);
      void app.restored.then(look);
    },
  };
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.sfrunbook = { init: () => undefined, get: () => Promise.resolve(() => ({ default: plugin, __esModule: true })) };
})();
