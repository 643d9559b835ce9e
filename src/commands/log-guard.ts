/** A command in the log of GitHub Actions: `::` at the beginning of a line, blanks aside, or `##[` anywhere. */
const AT_BEGINNING = /(^|[\r\n])((?:[^\S\r\n]|\u0085)*:):/g;
/** The latter, with those of Azure Pipelines and of TeamCity. */
const ANYWHERE = /(##(?:vso|teamcity)?)\[/gi;
const LONGEST = "##teamcity".length;
const BLANK = /^[\s\u0085]*(:?)$/;

/**
 * Makes text harmless that comes in pieces, for a log whose reader obeys such commands: a backslash stands in each. In JSON
 * an escape does that means the same.
 */
export function createLogGuard(): (text: string) => string {
  /** What of the line so far may become the beginning of a command with what follows. */
  let begun = "";
  return (text) => {
    const isJson = ((begun === "" && /^[{[]/.test(text)) || text.startsWith("\n{")) && text.endsWith("\n");
    const whole = begun + text;
    const safe = whole.replace(AT_BEGINNING, "$1$2\\:").replace(ANYWHERE, isJson ? "$1\\u005b" : "$1\\[");
    const before = begun.length;
    const line = whole.slice(Math.max(whole.lastIndexOf("\n"), whole.lastIndexOf("\r")) + 1);
    begun = BLANK.exec(line)?.[1] ?? `x${line.slice(-LONGEST)}`;
    return safe.slice(before);
  };
}

/** The verbs whose standard output is what a model said, or a file: it is not touched. */
export const EXACT: ReadonlySet<string> = new Set(["stream", "report", "completion", "config", "simulate"]);
