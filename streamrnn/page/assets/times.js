// Times of records, which may be anything, as labels of an axis and words.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = [
  ...[1, 5, 15, 30].map((n) => n * SECOND),
  ...[1, 5, 15, 30].map((n) => n * MINUTE),
  ...[1, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 365, 1826].map((n) => n * DAY),
];
const ISO = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?\s?(Z|[+-]\d\d:?\d\d)?$/;
const EPOCH_IN_MILLISECONDS = 1e11;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const seconds = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const year = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric" });

// Returns milliseconds since 1970, NaN for what is no time.
export function instant(time) {
  if (typeof time === "number") return time > EPOCH_IN_MILLISECONDS ? time : time * 1000;
  if (typeof time !== "string" || !ISO.test(time)) return NaN;
  return new Date(time.length > 10 ? time.replace(" ", "T") : `${time}T00:00`).getTime();
}

// Returns a time in words, or the record's number where there is none.
export function words(time, place) {
  const when = instant(time);
  if (Number.isNaN(when)) return `Record ${place.toLocaleString("en")}`;
  const precise = when % MINUTE ? seconds : clock;
  return `${day.format(when)} ${precise.format(when)}`;
}

// Returns the places and labels of some ticks: at whole hours or days where there are times.
export function ticks(places, times, most) {
  const instants = times.map(instant);
  const [first, last] = [instants[0], instants.at(-1)];
  if (!places.length || instants.some(Number.isNaN) || last <= first) return counts(places, most);
  const unit = UNITS.find((u) => (last - first) / u <= most) ?? UNITS.at(-1);
  const shift = new Date(first).getTimezoneOffset() * MINUTE;
  const chosen = { tickvals: [], ticktext: [] };
  // Where the stream has a gap, ticks would stand on top of each other.
  const least = places.length / most / 2;
  let before = Math.floor((first - shift) / unit);
  let dayBefore = "";
  instants.forEach((when, n) => {
    const now = Math.floor((when - shift) / unit);
    if (now <= before) return;
    before = now;
    if (places[n] - (chosen.tickvals.at(-1) ?? -Infinity) < least) return;
    chosen.tickvals.push(places[n]);
    chosen.ticktext.push(label(when, unit, dayBefore));
    dayBefore = day.format(when);
  });
  return chosen;
}

function label(when, unit, dayBefore) {
  if (unit >= 28 * DAY) return year.format(when);
  if (unit >= DAY) return day.format(when);
  const precise = unit < MINUTE ? seconds.format(when) : clock.format(when);
  return day.format(when) === dayBefore ? precise : `${precise}<br>${day.format(when)}`;
}

function counts(places, most) {
  const step = Math.max(10, 10 ** Math.ceil(Math.log10(places.length / most)));
  const apart = [step / 4, step / 2, step].find((s) => s >= 5 && places.length / s <= most) ?? step;
  const tickvals = places.filter((place) => place % apart === 0);
  return { tickvals, ticktext: tickvals.map((place) => place.toLocaleString("en")) };
}
