import type { Plan, Stage, Step } from "./script.ts";
import { STAMP } from "./stamp.ts";

/** Bytes of one write when nothing is paced: about what one read of a client brings. */
const BLOCK = 256 * 1024;

/** Whether events of this plan may share a write: nothing is paced, and they do not differ but by their text. */
export function mayBurst(plan: Plan): boolean {
  return plan.rate === 0 && !plan.stamp && plan.usage !== "every" && plan.usage !== "null";
}

/**
 * Token events from `from` to the end in blocks of many events. A repeating text is encoded once and the same
 * bytes are written again and again: no other way keeps a client of a million tokens per second waiting.
 */
export function* burst(stage: Stage, from: number, period: number): Generator<Step> {
  const { count } = stage.speech;
  const events = period * Math.ceil(BLOCK / (period * partOf(stage, from).length));
  let e = from;
  if (count - from >= 2 * events) {
    const block = Buffer.from(partsOf(stage, from, from + events));
    for (; count - e >= events; e += events) yield { ...stage.raw(block), token: e };
  }
  const share = Math.ceil(BLOCK / partOf(stage, from).length);
  for (; e < count; e += share) {
    yield { ...stage.raw(partsOf(stage, e, Math.min(e + share, count))), token: e };
  }
}

/**
 * Events encoded together: with 1000 streams in turn, 2.7 µs an event instead of 5.6 (Bun 1.4.5). The first are few: streams
 * that begin together would make each other late by a quarter of a ms each.
 */
const RUN = { first: 2, most: 64 } as const;

/** Token events from `from` to the end, each its own step at its own time. */
export function* paced(stage: Stage, from: number): Generator<Step> {
  const { count, due } = stage.speech;
  const place = stage.plan.stamp ? { stamp: partOf(stage, from).indexOf(STAMP) } : {};
  let size: number = RUN.first;
  for (let start = from; start < count; start += size, size = Math.min(RUN.most, 2 * size)) {
    const parts: string[] = [];
    for (let e = start; e < Math.min(start + size, count); e++) parts.push(partOf(stage, e));
    const run = Buffer.from(parts.join(""));
    const { buffer, byteOffset } = run;
    const ascii = run.length === parts.reduce((sum, part) => sum + part.length, 0);
    let offset = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] ?? "";
      const length = ascii ? part.length : Buffer.byteLength(part);
      const data = new Uint8Array(buffer, byteOffset + offset, length);
      yield { due: due(start + i), data, token: start + i, ...place };
      offset += length;
    }
  }
}

function partsOf(stage: Stage, from: number, to: number): string {
  let parts = "";
  for (let e = from; e < to; e++) parts += partOf(stage, e);
  return parts;
}

/** Without content encoding, a part of a body made of text is text. */
function partOf(stage: Stage, e: number): string {
  return String(stage.body.part(stage.tokenEvent(e)));
}
