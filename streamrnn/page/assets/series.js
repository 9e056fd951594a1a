// The points of the stream that is shown, as they come in pieces.

export const KEPT = 500;

// Returns the points with a new piece at their end, or the piece alone where they do not meet.
export function joined(known, piece) {
  const end = known ? known.start + known.columns.value.length : 0;
  const meets = known && known.id === piece.id && piece.start >= known.start && piece.start <= end;
  if (!meets) return { ...piece };
  const kept = piece.start - known.start;
  const columns = {};
  for (const name of Object.keys(piece.columns)) {
    columns[name] = [...known.columns[name].slice(0, kept), ...piece.columns[name]].slice(-KEPT);
  }
  const start = piece.start + piece.columns.value.length - columns.value.length;
  return { ...piece, start, columns };
}

// Returns the newest points only, with the numbers of their records.
export function newest(series, most) {
  const length = series.columns.value.length;
  const first = Math.max(length - most, 0);
  const columns = {};
  for (const name of Object.keys(series.columns)) columns[name] = series.columns[name].slice(first);
  const start = series.start + first;
  return { ...series, start, columns, places: columns.value.map((_, n) => start + n) };
}

// Returns what is known at a place, among the points or in the forecast beyond them.
export function at(series, place) {
  const { columns, ahead, start } = series;
  const n = place - start;
  const beyond = n - columns.value.length;
  const from = (name) => (beyond < 0 ? columns[name][n] : ahead[name][beyond]);
  return {
    time: beyond < 0 ? columns.time[n] : null,
    value: beyond < 0 ? columns.value[n] : null,
    anomaly: beyond < 0 ? columns.anomaly[n] : null,
    forecast: from("forecast"),
    lower: from("lower"),
    upper: from("upper"),
  };
}
