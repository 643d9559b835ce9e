import { expect } from "bun:test";
import fc from "fast-check";
import { loadSettings } from "../../src/config/load.ts";
import { secretsOf } from "../../src/config/secrets.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import { createMask, mask, maskHead } from "../../src/stream/mask.ts";
import { createEngine } from "../../src/stream/stream.ts";
import { requestTo } from "../worker/request.ts";
import { cutAt, cuts, define } from "./property.ts";

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, "0");
/** How one character of a secret may be written; those that would mean something as they are always are. */
const SPELLINGS: readonly ((character: string) => string)[] = [
  (character) => `\\u00${hex(character)}`,
  (character) => `\\x${hex(character).toUpperCase()}`,
  (character) => `\\u{${hex(character)}}`,
  (character) => `&#${character.charCodeAt(0)};`,
  (character) => `&#x${hex(character)};`,
  (character) => `%${hex(character)}`,
];
const key = fc
  .string({ unit: fc.constantFrom(..."abcxyzABC0189+/=-_.~!*'()&%$#@:;,<>?[]{}|^\"\\"), minLength: 8, maxLength: 24 })
  .map((middle) => `k${middle}y`);
const level = fc.tuple(fc.nat(SPELLINGS.length - 1), fc.nat(1_000_000));
const levels = fc.array(level, { maxLength: 3 });

/** A secret in one spelling after the other: all that means something in it, and by chance some of the rest. */
function speltIn(secret: string, steps: readonly (readonly [number, number])[]): string {
  let text = secret;
  for (const [which, chance] of steps) {
    const spell = SPELLINGS[which] ?? hex;
    text = [...text].map((c, at) => (/[\\&%"]/.test(c) || (chance >> (at % 20)) % 4 === 0 ? spell(c) : c)).join("");
  }
  return text;
}

async function secretsFor(secret: string): Promise<string[]> {
  const env = { LLMAAS_API_KEY: secret };
  const readFile = () => Promise.reject(Object.assign(new Error(""), { code: "ENOENT" }));
  return secretsOf(await loadSettings({ env, cwd: "/project", readFile }), env);
}

export const maskProperty = define(
  "mask",
  "a key is masked in whatever spelling, and what stands around it is left; a text that was cut shows no beginning of it",
  1500,
  fc.asyncProperty(
    key,
    levels,
    fc.string({ maxLength: 5 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    async (secret, steps, before, cut) => {
      const secrets = await secretsFor(secret);
      const spelt = speltIn(secret, steps);
      expect(mask(`before ${spelt} after`, secrets)).toBe("before ••• after");
      for (const coded of [
        btoa(secret),
        Buffer.from(secret).toString("hex"),
        btoa(`user:${secret}`),
        Buffer.from(secret).toString("base64url"),
        btoa(`${"x".repeat(before.length)}${secret}!`),
      ]) {
        const shown = mask(`before ${coded} after`, secrets);
        // Of three bytes at either end the half may be left.
        expect(shown).toMatch(/^before [\w+/=-]*•••[\w+/=-]* after$/);
        expect(
          Buffer.from(shown.slice(7).split("•••")[0] ?? "", "base64")
            .toString("latin1")
            .includes(secret.slice(0, 4)),
        ).toBe(false);
      }
      const end = Math.round(cut * spelt.length);
      const rest = maskHead(`before ${spelt.slice(0, end)}`, createMask(secrets)).slice("before ".length);
      // At most the beginning of an escape, which says nothing yet.
      expect(mask(rest, [secret.slice(0, 1)])).toBe(rest);
    },
  ),
);

/** Where a server may repeat a key that was sent to it; `%` stands for it, as it may stand in JSON. */
const ECHOES = [
  'data: {"error":{"message":"%","code":"%","type":"%"}}\n\n',
  'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"%"}]}\n\n',
  'data: {"id":"%","model":"%","backend":"%","choices":[{"delta":{"content":"x"}}]}\n\n',
  'data: {"choices":[{"delta":{"content":"x"}}],"error":"%"}\n\n',
  "data: %\n\n",
  "data: {%\n\n",
  ": %\n\n",
  "event: %\ndata: {}\n\n",
  "event: error\ndata: %\n\n",
  "id: %\n%\n\n",
  '{"error":{"message":"%"}}',
  '{"detail":[{"msg":"%","loc":["%"]}]}',
  "<html><title>%</title><body>%",
  "%",
  'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":"%"},"%":1}\n\n',
] as const;
const echo = fc.tuple(fc.constantFrom(...ECHOES), levels);
const answer = fc.record({
  status: fc.constantFrom(200, 200, 200, 400, 401, 404, 429, 500, 302),
  type: fc.constantFrom("text/event-stream", "application/json", "text/html", "text/plain", "echo"),
  echoes: fc.array(echo, { minLength: 1, maxLength: 3 }),
  until: fc.constantFrom(1, 1, 0.9, 0.5),
  reset: fc.boolean(),
});

type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;

/** All that the engine tells of an answer, but for the model's own words. */
async function told(
  secret: string,
  { status, type, echoes, until, reset }: Answer,
  shares: readonly number[],
): Promise<string> {
  const body = Buffer.from(echoes.map(([text, steps]) => text.replaceAll("%", () => speltIn(secret, steps))).join(""));
  const pieces = cutAt(new Uint8Array(body.subarray(0, Math.ceil(until * body.length))), shares);
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const piece of pieces) {
        if (piece.length > 0) controller.enqueue(piece);
        await Promise.resolve();
      }
      if (reset) controller.error(Object.assign(new TypeError("closed"), { code: "ECONNRESET" }));
      else controller.close();
    },
  });
  const headers = {
    "content-type": type === "echo" ? encodeURIComponent(secret) : type,
    "x-request-id": encodeURIComponent(secret),
    location: `/${encodeURIComponent(secret)}`,
  };
  const engine = createEngine({ fetch: async () => new Response(stream, { status, headers }), now: () => 1 });
  const events: StreamEvent[] = [];
  const request = requestTo("http://127.0.0.1:9/v1", { secrets: await secretsFor(secret), observe: true });
  await engine.start(request, (event) => void events.push(event)).done;
  expect(events.at(-1)?.type).toBe("ended");
  return JSON.stringify(events.filter(({ type }) => type !== "delta"));
}

export const echoProperty = define(
  "echoes",
  "whatever a server repeats of a key, wherever and however split, no event shows it but the model's own words",
  400,
  fc.asyncProperty(key, answer, cuts, async (secret, given, shares) => {
    const text = await told(secret, given, shares);
    // Once as JSON, and then as each of the spellings reads.
    if (mask(text, [secret]) !== text) throw new Error(`shown: ${mask(text, [secret])}\nin: ${text}`);
  }),
);
