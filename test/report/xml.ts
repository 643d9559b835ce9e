/** One element of XML as a reader of it sees it. */
export type Element = { name: string; attributes: Record<string, string>; children: Element[]; text: string };

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
/** All that XML 1.0 may hold. */
const LEGAL = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const TOKEN = /<\?xml [^?]*\?>|<(\/?)([\w.-]+)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/g;

/** Reads a document; throws at what is not well-formed, in the part of XML that we write. */
export function parseXml(text: string): Element {
  if (!LEGAL.test(text)) throw new Error("a character that XML may not hold");
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index !== at) throw new Error(`not well-formed: ${text.slice(at, at + 60)}`);
    at += match[0].length;
    const [, close, name = "", attributes = "", alone, words] = match;
    const parent = open.at(-1);
    if (parent === undefined) throw new Error("more ends than begins");
    if (words !== undefined) parent.text += decode(words);
    else if (close === "/") {
      if (open.pop()?.name !== name) throw new Error(`</${name}> ends another`);
    } else if (name !== "") {
      const element: Element = { name, attributes: attributesOf(attributes), children: [], text: "" };
      parent.children.push(element);
      if (alone !== "/") open.push(element);
    }
  }
  const [first, more] = root.children;
  if (at !== text.length || open.length !== 1 || first === undefined || more !== undefined)
    throw new Error("not one whole element");
  return first;
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([\w:.-]+)="([^"]*)"/g)].map(([, key, value = ""]) => [key, decode(value)]),
  );
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));|&/g, (whole, code?: string, name?: string) => {
    const known = code === undefined ? ENTITIES[name ?? ""] : String.fromCodePoint(Number(code));
    if (known === undefined) throw new Error(`${whole} is no entity`);
    return known;
  });
}
