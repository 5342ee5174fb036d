// A small chart: every bar has its figure, and the same is there as a table for whoever cannot see it.

function cut(text, most) {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function drawing(chart, room) {
  const line = 22;
  const name = Math.min(170, room * 0.36);
  const longest = room - name - 70;
  const most = Math.max(...chart.bars.map((bar) => bar.value), 1);
  const svg = shape("svg", { viewBox: `0 0 ${room} ${chart.bars.length * line + 4}`, role: "img" });
  svg.setAttribute("aria-label", `${chart.title}; the table below shows all values`);
  chart.bars.forEach((bar, place) => {
    const y = place * line + 2;
    const width = Math.max(0, (bar.value / most) * longest);
    svg.append(shape("text", { x: name, y: y + 14, class: "name" }, cut(bar.label, Math.floor(name / 7))));
    svg.append(shape("rect", { x: name + 8, y, width, height: line - 6 }));
    svg.append(shape("text", { x: name + 14 + width, y: y + 14, class: "figure" }, bar.value.toLocaleString("en")));
  });
  return svg;
}

function figures(chart) {
  const rows = chart.bars.map((bar) =>
    make("tr", {}, make("th", { scope: "row" }, bar.label), make("td", { class: "sfrunbook-number" }, bar.value.toLocaleString("en"))),
  );
  const table = make("table", {}, make("caption", {}, chart.title), make("tbody", {}, ...rows));
  return make("details", {}, make("summary", {}, "Show as a table"), table);
}

function render({ model, el }) {
  const choice = make("select");
  const label = make("label", {}, "Chart ", choice);
  const title = make("figcaption");
  const place = make("div");
  const figure = keepKeys(make("figure", { class: "sfrunbook-chart" }, label, title, place));
  const draw = () => {
    const charts = model.get("charts");
    const chart = charts[Number(choice.value)] ?? charts[0];
    figure.hidden = !chart;
    if (!chart) return;
    title.textContent = [chart.title, model.get("basis"), chart.note].filter(Boolean).join(". ");
    const open = place.querySelector("details")?.open ?? false;
    const table = figures(chart);
    table.open = open;
    place.replaceChildren(drawing(chart, Math.min(680, Math.max(320, Math.floor(el.clientWidth) || 640))), table);
  };
  const show = () => {
    const charts = model.get("charts");
    choice.replaceChildren(...charts.map((chart, number) => new Option(chart.title, String(number))));
    label.hidden = charts.length < 2;
    draw();
  };
  choice.addEventListener("change", draw);
  model.on("change:charts", show);
  model.on("change:basis", draw);
  el.append(figure);
  show();
  const watch = new ResizeObserver(draw);
  watch.observe(el);
  return () => {
    watch.disconnect();
    model.off("change:charts", show);
    model.off("change:basis", draw);
  };
}
export default { render };
