/** What of a sample does not depend on the moment: its lines without numbers and names made up for one run. */
export function shapeOf(sample: string): string[] {
  const lines = withoutPanes(sample)
    .replace(/chatcmpl-\w*/g, "ID")
    // Which of two models that are nearly equal is the better one, and the pace at each instant.
    .replace(/ (★|[+−]\d[\d.,]*[ \u00A0]?%)(?=\s|$)/gm, "")
    .replace(/[·▒░▓█]{3,} */g, "PACE ")
    .replace(/~?\d[\d.,\u202F]*[ \u00A0](ms|s|min)\b/g, "TIME")
    .replace(/"text":"[^"]*"/g, "TEXT")
    .replace(/~?\d[\d.,\u202F]*/g, "N")
    .replace(/(?<=\S) {2,}/g, " ")
    .split("\n")
    // A busy machine has stalls, and two tokens in one read; the marks of a time axis stand where its numbers want them.
    .filter((line) => !/^(🐌|✋|Stalls|Blocages)|└[─┴]/u.test(line) && !/^ *N( (TIME|N))+$/.test(line));
  return lines.map(cut).filter((line, at, all) => line !== all[at - 1]);
}

/** A live display without the texts in its panes: how far each has come is of the moment. */
function withoutPanes(sample: string): string {
  return sample.replace(/(^─+┼.*\n)(?:.*│.*\n)+/gm, "$1").replace(/─{2,}/g, "─");
}

/** Lines cut at a column are cut elsewhere when a number in them is longer. */
function cut(line: string): string {
  return /[{"]/.test(line) && !line.startsWith("$ ") ? line.slice(0, 40) : line;
}
