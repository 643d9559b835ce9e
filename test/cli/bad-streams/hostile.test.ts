import { expect, test } from "bun:test";
import { runOnce } from "./ask.ts";
import { event, DONE, finish, HEAD, response, token } from "../../fixtures/answers.ts";

const ESC = "\u001B";
/** What a model may say to a terminal; the first letter of each tells it apart in a failure. */
const HOSTILE = [
  `a${ESC}[31mred${ESC}[0m`,
  `b${ESC}]52;c;aGFja2Vk\u0007`,
  `c${ESC}]0;title${ESC}\\`,
  `d${ESC}[2J${ESC}[H${ESC}[1A${ESC}[2K`,
  "e\u009B31mC1\u009D52;c;aGk=\u009C",
  "f over\rwritten",
  "g\b\b\b\u0000\u007F\u000B\u000C",
  "h\u202Eesrever\u202C\u2066isolate\u2069",
  "i\u{E0041}\u{E007F}",
];
/** What must reach a terminal as it is. */
const HARMLESS = "k\ttab\n👩‍🚀 ❤️ \u200Eé\u200F 𝄞\r\nend";
const TEXT = HOSTILE.join("\n") + HARMLESS;

/** Control characters that a terminal got and that are not the program's own colours, line ends and tabs. */
function foreign(shown: string): string[] {
  const ours = new RegExp(`${ESC}\\[(?:2|22|1|3[12]|38;5;130|39)m`, "g");
  return (
    shown
      .replace(ours, "")
      .replaceAll("\r\n", "\n")
      .match(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/gu) ?? []
  );
}

const body = HEAD + HOSTILE.map((text) => token(`${text}\n`)).join("") + token(HARMLESS) + finish() + DONE;

test("in a pipe stdout is the exact bytes, whatever they would do to a terminal", async () => {
  const { outcome } = await runOnce(HEAD + token(TEXT) + finish() + DONE, []);
  expect(outcome.code).toBe(0);
  expect(Buffer.from(outcome.bytes).equals(Buffer.from(TEXT))).toBe(true);
});

test("on a terminal text is shown with visible marks in place of what a terminal would obey", async () => {
  const { outcome } = await runOnce(body, [], { terminal: true });
  expect(outcome.code).toBe(0);
  expect(foreign(outcome.stdout)).toEqual([]);
  for (const mark of ["a␛[31mred␛[0m", "f over␍written", "⟨U+202E⟩", "⟨U+009B⟩31m", "⟨U+E0041⟩", "␡", "␀"])
    expect(outcome.stdout).toContain(mark);
  expect(outcome.stdout).toContain("k\ttab\r\n👩‍🚀 ❤️ \u200Eé\u200F 𝄞\r\nend");
});

test("on a terminal each code point is judged for itself, however the text is cut into tokens", async () => {
  const units = [...TEXT].map(token).join("");
  const { outcome } = await runOnce(
    async ({ write, drip, fin }) => {
      await write(HEAD);
      await drip(units.match(/.{1,300}/gsu) ?? [], 1);
      await write(finish() + DONE);
      fin();
    },
    [],
    { terminal: true },
  );
  expect(foreign(outcome.stdout)).toEqual([]);
  expect(outcome.stdout).toContain("f over␍written");
  expect(outcome.stdout).toContain("𝄞\r\nend");
});

test("--json on a terminal writes as escapes what JSON would let through", async () => {
  const { outcome } = await runOnce(body, ["--json"], { terminal: true });
  expect(foreign(outcome.stdout)).toEqual([]);
  const lines = outcome.stdout
    .replaceAll("\r\n", "\n")
    .split("\n")
    .filter((line) => line.startsWith('{"v":1'));
  expect(JSON.parse(lines.at(-1) ?? "").text).toBe(HOSTILE.map((text) => `${text}\n`).join("") + HARMLESS);
});

const said = (delta: unknown): string => event({ model: TEXT, id: TEXT, choices: [{ delta }] });
const header = "X-Evil: a\u001B]52;c;aGk=\u0007b\r\n";

/** Every other place from where a text of the server may come to the terminal. */
const PLACES: readonly [string, string | Uint8Array][] = [
  ["reasoning", HEAD + said({ reasoning: TEXT }) + token("a") + finish() + DONE],
  ["refusal", HEAD + said({ refusal: TEXT }) + finish() + DONE],
  ["model name", HEAD + said({ content: "a" }) + finish() + DONE],
  [
    "tool name and arguments",
    HEAD + said({ tool_calls: [{ index: 0, function: { name: TEXT, arguments: TEXT } }] }) + finish("tool_calls"),
  ],
  ["finish_reason", HEAD + token("a") + finish(TEXT) + DONE],
  ["error inside the stream", HEAD + token("a") + event({ error: { message: TEXT, code: TEXT } })],
  ["malformed event", `${HEAD}data: {${TEXT.replaceAll(/[\r\n]/g, "")}\n\n`],
  ["comment", `${HEAD}: ${TEXT.replaceAll(/[\r\n]/g, "")}\n\n${token("a")}${finish()}`],
  ["error body", response("400 Bad", header, JSON.stringify({ error: { message: TEXT, code: TEXT } }))],
  ["error page", response("500 Bad", header, TEXT)],
  ["redirect", response("302 Found", `Location: http://x/\u001B]52;c;aGk=\u0007\u0085\r\n${header}`)],
  ["content type", response("200 OK", `Content-Type: a/\u001B]52;c;aGk=\u0007\r\n${header}`, TEXT)],
  ["header", response("200 OK", header, token("a") + finish())],
];

for (const [name, bytes] of PLACES) {
  test(`on a terminal a hostile ${name} is shown harmless, with --debug and without`, async () => {
    const runs = await Promise.all(
      [[], ["--debug"]].map((args) => runOnce(bytes, ["--retries", "0", ...args], { terminal: true })),
    );
    for (const { outcome } of runs) {
      expect(foreign(outcome.stdout)).toEqual([]);
      expect(outcome.stdout).toContain("Verdict: ");
    }
  });
}
