/** The parts of a README that a program writes, each between `<!-- sample NAME -->` or `<!-- code FILE NAME -->` or `<!-- table NAME -->` and `<!-- end -->`. */
export type Block = { kind: string; args: readonly string[]; body: string };

const BLOCK = /(<!-- (sample|code|table) ([^\n]*?) -->\n)([\s\S]*?)(<!-- end -->)/g;

export function blocksIn(markdown: string): Block[] {
  return [...markdown.matchAll(BLOCK)].map(([, , kind = "", args = "", body = ""]) => {
    return { kind, args: args.split(" "), body };
  });
}

/** The same text with each block's body as `render` says. */
export function withBlocks(markdown: string, render: (block: Block) => string): string {
  return markdown.replace(BLOCK, (_, open: string, kind: string, args: string, body: string, end: string) => {
    // Blank lines around it are what the formatter wants.
    return `${open}\n${render({ kind, args: args.split(" "), body })}\n${end}`;
  });
}

/** A function as its file has it, from its comment to its brace, moved to the left margin. */
export function functionIn(source: string, name: string): string {
  const lines = source.split("\n");
  const start = lines.findIndex((line) => new RegExp(`^ *(export )?(async )?function\\*? ${name}\\b`).test(line));
  const indent = /^ */.exec(lines[start] ?? "")?.[0] ?? "";
  const end = lines.findIndex((line, at) => at > start && line === `${indent}}`);
  if (start < 0 || end < 0) throw new Error(`there is no function ${name}`);
  let first = start;
  while (/^ *(\/\*\*|\*|\/\/)/.test(lines[first - 1] ?? "")) first--;
  return lines
    .slice(first, end + 1)
    .map((line) => line.slice(indent.length))
    .join("\n");
}

export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}

/** What a fenced block holds; the block itself when it is none. */
export function unfenced(body: string): string {
  return /^\s*```\w*\n([\s\S]*?)\n```\s*$/.exec(body)?.[1] ?? body;
}
