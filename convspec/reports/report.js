"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

// Colours of a chart's frame, in the reader's scheme; axes are named xaxis, yaxis2, ...
function themed(layout, margin) {
  const axis = {gridcolor: ink("line"), zerolinecolor: ink("line"), linecolor: ink("line"), automargin: true};
  const result = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: {color: ink("text"), size: 12},
    autosize: true, margin, hoverlabel: {font: {size: 12}},
    modebar: {bgcolor: "rgba(0,0,0,0)", color: ink("quiet"), activecolor: ink("accent")}, ...layout,
  };
  for (const key of new Set([...Object.keys(layout).filter((name) => /^[xy]axis/.test(name)), "xaxis", "yaxis"])) {
    result[key] = {...axis, ...(layout[key] || {})};
  }
  return result;
}

// Lines of the parallel coordinates and points of the pairs share the filter that is brushed on the former.
let allowed = null;

function drawCharts() {
  for (const chart of data.charts || []) {
    const place = document.getElementById(chart.id);
    const parallel = chart.traces.some((trace) => trace.type === "parcoords");
    const margin = parallel ? {l: 80, r: 40, t: 60, b: 30} : {l: 60, r: 20, t: 44, b: 62};
    const traces = chart.traces.map((trace) => trace.type === "parcoords"
      ? {...trace, labelfont: {color: ink("text")}, tickfont: {color: ink("quiet")}, rangefont: {color: ink("quiet")},
         unselected: {line: {color: ink("line"), opacity: 0.25}}}
      : trace);
    Plotly.react(place, traces, themed(chart.layout, margin), {responsive: true, displaylogo: false});
    if (parallel && !place.dataset.linked) {
      place.dataset.linked = "yes";
      place.on("plotly_restyle", () => filterTrials(place));
    }
  }
}

function inside(value, ranges) {
  return ranges.some(([low, high]) => value >= Math.min(low, high) && value <= Math.max(low, high));
}

function filterTrials(place) {
  const trace = place.data.find((one) => one.type === "parcoords");
  const brushed = trace.dimensions.filter((dimension) => dimension.constraintrange);
  allowed = brushed.length === 0 ? null : new Set(trace.customdata.filter((_, index) => brushed.every((dimension) => {
    const range = dimension.constraintrange;
    return inside(dimension.values[index], Array.isArray(range[0]) ? range : [range]);
  })));
  for (const row of document.querySelectorAll("#leaderboard tbody tr")) {
    row.classList.toggle("hidden", allowed !== null && !allowed.has(row.dataset.trial));
  }
  for (const chart of (data.charts || []).filter((one) => one.linked)) {
    const marks = chart.traces.map((one) => allowed === null || !one.customdata ? null
      : one.customdata.flatMap((trial, index) => allowed.has(trial) ? [index] : []));
    Plotly.restyle(chart.id, {selectedpoints: marks});
  }
  const note = document.getElementById("brushed");
  if (note) {
    note.textContent = allowed === null ? "" : `${allowed.size} trials inside what is brushed`;
  }
}

// A number sorts as one; an empty cell comes last either way.
function sortTable(header) {
  const table = header.closest("table");
  const column = [...header.parentNode.children].indexOf(header);
  const up = header.classList.contains("down");
  for (const other of header.parentNode.children) {
    other.classList.remove("up", "down");
  }
  header.classList.add(up ? "up" : "down");
  const rows = [...table.tBodies[0].rows];
  const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  rows.sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === "" || b === "") {
      return (a === "") - (b === "");
    }
    const order = isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
    return up ? order : -order;
  });
  table.tBodies[0].append(...rows);
}

function showField(slider) {
  const box = document.getElementById("field-box");
  const one = data.fields[slider.value];
  const [height, width] = one.size;
  box.setAttribute("x", (data.image.width - width) / 2);
  box.setAttribute("y", (data.image.height - height) / 2);
  box.setAttribute("width", width);
  box.setAttribute("height", height);
  document.getElementById("field-text").textContent =
    `${one.name}: a value depends on ${height} × ${width} pixels` +
    (height > data.image.height || width > data.image.width ? ", more than the image has" : "");
}

for (const header of document.querySelectorAll("th[data-sort]")) {
  header.addEventListener("click", () => sortTable(header));
}
const slider = document.getElementById("field-slider");
if (slider) {
  slider.addEventListener("input", () => showField(slider));
  showField(slider);
}
if (data.charts && data.charts.length) {
  drawCharts();
  dark.addEventListener("change", drawCharts);
}
