import { afterAll, expect, test } from "bun:test";
import type { FaultName } from "../../src/simulator/faults.ts";
import { bodyOf, DONE, events, four, one, role, startSpoken, stop, three, two } from "./spoken.ts";

const simulator = startSpoken();
afterAll(() => simulator.stop());

const all = [role, one, two, three, four, stop, DONE];

function says(fault: FaultName, sentence: string, expected: string): void {
  test(`${fault}: ${sentence}`, async () => {
    expect(await bodyOf(simulator, { fault })).toBe(expected);
  });
}

says("crlf", "every line ends with CR LF", all.map((data) => `data: ${data}\r\n\r\n`).join(""));
says("cr", "every line ends with CR", all.map((data) => `data: ${data}\r\r`).join(""));
says(
  "mixed-newlines",
  "line ends take turns, also inside one event",
  [
    `data: ${role}\n\n`,
    `data: ${one}\r\n\r\n`,
    `data: ${two}\r\r`,
    `data: ${three}\r\n\n`,
    `data: ${four}\n\r`,
    `data: ${stop}\n\n`,
    `data: ${DONE}\r\n\r\n`,
  ].join(""),
);
says("bom", "a byte order mark comes first", `\ufeff${events(...all)}`);
says("no-space", "data: stands without a space", all.map((data) => `data:${data}\n\n`).join(""));
says(
  "multi-data-lines",
  "each event is JSON spread over three data: lines",
  all.map((data) => (data === DONE ? events(DONE) : `data: {\ndata: ${data.slice(1, -1)}\ndata: }\n\n`)).join(""),
);
says(
  "event-id-retry-lines",
  "each event has its name, its number and a retry time",
  all.map((data, i) => `event: message\nid: ${i}\nretry: 3000\ndata: ${data}\n\n`).join(""),
);
says(
  "comments",
  "comments stand between and inside events",
  all.map((data, i) => `: keep-alive ${i}\n\n:\n: inside\ndata: ${data}\n: inside\n\n`).join(""),
);
says(
  "unterminated-last-event",
  "the finish chunk is the last line, and lacks its end",
  `${events(role, one, two, three, four)}data: ${stop}`,
);
says(
  "ping-events",
  "an event without data comes before each token",
  events(role) + [one, two, three, four].map((data) => `event: ping\n\n${events(data)}`).join("") + events(stop, DONE),
);
says(
  "empty-data",
  "events with empty data come before each token",
  events(role) +
    [one, two, three, four].map((data) => `data:\n\ndata: \n\n${events(data)}`).join("") +
    events(stop, DONE),
);

test("without a fault the events are the API's own, one chunk each", async () => {
  expect(await bodyOf(simulator, {})).toBe(events(...all));
});
