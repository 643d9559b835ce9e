import { describe, expect, test } from "bun:test";
import type { StreamEvent } from "../../src/stream/event.ts";
import { createHeaderMask, createMask, createTail, mask, maskHead } from "../../src/stream/mask.ts";
import { createRandom } from "../render/random.ts";
import { chat } from "../../src/wire/chat.ts";
import { createObservedLines } from "../../src/stream/observed-lines.ts";

const KEY = "sk-a+b/c=d'e&f";
const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, "0");
const each = (spell: (character: string) => string): string => [...KEY].map(spell).join("");
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const SPELLINGS: readonly [string, string][] = [
  ["as it is", KEY],
  ["with \\/", KEY.replaceAll("/", "\\/")],
  ["with \\u002B", KEY.replaceAll("+", "\\u002B").replaceAll("/", "\\u002f")],
  ["in \\u of every character", each((character) => `\\u00${hex(character)}`)],
  ["in \\x of every character", each((character) => `\\x${hex(character)}`)],
  ["in \\u{} of every character", each((character) => `\\u{${hex(character)}}`)],
  ["with what has no width", each((character) => `${character}\u200B`).slice(0, -1)],
  ["with what nobody sees", `${KEY.slice(0, 4)}\u00AD${KEY.slice(4, 7)}\uFEFF\u0000\u2060${KEY.slice(7)}`],
  ["in colours", `${KEY.slice(0, 5)}\u001B[1;31m${KEY.slice(5)}`],
  ["in JSON in JSON", inJson(inJson(KEY.replaceAll("/", "\\/").replaceAll("+", "\\u002b")))],
  ["in HTML's names", KEY.replace("&", "&amp;").replace("+", "&plus;").replace("/", "&sol;").replace("'", "&apos;")],
  ["in HTML's decimal numbers", each((character) => `&#${character.charCodeAt(0)};`)],
  ["in HTML's numbers with zeros", each((character) => `&#00${character.charCodeAt(0)};`)],
  ["in HTML's hexadecimal numbers", each((character) => `&#x${hex(character).toUpperCase()};`)],
  ["in HTML in HTML", KEY.replace("&", "&amp;amp;").replace("+", "&amp;#43;")],
  ["in HTML in JSON", inJson(KEY.replace("&", "\\u0026amp;").replace("'", "&#39;"))],
  ["in percent signs", encodeURIComponent(KEY)],
  ["in percent signs, in lower case", encodeURIComponent(KEY).replace(/%../g, (code) => code.toLowerCase())],
  ["in percent signs of every character", each((character) => `%${hex(character)}`)],
  ["in percent signs twice", encodeURIComponent(encodeURIComponent(KEY))],
  ["on two lines", `${KEY.slice(0, 5)}\n${KEY.slice(5)}`],
  ["on two data: lines", `${KEY.slice(0, 5)}\r\ndata: ${KEY.slice(5)}`],
  ["in three lines, escaped", inJson(`${KEY.slice(0, 4)}\n${KEY.slice(4, 9)}\n${KEY.slice(9)}`)],
];

describe("a secret is found", () => {
  test.each(SPELLINGS)("%s", (_, spelling) => {
    expect(mask(`before ${spelling} after`, [KEY])).toBe("before ••• after");
    expect(mask(`\\"é%20&amp; ${spelling}\\n${spelling} \\u00e9`, [KEY])).toBe('\\"é%20&amp; •••\\n••• \\u00e9');
  });

  test("in any mixture of spellings, up to four deep, and what stands around it is left as it is", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = createRandom(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const alphabet = "abcxyzABC0189+/=-_.~!*'()&%$#@:;,<>?[]{}|^\"\\ ";
    const text = (length: number): string =>
      Array.from({ length }, () => alphabet[below(alphabet.length)] ?? "").join("");
    const spellings: ((character: string) => string)[] = [
      (character) => `\\u00${hex(character)}`,
      (character) => `\\x${hex(character).toUpperCase()}`,
      (character) => `&#${character.charCodeAt(0)};`,
      (character) => `&#x${hex(character)};`,
      (character) => `%${hex(character)}`,
    ];
    for (let round = 0; round < 3000; round++) {
      const secret = `k${text(4 + below(20))}y`;
      const depth = below(5);
      let spelt = secret;
      for (let level = 0; level < depth; level++) {
        const spell = spellings[below(spellings.length)] ?? hex;
        // All that would mean something to the reader, and some of the rest.
        spelt = [...spelt].map((c) => (/[\\&%"]/.test(c) || random() < 0.2 ? spell(c) : c)).join("");
      }
      const got = mask(`before ${spelt} after`, [secret]);
      if (got !== "before ••• after") throw new Error(JSON.stringify({ seed, round, secret, spelt, got }));
    }
  });

  test("twice, beside another, and not where only a part of it stands", () => {
    expect(mask("abcd-efgh abcd efgh abcdefgh abc", ["abcd", "efgh"])).toBe("•••-••• ••• ••• ••• abc");
    expect(mask("abc bcd", ["abcd"])).toBe("abc bcd");
    expect(mask("", ["abcd"])).toBe("");
    expect(mask("abcd", [])).toBe("abcd");
  });

  test("whatever escapes stand around it, which stay as they are", () => {
    const text = '{"a":"\\ud834\\udd1e \\/ &nope; &#x110000; %E9 %zz \\q","b":"s\\u0065cret"}';
    expect(mask(text, ["secret"])).toBe(text.replace("s\\u0065cret", "•••"));
  });

  test("at once in a text of nothing but escapes", () => {
    const before = performance.now();
    for (const escape of ["\\", "\\u", "&#", "&", "%", "\\n", "&amp;"]) mask(escape.repeat(2 ** 18), ["secret", KEY]);
    for (const escape of ["\\", "&", "%"]) maskHead(escape.repeat(2 ** 16), createMask(["secret", KEY]));
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

describe("a text that was cut keeps no beginning of a secret at its end:", () => {
  test.each(SPELLINGS.filter(([name]) => !name.includes("lines")))("%s", (_, spelling) => {
    const text = `before ${spelling}`;
    for (let end = "before ".length; end < text.length; end++) {
      const shown = maskHead(text.slice(0, end), createMask([KEY]));
      // Not one character of it; at most the beginning of an escape, which says nothing.
      const rest = shown.slice("before ".length);
      expect(mask(rest, [KEY.slice(0, 1)])).toBe(rest);
    }
  });

  test("also where the end of one that is whole begins another, and where half of an escape stands in one that is whole", () => {
    expect(maskHead("before kabcday", createMask(["kabcday", "ayxyz"]))).toBe("before ");
    expect(maskHead("before \\u006b\\u005c", createMask(["kabcday"]))).toBe("before ");
    expect(maskHead("before \\u006b\\u005cu00", createMask(["kabcday"]))).toBe("before ");
    expect(maskHead(`before ${inJson("\\u006b")}\\u005c\\u0075\\u0030`, createMask(["kabcday"]))).toBe("before ");
  });

  test("nor the end of one at its start", () => {
    for (const [, spelling] of SPELLINGS) {
      for (let cut = 0; cut < spelling.length; cut += 3) {
        const tail = createTail(createMask([KEY]));
        tail.push(Buffer.from(spelling));
        tail.push(Buffer.from("x".repeat(4096 - spelling.length + cut)));
        expect(tail.text().replace("•••", "")).toMatch(/^x+$/);
      }
    }
  });
});

describe("a dummy key that is a word of the endpoint's host", () => {
  const shown = createMask(["ollama"], "http://ollama.example:11434/v1");
  test("is not masked in the host, and is everywhere else", () => {
    expect(shown("POST http://ollama.example:11434/v1: ollama")).toBe("POST http://ollama.example:11434/v1: •••");
    expect(shown("ollama ollama.example ollama.other")).toBe("••• ollama.example •••.other");
  });

  test("is masked there too when it is long enough to be a key", () => {
    expect(createMask(["ollama-1"], "http://ollama-1.example/v1")("ollama-1.example")).toBe("•••.example");
    expect(createMask(["ollama", "a-long-secret"], "http://ollama.a-long-secret/v1")("ollama.a-long-secret")).toBe(
      "ollama.•••",
    );
  });
});

/** The lines that `--debug` shows of these bytes, given in pieces of `size`. */
function observed(body: string, size = body.length): string[] {
  const events: StreamEvent[] = [];
  const lines = createObservedLines(createMask([KEY]), chat.createReader(false, null), (event) => events.push(event));
  const bytes = Buffer.from(body);
  for (let from = 0; from < bytes.length; from += size) lines.push(bytes.subarray(from, from + size), 1);
  lines.end(2);
  return events.map((event) => (event.type === "line" ? event.line : event.type));
}

describe("lines of --debug hide a secret that stands in two data: lines of one event", () => {
  const [a, b, c] = [KEY.slice(0, 4), KEY.slice(4, 9), KEY.slice(9)];
  const rows: readonly [string, string, string[]][] = [
    ["of two lines", `data: x${a}\ndata: ${b}${c} y\n\n`, ["data: x•••", "data: ••• y", ""]],
    ["of three lines", `data: x${a}\ndata: ${b}\ndata: ${c}y\n\n`, ["data: x•••", "data: •••", "data: •••y", ""]],
    ["without the space", `data:x${a}\ndata:${b}${c} y\n\n`, ["data:x•••", "data:••• y", ""]],
    ["with CRLF", `data: x${a}\r\ndata: ${b}${c} y\r\n\r\n`, ["data: x•••", "data: ••• y", ""]],
    [
      "with a comment between",
      `data: x${a}\n: hi ${KEY}\nid: 1\ndata: ${b}${c}\n\n`,
      ["data: x•••", ": hi •••", "id: 1", "data: •••", ""],
    ],
    ["escaped", `data: x${a}\ndata: ${encodeURIComponent(b + c)}\n\n`, ["data: x•••", "data: •••", ""]],
    [
      "a character a line",
      `${[...KEY].map((character) => `data: ${character}\n`).join("")}data: y\n\n`,
      [...[...KEY].map(() => "data: •••"), "data: y", ""],
    ],
    ["which is no secret", `data: x${a}\ndata: no\n\ndata: ${a}\n`, [`data: x${a}`, "data: no", "", `data: ${a}`]],
  ];
  for (const [name, body, lines] of rows)
    test(name, () => {
      for (const size of [body.length, 7, 1]) expect(observed(body, size)).toEqual(lines);
    });
});

test("headers of one response after the other are shown as if each were the first", () => {
  const shown = createHeaderMask(createMask(["sk-secret-key"]));
  const seen = [
    { "x-a": "1", "x-key": "sk-secret-key" },
    { "x-a": "1", "x-key": "none" },
    { "x-a": "sk-secret-key", "sk-secret-key": "2" },
    { "x-a": "1", cookie: "a=1", "sk-secret-key": "3" },
  ].map((headers) => shown(new Headers(headers)));
  expect(seen).toEqual([
    { "x-a": "1", "x-key": "•••" },
    { "x-a": "1", "x-key": "none" },
    { "x-a": "•••", "•••": "2" },
    { "x-a": "1", cookie: "•••", "•••": "3" },
  ]);
});

test("a JSON text of which a mask says that it may hold no secret has none in any of its strings", () => {
  for (const secret of ["sk-secret", 'a"quoted"one', "back\\slash", "clé-secrète", "tab\there"]) {
    const shown = createMask([secret]);
    const spelt = [secret, `in ${secret} words`, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
    for (const value of [...spelt, "none", "l\nine", "é"])
      expect([value, shown.mayHold(JSON.stringify({ [value]: value })) || shown(value) === value]).toEqual([
        value,
        true,
      ]);
    expect(shown.mayHold(JSON.stringify({ model: "granite3.3:2b", id: "chatcmpl-1" }))).toBe(false);
  }
});
