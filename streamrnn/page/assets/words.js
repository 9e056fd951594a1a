// What stands beside the chart: numbers, the worker's health, and what the chart shows at a place.

import { words } from "./times.js";

const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 5 });
const count = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

export function write(id, text) {
  const element = document.getElementById(id);
  // What stays the same is not read out again.
  if (element.textContent !== text) element.textContent = text;
  return element;
}

export function writeStream(series) {
  const ratio = series.columns.ratio.at(-1) ?? null;
  write("ratio", ratio === null ? "–" : `${ratio.toFixed(2)}×`).dataset.good = ratio < 1;
  write("ratio-words", ratio === null ? "" : compared(ratio));
  write("covered", series.covered === null ? "–" : `${Math.round(series.covered * 100)} %`);
  write("step", series.step < 1e6 ? count.format(series.step) : compact.format(series.step));
}

function compared(ratio) {
  const percent = Math.round(Math.abs(1 - ratio) * 100);
  if (!percent) return "as good as repeating it";
  if (ratio >= 10) return "far worse than repeating it";
  return ratio < 1 ? `${percent} % less than repeating it` : `${percent} % more than repeating it`;
}

export function writeWorker({ records, rate, deadLetters, health }) {
  const dead = Object.values(deadLetters).reduce((sum, n) => sum + n, 0);
  write("rate", rate < 1e5 ? number.format(rate) : compact.format(rate));
  write("dead", count.format(dead));
  const reasons = Object.entries(deadLetters).map(([reason, n]) => `${count.format(n)} ${reason}`);
  write("reasons", reasons.join(", "));
  writeHealth(health, rate);
  write("partitions", `${partitions(health.ready.partitions)}  ·  ${count.format(records)} records`);
}

function writeHealth({ alive, ready }, rate) {
  const running = Object.keys(ready.partitions).length;
  if (!alive.good) writeState("bad", "Stuck");
  else if (!ready.good) writeState("unready", "Not ready");
  else if (!running) writeState("waiting", "Standing by");
  else if (rate) writeState("live", "Live");
  else writeState("well", "Waiting for records");
  const list = document.getElementById("problems");
  const problems = [...new Set([...alive.problems, ...ready.problems])];
  if (problems.join() === [...list.children].map((item) => item.textContent).join()) return;
  list.replaceChildren(
    ...problems.map((problem) => {
      const item = document.createElement("li");
      item.textContent = problem;
      return item;
    }),
  );
}

export function writeState(state, text) {
  document.getElementById("state").dataset.state = state;
  write("state-words", text);
}

function partitions(states) {
  const groups = new Map();
  for (const [partition, state] of Object.entries(states)) {
    groups.set(state, [...(groups.get(state) ?? []), partition]);
  }
  const named = [...groups].map(([state, numbers]) => {
    const shown = numbers.length > 12 ? [...numbers.slice(0, 12), "…"] : numbers;
    return `${numbers.length > 1 ? "Partitions" : "Partition"} ${shown.join(", ")} ${state}`;
  });
  return named.join("  ·  ") || "No partition";
}

export function writePlace(point, place) {
  const show = (value) => (value == null ? "–" : number.format(value));
  write("when", words(point.time, place));
  write("read-value", show(point.value));
  write("read-forecast", show(point.forecast));
  const { lower, upper } = point;
  write("read-interval", lower == null ? "–" : `${show(lower)} to ${show(upper)}`);
  write("read-anomaly", point.anomaly == null ? "–" : point.anomaly.toFixed(3));
}
