import type { Control } from "../src/simulator/control.ts";
import { startSimulator } from "../src/simulator/server.ts";
import { run } from "./child.ts";
import { median } from "./contest.ts";
import { plain, type Line } from "./lines.ts";
import { BINARY } from "./fixture.ts";

const ROUNDS = 5;
const ASKED = 700;

type Timer = { name: string; option: string; control: Control; from: "sent" | "delta" };

const TIMERS: readonly Timer[] = [
  { name: "open", option: "--timeout-open", control: { fault: "never-answer" }, from: "sent" },
  { name: "first_token", option: "--timeout-first-token", control: { fault: "headers-only" }, from: "sent" },
  { name: "idle", option: "--timeout-idle", control: { fault: "stall", at: 3, rate: 0 }, from: "delta" },
  { name: "total", option: "--timeout-total", control: { rate: 20, tokens: 1000 }, from: "sent" },
];

/** How exactly the four timers fire, and how exactly a server's `Retry-After` is kept; nothing here is a floor. */
export async function* showInstants(): AsyncGenerator<Line> {
  for (const timer of TIMERS) {
    const found: number[] = [];
    for (let round = 0; round < ROUNDS; round++) found.push(await fire(timer));
    yield asked(`timer ${timer.name}`, ASKED, found);
  }
  const waits: number[] = [];
  for (let round = 0; round < 3; round++) waits.push(await waited(1));
  yield asked("Retry-After, seen at the server", 1000, waits);
}

function asked(name: string, wanted: number, found: readonly number[]): Line {
  const late = found.map((value) => value - wanted);
  const range = `late by ${median(late).toFixed(1)} ms (${Math.min(...late).toFixed(1)} … ${Math.max(...late).toFixed(1)})`;
  return plain(name, `asked ${wanted} ms, measured ${median(found).toFixed(1)} ms, ${range}`);
}

/** Ms from the instant a timer counts from to the end of its stream, as the program itself stamped them. */
async function fire({ option, control, from }: Timer): Promise<number> {
  const server = startSimulator({ control: { ttft_ms: 0, ...control } });
  const command = [BINARY, "stream", "--endpoint", server.url, option, `${ASKED}ms`, "--json", "two words"];
  try {
    const { text } = await run(command, { cwd: import.meta.dir, keep: true, codes: [4] });
    const events = text.trim().split("\n").map(readEvent);
    const instant = (type: string): number => events.findLast((event) => event.type === type)?.at ?? Number.NaN;
    return instant("ended") - instant(from);
  } finally {
    await server.stop();
  }
}

/** Ms between the end of a refusal that asked for a wait of `seconds` and the next request, as the server saw them. */
async function waited(seconds: number): Promise<number> {
  const server = startSimulator({
    control: { fault: "status", status: 429, times: 1, retry_after: seconds, rate: 0, ttft_ms: 0 },
  });
  try {
    await run([BINARY, "stream", "--endpoint", server.url, "two words"], { cwd: import.meta.dir });
    const [first, second] = server.requests();
    return (second?.at ?? Number.NaN) - (first?.endedAt ?? Number.NaN);
  } finally {
    await server.stop();
  }
}

function readEvent(line: string): { type: string; at: number } {
  const event: unknown = JSON.parse(line);
  if (typeof event !== "object" || event === null) throw new TypeError("not an event");
  const type = "type" in event && typeof event.type === "string" ? event.type : "";
  return { type, at: "at" in event && typeof event.at === "number" ? event.at : Number.NaN };
}
