/** What of a sample does not depend on the moment: its lines without numbers and names made up for one run. */
export function shapeOf(sample: string): string[] {
  const lines = sample
    .replace(/chatcmpl-\w*/g, "ID")
    .replace(/~?\d[\d.,\u202F]*[ \u00A0](ms|s|min)\b/g, "TIME")
    .replace(/"text":"[^"]*"/g, "TEXT")
    .replace(/\d[\d.,\u202F]*/g, "N")
    .split("\n")
    // A busy machine has stalls, and two tokens in one read.
    .filter((line) => !/^(🐌|✋)/u.test(line));
  return lines.map(cut).filter((line, at, all) => line !== all[at - 1]);
}

/** Lines cut at a column are cut elsewhere when a number in them is longer. */
function cut(line: string): string {
  return /[{"]/.test(line) ? line.slice(0, 40) : line;
}
