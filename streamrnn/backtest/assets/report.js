
// Draws the plots. Plotly is given numbers, dates and the methods' names: never a text that came
// in a record, which is only ever set as text.
"use strict";
/* global Plotly */

const data = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
const NAMES = ["ink", "quiet", "forecast", "band", "alarm", "grid", "line", "surface"];
const SERIES = 10;
const CONFIG = { displayModeBar: false, responsive: true };
// How far forecasts may stretch an axis beyond the values, as a share of their span.
const STRETCH = 0.5;
const hidden = new Map();
let color = {};
let step = 0;
let stream = 0;

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const names = [...NAMES, ...Array.from({ length: SERIES }, (_, n) => `c${n}`)];
  color = Object.fromEntries(names.map((n) => [n, style.getPropertyValue(`--${n}`).trim()]));
  color.font = style.fontFamily;
}

function layout(x, yaxis, more = {}) {
  const axis = { zeroline: false, gridcolor: color.grid, automargin: true, ticklabelstandoff: 6 };
  const dates = typeof x[0] === "string";
  return {
    autosize: true,
    margin: { l: 50, r: 14, t: 8, b: 36 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: color.font, size: 12, color: color.quiet },
    hoverlabel: { bgcolor: color.surface, bordercolor: color.line,
      font: { family: color.font, color: color.ink } },
    hovermode: "x unified",
    showlegend: false,
    legend: { orientation: "h", y: -0.16, yanchor: "top", x: 0, xanchor: "left" },
    xaxis: { ...axis, type: dates ? "date" : "linear", showgrid: false, linecolor: color.line,
      ...(dates ? {} : { title: { text: "record", standoff: 4 }, tickformat: ",d" }) },
    yaxis: { ...axis, fixedrange: true, ...yaxis },
    ...more,
  };
}

function draw(id, traces, shape) {
  return Plotly.react(find(id), traces, shape, CONFIG);
}

function around(shown, forecast) {
  const known = shown.x.map((_, n) => n)
    .filter((n) => forecast.lower[n] !== null && forecast.upper[n] !== null);
  const pick = (list) => known.map((n) => list[n]);
  const bare = { type: "scatter", mode: "lines", hoverinfo: "skip", line: { width: 0 } };
  const line = { type: "scatter", mode: "lines", hovertemplate: "%{y:.5~g}" };
  return [
    { ...bare, x: pick(shown.x), y: pick(forecast.lower) },
    { ...bare, x: pick(shown.x), y: pick(forecast.upper), fill: "tonexty",
      fillcolor: color.band },
    { ...line, name: "value", x: shown.x, y: shown.values,
      line: { color: color.ink, width: 1.5 } },
    { ...line, name: "forecast", x: shown.x, y: forecast.forecast,
      line: { color: color.forecast, width: 1.75 } },
  ];
}

// Shows all values, and of forecasts as much as leaves the values readable.
function range(shown, forecast) {
  const numbers = (...lists) => lists.flat().filter((number) => number !== null);
  const values = numbers(shown.values);
  if (!values.length) return undefined;
  const others = numbers(forecast.forecast, forecast.lower, forecast.upper);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const span = high - low || Math.abs(high) * 0.1 || 1;
  const bottom = Math.max(Math.min(low, ...others), low - STRETCH * span);
  const top = Math.min(Math.max(high, ...others), high + STRETCH * span);
  return [bottom - 0.05 * span, top + 0.05 * span];
}

function drawStream() {
  const shown = data.streams[stream];
  const forecast = shown.forecasts[step];
  const of = shown.name === "" ? "" : ` of ${shown.name}`;
  const count = shown.x.length.toLocaleString("en");
  find("stream-title").textContent =
    `The last ${count} values${of}, forecast ${data.steps[step].words}`;
  draw("stream-plot", around(shown, forecast), layout(shown.x, { range: range(shown, forecast) }));
}

const WIDTHS = { forecast: 3, expert: 1.25, naive: 1.5, peer: 1.75 };
const DASHES = { naive: "dot", peer: "dash" };

function drawErrors() {
  const plot = data.steps[step].errors;
  const mode = plot.x.length > 1 ? "lines" : "markers";
  const traces = plot.lines.map((line, n) => ({
    type: "scatter", mode, name: line.name, x: plot.x, y: line.y,
    visible: hidden.get(line.name) ?? (line.shown || "legendonly"),
    hovertemplate: "%{y:.3f}",
    line: {
      color: line.name === "last value" ? color.quiet : color[`c${n % SERIES}`],
      width: WIDTHS[line.kind], dash: DASHES[line.kind] ?? "solid",
    },
  })).reverse();
  const ours = plot.lines.filter((line) => line.shown);
  const seen = ours.flatMap((line) => line.y).filter((y) => y !== null);
  const top = Math.min(Math.max(1.15, ...seen) * 1.05, 2);
  draw("errors-plot", traces, layout(plot.x, { range: [0, top], dtick: top > 1.3 ? 0.5 : 0.25 },
    { showlegend: true, legend: { orientation: "h", y: -0.16, yanchor: "top", x: 0,
      traceorder: "reversed" } }));
  find("errors-title").textContent = plot.title;
}

function drawCoverage() {
  const plot = data.steps[step].coverage;
  const [line] = plot.lines;
  const seen = line.y.filter((y) => y !== null);
  const bottom = Math.max(0, Math.min(2 * data.coverage - 1, ...seen) - 0.04);
  const wanted = { type: "line", xref: "paper", x0: 0, x1: 1, y0: data.coverage,
    y1: data.coverage, line: { color: color.alarm, width: 1.25, dash: "dot" } };
  const trace = { type: "scatter", mode: plot.x.length > 60 ? "lines" : "lines+markers",
    name: "within", x: plot.x, y: line.y, hovertemplate: "%{y:.1%}",
    marker: { size: 5 }, line: { color: color.forecast, width: 2 } };
  draw("coverage-plot", [trace],
    layout(plot.x, { range: [bottom, 1.01], tickformat: ".0%" }, { shapes: [wanted] }));
  find("coverage-title").textContent = plot.title;
}

function drawShares() {
  const plot = data.steps[step].shares;
  find("shares").hidden = plot === null;
  if (plot === null) return;
  const traces = plot.lines.map((line, n) => ({
    type: "scatter", mode: "lines", name: line.name, x: plot.x, y: line.y, stackgroup: "all",
    hovertemplate: "%{y:.1%}", line: { width: 0.5, color: color[`c${n % SERIES}`] },
  }));
  draw("shares-plot", traces, layout(plot.x, { range: [0, 1], tickformat: ".0%" },
    { showlegend: true }));
  find("shares-title").textContent = plot.title;
}

function makeCards() {
  find("worst").hidden = data.worst.length === 0;
  for (const [n, card] of data.worst.entries()) {
    const element = document.createElement("article");
    const title = document.createElement("h3");
    const words = document.createElement("p");
    const plot = document.createElement("div");
    title.textContent = card.title;
    words.textContent = card.words;
    plot.id = `card-${n}`;
    plot.className = "plot";
    element.append(title, words, plot);
    find("cards").append(element);
  }
}

function drawCards() {
  for (const [n, { shown, index }] of data.worst.entries()) {
    const [forecast] = shown.forecasts;
    const here = { type: "scatter", mode: "markers", hoverinfo: "skip",
      x: [shown.x[index]], y: [shown.values[index]],
      marker: { symbol: "circle-open", size: 12, color: color.alarm, line: { width: 2 } } };
    const shape = layout(shown.x, { range: range(shown, forecast), nticks: 4 });
    shape.xaxis.nticks = 4;
    shape.xaxis.title = undefined;
    shape.margin = { l: 36, r: 6, t: 4, b: 24 };
    draw(`card-${n}`, [...around(shown, forecast), here], shape);
  }
}

function drawStep() {
  drawStream();
  drawErrors();
  drawCoverage();
  drawShares();
}

function makeChoices() {
  for (const [n, { words }] of data.steps.entries()) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const text = document.createElement("span");
    Object.assign(input, { type: "radio", name: "step", checked: n === 0 });
    input.addEventListener("change", () => { step = n; drawStep(); });
    text.textContent = words[0].toUpperCase() + words.slice(1);
    label.append(input, text);
    find("steps").append(label);
  }
  find("steps").parentElement.hidden = data.steps.length === 1;
  for (const [n, { name }] of data.streams.entries()) {
    find("stream").append(new Option(name, String(n)));
  }
  find("stream-choice").hidden = data.streams.length === 1;
  find("stream").addEventListener("change", ({ target }) => {
    stream = Number(target.value);
    drawStream();
  });
}

function drawAll() {
  readColors();
  drawStep();
  drawCards();
}

makeChoices();
makeCards();
drawAll();
find("errors-plot").on("plotly_restyle", () => {
  for (const { name, visible } of find("errors-plot").data) hidden.set(name, visible);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
