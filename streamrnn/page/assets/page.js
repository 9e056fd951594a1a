// The page: what is told by the server goes to the chart, the numbers and the list of streams.

import { Chart } from "./chart.js";
import { at, joined, newest } from "./series.js";
import { called, Streams } from "./streams.js";
import { write, writePlace, writeState, writeStream, writeWorker } from "./words.js";

const AGAIN_MILLISECONDS = 3000;

const element = document.getElementById("chart");
const pause = document.getElementById("pause");
const chart = new Chart(element, point);
const streams = new Streams((id) => { location.hash = id; });

let source = null;
let run = null;
let about = null;
let series = null;
let held = null;
let cursor = null;
let waiting = false;

function connect() {
  source?.close();
  const wanted = location.hash.slice(1);
  source = new EventSource(wanted ? `/events?stream=${encodeURIComponent(wanted)}` : "/events");
  source.onmessage = (event) => take(JSON.parse(event.data));
  source.onerror = () => {
    writeState("lost", "Not connected; trying again");
    // The browser tries again by itself, but not after it was turned away.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MILLISECONDS);
  };
}

function take(message) {
  if (message.run !== run) [run, series, held] = [message.run, null, null];
  if (message.worker) {
    document.title = `${message.about.application} · streamrnn`;
    write("application", message.about.application);
    about = message.about;
    writeWorker(message.worker);
    streams.show(message.streams, message.worker.others);
  }
  if (message.stream) {
    if (series?.id !== message.stream.id) cursor = null;
    series = joined(series, message.stream);
    streams.mark(series.id);
    writeStream(series);
  }
  if (!series) return;
  // The only stream, without a key, is called by what is forecast.
  const only = series.name === null && streams.rows.size < 2;
  write("target", only ? "" : about.target);
  write("stream", only ? about.target : called(series));
  later();
}

// Draws at the browser's next chance, and not at all in a tab that nobody sees.
function later() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    draw();
  });
}

function draw() {
  if (!series) return;
  const most = Number(document.querySelector("#window input:checked").value);
  const shown = newest(held ?? series, most);
  const last = shown.places.at(-1);
  if (cursor < shown.places[0]) cursor = null;
  chart.draw(shown, cursor);
  const place = cursor ?? last;
  writePlace(at(shown, place), place);
  element.setAttribute("aria-label", `Chart of ${shown.places.length} values and their forecasts`);
}

function point(place) {
  cursor = place;
  later();
}

function hold(on) {
  held = on ? series : null;
  pause.setAttribute("aria-pressed", String(on));
  pause.textContent = on ? "Go on" : "Pause";
  later();
}

pause.addEventListener("click", () => hold(!held));
document.getElementById("window").addEventListener("change", later);
element.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === "Escape") point(null);
  if (!step || !series) return;
  const { start, columns, ahead } = held ?? series;
  const end = start + columns.value.length - 1;
  point(Math.min(Math.max((cursor ?? end) + step, start), end + ahead.forecast.length));
  event.preventDefault();
});
element.addEventListener("blur", () => point(null));
addEventListener("hashchange", () => {
  hold(false);
  connect();
});
if (innerWidth < 560) document.querySelector("#window input").checked = true;
connect();
