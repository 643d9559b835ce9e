/** What of a sample does not depend on the moment: its lines without numbers and names made up for one run. */
export function shapeOf(sample: string): string[] {
  const lines = withoutHealth(withoutPanes(sample))
    .replace(/chatcmpl-\w*/g, "ID")
    // Which of two models that are nearly equal is the better one, and the pace at each instant.
    .replace(/ (★|[+−]\d[\d.,]*[ \u202F]?%)(?=\s|$)/gm, "")
    // A row of the waterfall, before its full blocks can be taken for a sparkline's.
    .replace(/[·░▒▓█]*(·[░▒▓█]|[░▒▓]{2})[·░▒▓█]* */g, "PACE ")
    .replace(/ ?[▁▂▃▄▅▆▇█][▁▂▃▄▅▆▇█ ]*(?=\d)/g, " SPREAD ")
    .replace(/~?\d[\d.,\u202F]*[ \u202F](ms|s|min)\b/g, "TIME")
    .replace(/"text":"[^"]*"/g, "TEXT")
    .replace(/~?\d[\d.,\u202F]*/g, "N")
    .replace(/(?<=\S) {2,}/g, " ")
    // A pane whose number is shorter is begun by a space.
    .replace(/^ (?=N tokens )/gm, "")
    // How many arrive in a step of a sweep is of the moment, and a percentile of too few is –.
    .replace(/^ *N N N .*$/gm, (row) => row.replaceAll("–", "TIME"))
    .split("\n")
    // A busy machine has stalls, and two tokens in one read; the marks of a time axis stand where its numbers want them.
    .filter((line) => !/^(🐌|✋|Stalls|Pauses longues)|└[─┴]/u.test(line) && !/^ *N( (TIME|N))+$/.test(line));
  return lines.map(cut).filter((line, at, all) => line !== all[at - 1]);
}

/** A live display without the texts in its panes: how far each has come is of the moment. */
function withoutPanes(sample: string): string {
  return sample.replace(/(^─+┼.*\n)(?:.*│.*\n)+/gm, "$1").replace(/─{2,}/g, "─");
}

/** A measured load or a comparison without what a busy machine makes of it: the client's health, marks, words. */
function withoutHealth(sample: string): string {
  return (
    sample
      .replace(/^[✗!?–] (?=.*(streams ok|flux réussi))/gm, "✓ ")
      .replace(/✗/g, "✓")
      .replace(/(?: ·)?[ \n](window too short|fenêtre trop courte)[^]*?(?=\n\n)/g, "")
      .replace(/, \d+ (not decided|indécis)(?= ·)/g, "")
      // The row of a threshold that is undecided.
      .replace(/^( {2}\S.*? {2})\?(?= )/gm, "$1✓")
      .replace(/, (not decided|indécis)$/gm, "")
      .replace(/(?: · |\n)(client healthy|mesure fiable|limited by the client|mesure perturbée)(?=$| ·)/gm, "")
      .replace(/^(Limited by the client|Mesure perturbée par)[^\n]*\n( {2}\S[^\n]*\n)*/gm, "")
      .replace(/^(?:Client|Poste de mesure) [^]*?(?=^(Left out|Valeurs exclues))/gm, "")
      // A sweep ends with its knee and what its client did not keep.
      .replace(/ ◀/g, "")
      .replace(/ (✓|limited|perturbée) *$/gm, "")
      .replace(/^(Knee:|No knee|Point de saturation|Pas de point de saturation)[^]*/m, "KNEE")
      .replace(/^(● \S+ \S+).*/gm, "$1")
      // A limit that is undecided has another mark, and is not among the lines that are shown.
      .replace(/\n✓ p\d+\(ttft\) \+\d+%\s?:.*/g, "")
      .replace(/^(B (is|est) .*? A)\b.*/gm, "$1")
  );
}

/** Lines cut at a column are cut elsewhere when a number in them is longer. */
function cut(line: string): string {
  return /[{"]/.test(line) && !line.startsWith("$ ") ? line.slice(0, 40) : line;
}
