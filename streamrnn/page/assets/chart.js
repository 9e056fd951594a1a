// The chart: values, forecasts, their intervals and the anomalies; below it the running error.
// Plotly is given numbers, and labels that are made here: never a text that came in a record.

/* global Plotly */

import { ticks } from "./times.js";

const UNUSUAL = 0.999;
const CONFIG = { displayModeBar: false, responsive: true, doubleClick: false };
const COLORS = ["ink", "quiet", "forecast", "band", "alarm", "surface", "grid", "line"];
// How far forecasts may stretch the axis beyond the values, as a share of their span.
const STRETCH = 0.4;

export class Chart {
  constructor(element, onPlace) {
    this.element = element;
    this.listening = false;
    this.onPlace = onPlace;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolor());
    this.recolor();
  }

  recolor() {
    const style = getComputedStyle(document.documentElement);
    this.colors = {};
    for (const name of COLORS) this.colors[name] = style.getPropertyValue(`--${name}`).trim();
    this.font = style.fontFamily;
  }

  draw(shown, cursor) {
    Plotly.react(this.element, traces(shown, this.colors), this.layout(shown, cursor), CONFIG);
    if (this.listening) return;
    this.listening = true;
    this.element.on("plotly_hover", (event) => this.onPlace(event.points[0].x));
    this.element.on("plotly_unhover", () => this.onPlace(null));
  }

  layout(shown, cursor) {
    const { ink, quiet, grid, line } = this.colors;
    const narrow = this.element.clientWidth < 560;
    const axis = { fixedrange: true, zeroline: false, gridcolor: grid, ticklabelstandoff: 6 };
    const last = shown.places.at(-1) + shown.ahead.forecast.length;
    const right = Math.max(last, shown.places[0] + 20);
    return {
      autosize: true,
      margin: { l: narrow ? 44 : 58, r: narrow ? 10 : 18, t: 8, b: 46 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: this.font, size: 12, color: quiet },
      showlegend: false,
      hovermode: "x",
      dragmode: false,
      xaxis: {
        ...axis,
        ...ticks(shown.places, shown.columns.time, narrow ? 4 : 9),
        anchor: "y2",
        range: [shown.places[0], right + (right - shown.places[0]) * 0.01],
        showgrid: false,
        tickmode: "array",
        tickangle: 0,
        ticks: "outside",
        ticklen: 5,
        tickcolor: line,
        linecolor: line,
      },
      yaxis: { ...axis, domain: [0.27, 1], range: range(shown), nticks: narrow ? 5 : 7 },
      yaxis2: {
        ...axis,
        domain: [0, 0.17],
        range: [0, Math.min(Math.max(1.3, ...shown.columns.ratio.map((r) => r * 1.1)), 3)],
        tickvals: [0, 1],
        ticktext: ["0", "1×"],
      },
      shapes: [
        rule({ x0: 0, x1: 1, xref: "paper", y0: 1, y1: 1, yref: "y2" }, quiet, "dot"),
        ...(cursor === null
          ? []
          : [rule({ x0: cursor, x1: cursor, xref: "x", y0: 0, y1: 1, yref: "paper" }, ink)]),
      ],
      annotations: [
        {
          text: "Running error; 1× is that of the last value again",
          x: 0, xref: "paper", xanchor: "left",
          y: 0.175, yref: "paper", yanchor: "bottom",
          showarrow: false,
          font: { size: 12, color: quiet },
        },
      ],
    };
  }
}

function rule(place, color, dash = "solid") {
  return { type: "line", layer: "below", line: { color, width: 1, dash }, opacity: 0.5, ...place };
}

function traces(shown, { ink, forecast, band, alarm, surface }) {
  const { columns, places, ahead } = shown;
  const next = places.at(-1) + 1;
  const all = [...places, ...ahead.forecast.map((_, n) => next + n)];
  const silent = { type: "scatter", mode: "lines", hoverinfo: "skip" };
  const heard = { ...silent, hoverinfo: "none" };
  const bounds = known(all, [...columns.lower, ...ahead.lower], [...columns.upper, ...ahead.upper]);
  const unusual = places.filter((_, n) => columns.anomaly[n] >= UNUSUAL);
  const values = columns.value;
  const now = values.findLastIndex((value) => value !== null);
  const bare = { width: 0, color: "rgba(0,0,0,0)" };
  return [
    { ...silent, name: "lower", x: bounds.x, y: bounds.lower, line: bare },
    { ...silent, name: "upper", x: bounds.x, y: bounds.upper, line: bare,
      fill: "tonexty", fillcolor: band },
    { ...heard, name: "forecast", x: places, y: columns.forecast,
      line: { color: forecast, width: 2 } },
    { ...heard, name: "ahead",
      x: all.slice(places.length - 1), y: [columns.forecast.at(-1), ...ahead.forecast],
      line: { color: forecast, width: 2, dash: "dot" } },
    { ...heard, name: "value", x: places, y: values, line: { color: ink, width: 1.75 } },
    { ...silent, name: "anomalies", mode: "markers",
      x: unusual, y: unusual.map((place) => values[place - places[0]]),
      marker: { symbol: "circle-open", size: 13, color: alarm, line: { width: 2 } } },
    { ...silent, name: "now", mode: "markers",
      x: now < 0 ? [] : [places[now]], y: now < 0 ? [] : [values[now]],
      marker: { size: 9, color: ink, line: { width: 2, color: surface } } },
    { ...silent, name: "running error", x: places, y: columns.ratio, yaxis: "y2",
      line: { color: forecast, width: 2 } },
  ];
}

// Leaves out where there is no interval: a filled area cannot have holes.
function known(all, lower, upper) {
  const inside = all.map((_, n) => n).filter((n) => lower[n] != null && upper[n] != null);
  const pick = (column) => inside.map((n) => column[n]);
  return { x: pick(all), lower: pick(lower), upper: pick(upper) };
}

// Shows all values, and of forecasts as much as leaves the values readable.
function range({ columns, ahead }) {
  const numbers = (lists) => lists.flat().filter((number) => number != null);
  const values = numbers([columns.value]);
  const others = numbers([columns.forecast, columns.lower, columns.upper,
    ahead.forecast, ahead.lower, ahead.upper]);
  if (!values.length) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || Math.abs(high) * 0.1 || 1;
  const bottom = Math.max(Math.min(low, ...others), low - STRETCH * span);
  const top = Math.min(Math.max(high, ...others), high + STRETCH * span);
  return [bottom - 0.06 * span, top + 0.06 * span];
}
