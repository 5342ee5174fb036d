// A small chart: every bar carries its figure, and the same stands as a table for whoever cannot see it.

function cut(text, most) {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function drawing(chart, room) {
  const line = 22;
  const name = Math.min(170, room * 0.36);
  const longest = room - name - 70;
  const most = Math.max(...chart.bars.map((bar) => bar.value), 1);
  const svg = shape("svg", { viewBox: `0 0 ${room} ${chart.bars.length * line + 4}`, role: "img" });
  svg.setAttribute("aria-label", `${chart.title}; the table beneath holds every figure`);
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
  const box = document.createElement("details");
  box.append(Object.assign(document.createElement("summary"), { textContent: "The same as a table" }));
  const table = document.createElement("table");
  table.createCaption().textContent = chart.title;
  for (const bar of chart.bars) {
    const row = table.insertRow();
    row.append(Object.assign(document.createElement("th"), { textContent: bar.label, scope: "row" }));
    row.append(
      Object.assign(row.insertCell(), { textContent: bar.value.toLocaleString("en"), className: "sfrunbook-number" }),
    );
  }
  box.append(table);
  return box;
}

function render({ model, el }) {
  const figure = document.createElement("figure");
  figure.className = "sfrunbook-chart";
  const label = document.createElement("label");
  label.textContent = "Chart ";
  const choice = document.createElement("select");
  label.append(choice);
  const title = document.createElement("figcaption");
  const place = document.createElement("div");
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
  keepKeys(figure);
  model.on("change:charts", show);
  model.on("change:basis", draw);
  figure.append(label, title, place);
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
