/** `bun run licenses`: what the binary and the page contain besides this project's own code, and under which licence. */

import { Glob } from "bun";
import { dependencies, packageManager } from "../package.json" with { type: "json" };

/** Where it is kept; `llmaas version --licenses` prints it. */
export const THIRD_PARTY = new URL("../THIRD-PARTY.md", import.meta.url).pathname;
const MODULES = new URL("../node_modules/", import.meta.url).pathname;

type Package = { name: string; version: string; license: string; needs: readonly string[] };

/** Bun's own words on what it links, as of 1.4; JavaScriptCore is why the whole can be linked again by anybody. */
const RUNTIME = `Bun is MIT-licensed, © Oven and contributors: <https://github.com/oven-sh/bun>, whose LICENSE.md lists what it links:

| Part | Licence |
| --- | --- |
| JavaScriptCore and other parts of WebKit, with Bun's patches (<https://github.com/oven-sh/WebKit>); TinyCC | LGPL 2 and 2.1 |
| BoringSSL, libarchive, ICU | several, permissive: see each |
| brotli, c-ares, libdeflate, libuv (Windows), ls-hpack, ls-qpack, lsquic, mimalloc, picohttpparser, uucode | MIT |
| libbase64, libspng, libwebp, lol-html, zstd | BSD |
| highway, simdutf, uSockets, uWebSockets, parts of LLVM and of TigerBeetle | Apache 2.0 |
| libjpeg-turbo, zlib-ng | IJG, BSD, zlib |
| polyfills of Node.js modules, acorn | MIT |

Who wants another JavaScriptCore builds Bun with it and then this program with that Bun: \`bun run build\` needs nothing else.`;

/** The page of all licences: packages in the order of their names, each with its text. */
export async function thirdParty(): Promise<string> {
  const packages = await closureOf(Object.keys(dependencies));
  const parts = await Promise.all(
    packages.map(
      async ({ name, version, license }) => `## ${name} ${version}: ${license}\n\n${fenced(await licenceOf(name))}`,
    ),
  );
  const intro =
    "What `llmaas` contains besides its own code. The compiled program holds all of this; an HTML report holds uPlot.";
  return `# Third-party licences\n\n${intro}\n\n## ${packageManager.replace("@", " ")}\n\n${RUNTIME}\n\n${parts.join("\n\n")}\n`;
}

/** The packages and whatever they need, by name. */
async function closureOf(names: readonly string[]): Promise<Package[]> {
  const found = new Map<string, Package>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const { version, license, dependencies: needs = {} } = await Bun.file(`${MODULES}${name}/package.json`).json();
    found.set(name, { name, version, license, needs: Object.keys(needs) });
    open.push(...Object.keys(needs));
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whose copy of a licence serves a package that brings none. */
const COPIES: Readonly<Record<string, string>> = { "@assemblyscript/loader": "chromium-bidi" };

/** The text that the package brings. */
async function licenceOf(owner: string): Promise<string> {
  const name = COPIES[owner] ?? owner;
  const files = [...new Glob("{LICENSE,LICENCE,license}*").scanSync(`${MODULES}${name}`)].toSorted();
  const [first] = files;
  if (first === undefined) throw new Error(`${owner} brings no licence: name whose copy serves it.`);
  return (await Bun.file(`${MODULES}${name}/${first}`).text()).replaceAll("\r\n", "\n").trim();
}

function fenced(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

if (import.meta.main) await Bun.write(THIRD_PARTY, await thirdParty());
