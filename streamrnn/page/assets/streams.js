// The streams to choose from, and a search among them.

const order = new Intl.Collator("en", { numeric: true });

// Returns how a stream is called: records without a key are one stream in each partition.
export function called(stream) {
  return stream.name ?? `Partition ${stream.partition}`;
}

export class Streams {
  constructor(onChoice) {
    this.onChoice = onChoice;
    this.rows = new Map();
    this.chosen = null;
    this.place = document.getElementById("streams");
    this.list = document.getElementById("streams-list");
    this.search = document.getElementById("search");
    this.search.addEventListener("input", () => this.filter());
    this.place.addEventListener("keydown", (event) => this.move(event));
    const narrow = matchMedia("(max-width: 820px)");
    const details = this.place.querySelector("details");
    // On a narrow screen the list is shut until it is asked for, and once a stream is chosen.
    this.fit = () => { details.open = !narrow.matches; };
    narrow.addEventListener("change", this.fit);
    this.fit();
    details.querySelector("summary").addEventListener("click", (event) => {
      if (!narrow.matches) event.preventDefault();
    });
  }

  show(streams, others) {
    const known = new Set(streams.map((stream) => stream.id));
    for (const [id, row] of this.rows) {
      if (known.has(id)) continue;
      row.item.remove();
      this.rows.delete(id);
    }
    const sorted = [...streams].sort((a, b) => order.compare(called(a), called(b)));
    sorted.forEach((stream, n) => {
      const row = this.rows.get(stream.id) ?? this.add(stream);
      row.ratio.textContent = stream.ratio === null ? "" : `${stream.ratio.toFixed(2)}×`;
      row.anomaly.hidden = !stream.anomalies;
      row.anomaly.title = `${stream.anomalies} anomalies among the newest records`;
      // A row that is moved loses the keyboard's focus, so only what is out of place is.
      if (this.list.children[n] !== row.item) this.list.insertBefore(row.item, this.list.children[n]);
    });
    this.place.hidden = streams.length < 2;
    document.getElementById("streams-count").textContent = streams.length;
    document.getElementById("streams-note").textContent = others
      ? "There are more: a stream that falls silent makes room for another one."
      : "";
    this.filter();
  }

  add(stream) {
    const [item, button, name, anomaly, ratio] = ["li", "button", "span", "span", "span"].map(
      (tag) => document.createElement(tag),
    );
    [name.className, anomaly.className, ratio.className] = ["name", "mark-anomaly", "ratio"];
    name.textContent = button.title = called(stream);
    ratio.title = "Running error against that of the last value";
    button.type = "button";
    button.append(name, anomaly, ratio);
    button.addEventListener("click", () => {
      this.fit();
      this.onChoice(stream.id);
    });
    item.append(button);
    const row = { item, button, anomaly, ratio, name: called(stream).toLowerCase() };
    this.rows.set(stream.id, row);
    this.mark(this.chosen);
    return row;
  }

  mark(id) {
    this.chosen = id;
    for (const [other, row] of this.rows) row.button.setAttribute("aria-current", other === id);
  }

  filter() {
    const wanted = this.search.value.trim().toLowerCase();
    for (const row of this.rows.values()) row.item.hidden = !row.name.includes(wanted);
  }

  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const seen = [...this.list.querySelectorAll("li:not([hidden]) button")];
    const place = seen.indexOf(document.activeElement);
    const next = place < 0 ? seen[0] : seen[place + step];
    (next ?? this.search).focus();
    event.preventDefault();
  }
}
