/** The commands of one shell line, each as its words; redirections are left out. */
export function commandsIn(line: string): string[][] {
  const commands: string[][] = [[]];
  let redirected = false;
  for (const [token] of line.matchAll(
    /"(?:\\.|[^"])*"|'[^']*'|&&|<\(|[|;)]|\d?>{1,2}|[^\s|;<>()"']+(?:=(?:"[^"]*"|'[^']*'))?/g,
  )) {
    if (/^(&&|<\(|[|;)])$/.test(token)) commands.push([]);
    else if (/^\d?>{1,2}$/.test(token)) redirected = true;
    else if (redirected) redirected = false;
    else commands.at(-1)?.push(unquoted(token));
  }
  return commands.filter((words) => words.length > 0);
}

function unquoted(token: string): string {
  return token.replace(/"((?:\\.|[^"])*)"|'([^']*)'/g, (_, double: string | undefined, single: string | undefined) =>
    double === undefined ? (single ?? "") : double.replace(/\\(.)/g, "$1"),
  );
}
