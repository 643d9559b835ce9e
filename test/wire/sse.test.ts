import { describe, expect, test } from "bun:test";
import { createParser } from "eventsource-parser";
import { encodeEvent } from "../../src/simulator/stream-script.ts";
import { createLineSplitter, createSseDecoder, EVENT_LIMIT } from "../../src/wire/sse.ts";

type Event = [data: string, name: string];

/** What the decoder says of these pieces; "oversize" where it gives up. */
function decode(pieces: readonly Uint8Array[], { end = true } = {}): (Event | "oversize")[] {
  const events: (Event | "oversize")[] = [];
  const decoder = createSseDecoder({
    onEvent: (data, name) => events.push([data, name]),
    onOversize: () => events.push("oversize"),
  });
  for (const piece of pieces) decoder.push(piece);
  if (end) decoder.end();
  return events;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text);
}

/** Each way to cut the bytes in three; the first two may be empty. */
function* cuts(bytes: Buffer): Generator<Buffer[]> {
  for (let first = 0; first <= bytes.length; first++)
    for (let second = first; second <= bytes.length; second++)
      yield [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
}

/** What may come in a read of its own. */
const READS = [
  "data: a\n\n",
  "data:a\n\n",
  "data:  a\n\n",
  "data: \n\n",
  "data\n\n",
  "data: é𝄞\n\n",
  "data: \uFEFFa\n\n",
  "data: a\r\n\r\n",
  "data: a\rb\n\n",
  "data: a\r\n\n",
  "data: a\n",
  "data: a\nb\n\n",
  "data: a\ndata: b\n\n",
  "data: a\n\ndata: b\n\n",
  "data: a\n\n\n",
  "data: a\n\ndata: b",
  "event: e\ndata: a\n\n",
  "event: e\ndata: a\n\ndata: b\n\n",
  "event:  e\ndata: a\n\n",
  "event: \ndata: a\n\n",
  "event: e\n\n",
  "event: e\n",
  "event: e\rdata: b\ndata: a\n\n",
  "event: e",
  "event: e\nevent: f\ndata: a\n\n",
  "id: 1\ndata: a\n\n",
  ": alive\n\n",
  "strange\n\n",
  "\uFEFFdata: a\n\n",
  "\n\n",
  "\n",
  "\r",
];

test("an event that comes in a read of its own is what it is in any other read, whatever came before it", () => {
  for (const first of READS)
    for (const second of READS)
      for (const third of READS) {
        const body = first + second + third;
        const whole = decode([bytesOf(body)]);
        expect<unknown[]>([body, ...decode([first, second, third].map(bytesOf))]).toEqual([body, ...whole]);
      }
});

/** What the library makes of a body in one piece. */
function parsedByLibrary(body: string): Event[] {
  const events: Event[] = [];
  createParser({ onEvent: ({ data, event }) => void events.push([data, event ?? ""]) }).feed(body);
  return events;
}

test("reads of several events, each in one of the ways there are, bring what the library reads in them", () => {
  for (const first of READS)
    for (const second of READS)
      for (const third of READS) {
        const body = first + second + third;
        const reads = [`${body}\n\n`, "data: x\n\ndata: y\n\n", `${third}${second}${first}\n\n`];
        expect<unknown[]>([reads, ...decode(reads.map(bytesOf))]).toEqual([reads, ...parsedByLibrary(reads.join(""))]);
      }
});

const CASES: readonly [name: string, body: string, events: Event[]][] = [
  [
    "LF",
    "data: aé\n\ndata: b\n\n",
    [
      ["aé", ""],
      ["b", ""],
    ],
  ],
  [
    "CRLF",
    "data: aé\r\n\r\ndata: b\r\n\r\n",
    [
      ["aé", ""],
      ["b", ""],
    ],
  ],
  [
    "CR",
    "data: aé\r\rdata: b\r\r",
    [
      ["aé", ""],
      ["b", ""],
    ],
  ],
  [
    "CR, LF and CRLF mixed",
    "data: a\r\n\ndata: b\n\r\ndata: c\r\r\n",
    [
      ["a", ""],
      ["b", ""],
      ["c", ""],
    ],
  ],
  ["a BOM", "\uFEFFdata: a\n\n", [["a", ""]]],
  ["two BOMs, of which the second is text", "\uFEFF\uFEFFdata: a\n\ndata: b\n\n", [["b", ""]]],
  ["a BOM inside the data", "data: \uFEFFa\n\n", [["\uFEFFa", ""]]],
  [
    "no space, two spaces, a tab after the colon",
    "data:a\n\ndata:  b\n\ndata:\tc\n\n",
    [
      ["a", ""],
      [" b", ""],
      ["\tc", ""],
    ],
  ],
  ["several data lines", "data: a\ndata: 𝄞\r\ndata:\rdata\n\n", [["a\n𝄞\n\n", ""]]],
  ["characters of four bytes", "data: 𝄞👩‍🚀𝄞\n\n", [["𝄞👩‍🚀𝄞", ""]]],
  [
    "event, id and retry lines",
    "event: x\nid: 1\nretry: 5\ndata: a\n\ndata: b\n\n",
    [
      ["a", "x"],
      ["b", ""],
    ],
  ],
  ["an event name without data", "event: ping\n\ndata: a\n\n", [["a", ""]]],
  ["comments", ": c\ndata: a\n: d\n\n:\n\n", [["a", ""]]],
  ["unknown fields and lines without a colon", "foo: bar\nnonsense\ndatax: 1\nDATA: 2\ndata: a\n\n", [["a", ""]]],
  [
    "a last event without its blank line",
    "data: a\n\ndata: b\n",
    [
      ["a", ""],
      ["b", ""],
    ],
  ],
  [
    "a last line without its end",
    "data: a\n\ndata: b",
    [
      ["a", ""],
      ["b", ""],
    ],
  ],
  [
    "a last CR",
    "data: a\r\rdata: b\r",
    [
      ["a", ""],
      ["b", ""],
    ],
  ],
];

describe("the decoder gives the same events at every split of", () => {
  for (const [name, body, events] of CASES) {
    test(name, () => {
      const bytes = bytesOf(body);
      for (const pieces of cuts(bytes)) {
        const got = decode(pieces);
        if (!Bun.deepEquals(got, events)) expect({ pieces, got }).toEqual({ pieces, got: events });
      }
      expect(decode([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(events);
    });
  }
});

test("an event is delivered with its blank line, and not before the end without it", () => {
  expect(decode([bytesOf("data: a\n\ndata: b\n")], { end: false })).toEqual([["a", ""]]);
  expect(decode([bytesOf("data: a\r\n\r\n")], { end: false })).toEqual([["a", ""]]);
});

test("bytes that are no UTF-8 become replacement characters, and a code point cut by the end does too", () => {
  expect(decode([Uint8Array.of(...bytesOf("data: a"), 0xff, 0xc3), bytesOf("\n\n")])).toEqual([["a\uFFFD\uFFFD", ""]]);
  expect(decode([bytesOf("data: 𝄞").subarray(0, -1)])).toEqual([["\uFFFD", ""]]);
});

test("what encodeEvent writes is what the decoder reads", () => {
  expect(decode([bytesOf(encodeEvent("a\nb", "x") + encodeEvent("c"))])).toEqual([
    ["a\nb", "x"],
    ["c", ""],
  ]);
});

describe("an event", () => {
  const piece = bytesOf("x".repeat(64 * 1024));

  function* line(start: string, units: number, end: string): Generator<Uint8Array> {
    yield bytesOf(start);
    for (let left = units; left > 0; left -= piece.length) yield piece.subarray(0, left);
    yield bytesOf(end);
  }

  test("of the limit is delivered, and one unit more is oversize, in one line as in two", () => {
    const [whole, ...rest] = decode([...line("data:", EVENT_LIMIT, "\n\n"), bytesOf("data: b\n\n")]);
    expect([whole?.[0]?.length, rest]).toEqual([EVENT_LIMIT, [["b", ""]]]);
    expect(decode([...line("data:", EVENT_LIMIT + 1, "\n\n"), bytesOf("data: b\n\n")])).toEqual(["oversize"]);
    const half = EVENT_LIMIT / 2;
    expect(decode([...line("data:", half, "\n"), ...line("data:", half, "\n\n")])).toEqual(["oversize"]);
  });

  test("whose line never ends is oversize before it is all held", () => {
    let pushed = 0;
    let oversizeAt = 0;
    const decoder = createSseDecoder({ onEvent: () => {}, onOversize: () => (oversizeAt = pushed) });
    decoder.push(bytesOf("data:"));
    for (; pushed < 4 * EVENT_LIMIT; pushed += piece.length) decoder.push(piece);
    expect(oversizeAt).toBeGreaterThan(0);
    expect(oversizeAt).toBeLessThanOrEqual(EVENT_LIMIT + piece.length);
  });

  test("that follows a line without a field name, or a comment, of four times the limit is delivered", () => {
    for (const start of ["x", ": ", "unknown: ", "datax"])
      expect(decode([...line(start, 4 * EVENT_LIMIT, "\n"), bytesOf("data: b\n\n")])).toEqual([["b", ""]]);
  });

  test("that came whole before an oversize one in the same read is delivered", () => {
    expect(decode([Buffer.concat([bytesOf("data: a\n\n"), ...line("data:", EVENT_LIMIT + 1, "\n\n")])])).toEqual([
      ["a", ""],
      "oversize",
    ]);
  });
});

describe("the lines that --debug shows", () => {
  function linesOf(pieces: readonly Uint8Array[]): [string, number][] {
    const lines: [string, number][] = [];
    const splitter = createLineSplitter((line, offset) => lines.push([line, offset]));
    for (const piece of pieces) splitter.push(piece);
    splitter.end();
    return lines;
  }

  test("and their byte offsets are the same at every split", () => {
    const bytes = bytesOf("data: é\r\n\r\n: 𝄞\rid\n\nlast");
    const lines: [string, number][] = [
      ["data: é", 0],
      ["", 10],
      [": 𝄞", 12],
      ["id", 19],
      ["", 22],
      ["last", 23],
    ];
    for (const pieces of cuts(bytes)) {
      const got = linesOf(pieces);
      if (!Bun.deepEquals(got, lines)) expect({ pieces, got }).toEqual({ pieces, got: lines });
    }
  });

  test("are cut at a bound, and the next line keeps its true offset", () => {
    const [first, second] = linesOf([bytesOf(`${"é".repeat(1024 * 1024)}\ndata: b`)]);
    expect(first?.[0].length).toBeLessThanOrEqual(128 * 1024);
    expect(second).toEqual(["data: b", 2 * 1024 * 1024 + 1]);
  });
});

test("lines that are no fields are told in their order, wherever the reads cut them", () => {
  const body =
    'data: a\n\ndog\ndog\nevent\n: x\nerror: {"a":1}\r\nid: 1\rdatabase\r{\n  "é": 1\n}\n\ndata: b\n\nretry\nlast';
  const wanted = ["a", "dog", "dog", 'error: {"a":1}', "database", "{", '  "é": 1', "}", "b", "last"];
  for (const pieces of cuts(bytesOf(body))) {
    const told: string[] = [];
    const decoder = createSseDecoder({
      onEvent: (data) => told.push(data),
      onLine: (line) => told.push(line),
      onOversize: () => told.push("oversize"),
    });
    for (const piece of pieces) decoder.push(piece);
    decoder.end();
    expect(told).toEqual(wanted);
  }
});

test("of a line that is no field so much is told as is kept", () => {
  const told: string[] = [];
  const decoder = createSseDecoder({ onEvent: () => {}, onLine: (line) => told.push(line), onOversize: () => {} });
  for (let at = 0; at < 3000; at++) decoder.push(bytesOf("words "));
  expect(decoder.unfinished()).toHaveLength(4096);
  decoder.push(bytesOf("\n"));
  decoder.push(bytesOf(`${"words ".repeat(3000)}\n`));
  expect(told.map((line) => line.length)).toEqual([4096, 4096]);
});

describe("many lines that are no field", () => {
  const STRANGE = "garbage\n".repeat(2001);

  test("between events, and inside of one, change none of them, whatever the line ends and the cuts", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const body = [
        "data: a",
        "x",
        "data",
        "y",
        "data: b",
        "",
        "z",
        "event: e",
        "w",
        "data:c",
        "",
        "v",
        "id",
        ": u",
        "data: d",
        "",
      ];
      const text = [...body, ""].join(end);
      const expected: Event[] = [
        ["a\n\nb", ""],
        ["c", "e"],
        ["d", ""],
      ];
      const bytes = bytesOf(text);
      for (let at = 0; at <= bytes.length; at += 4)
        expect(decode([bytesOf(STRANGE), bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
    }
  });

  test("leave an error field where it stands, one without words apart", () => {
    const lines: string[] = [];
    const decoder = createSseDecoder({
      onEvent: () => undefined,
      onLine: (line) => lines.push(line),
      onOversize: () => undefined,
    });
    decoder.push(bytesOf(STRANGE));
    const before = lines.length;
    decoder.push(bytesOf('data: a\n\nerror:\nerror: null\nx\nerror: {"code":400}\nerrors\ndata: b\n\n'));
    expect(lines.slice(before)).toEqual(['error: {"code":400}']);
  });

  test("cost no more than other lines do", () => {
    const megabyte = bytesOf("x\n".repeat(512 * 1024));
    expect(decode(Array.from({ length: 8 }, () => megabyte))).toEqual([]);
  });
});
