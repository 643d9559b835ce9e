import type { ApiKind } from "../stream/event.ts";
import type { BatchRequest } from "./input.ts";

/** What requests have in common that one server may refuse altogether. */
export type Kind = { api: ApiKind; model: string };

/**
 * A refusal that has nothing to do with what is asked. `of`: whom it would meet; `same`: tells it from others; `said`: in
 * which words.
 */
export type Refusal = { of: "model" | "api"; same: string; said: string };

/** Requests that are not sent any more, and why those before were refused. */
export type Tripped = Kind & { refusal: Refusal };

type Circuit<T> = { refusal: Refusal; held: T[]; tripped: boolean };

/** Refusals at the beginning that are enough. Of fewer a server with several machines may be the cause, one of which lacks something. */
export const ENOUGH = 10;
/** Kinds of requests that are watched at once: what is held of each takes memory. */
const MOST = 100;

export type Breaker<T> = ReturnType<typeof createBreaker<T>>;

/**
 * A circuit breaker: where the first requests of a kind all get the same refusal and none an answer, no more of them are
 * sent. Until that is known, the ends of those that were refused are held: they are no results if it trips.
 */
export function createBreaker<T>(kindOf: (request: BatchRequest) => Kind) {
  const circuits = new Map<string, Circuit<T>>();
  const answering = new Set<string>();
  const tripped: Tripped[] = [];
  let last: Kind | null = null;

  /** They are results like others. */
  function release(name: string): T[] {
    const held = circuits.get(name)?.held ?? [];
    circuits.delete(name);
    answering.add(name);
    return held;
  }

  return {
    /** One was answered, in whatever way: what was held of its kind. */
    answered(request: BatchRequest): readonly T[] {
      const { api, model } = kindOf(request);
      if (last !== null && last.model === model && last.api === api) return [];
      last = { api, model };
      return [...release(api), ...release(nameOf("model", last))];
    },
    /** One was refused; what is a result by now. */
    refused(request: BatchRequest, refusal: Refusal, end: T): readonly T[] {
      const kind = kindOf(request);
      const name = nameOf(refusal.of, kind);
      const circuit = circuits.get(name);
      if (answering.has(name) || (circuit === undefined && circuits.size >= MOST)) return [end];
      if (circuit === undefined) {
        circuits.set(name, { refusal, held: [end], tripped: false });
        return [];
      }
      if (circuit.tripped) return [];
      if (circuit.refusal.same !== refusal.same) return [...release(name), end];
      circuit.held.push(end);
      if (circuit.held.length < ENOUGH) return [];
      circuit.tripped = true;
      circuit.held = [];
      tripped.push({ ...kind, refusal });
      return [];
    },
    /** No more of the kind of this one is to be sent. */
    isOpen(request: BatchRequest): boolean {
      if (tripped.length === 0) return false;
      const kind = kindOf(request);
      return circuits.get(kind.api)?.tripped === true || circuits.get(nameOf("model", kind))?.tripped === true;
    },
    /** All that is held where it did not trip: no more will come. */
    releaseAll: (): readonly T[] => [...circuits].flatMap(([name, circuit]) => (circuit.tripped ? [] : release(name))),
    tripped: (): readonly Tripped[] => tripped,
  };
}

function nameOf(of: Refusal["of"], { api, model }: Kind): string {
  return of === "api" ? api : `${api} ${model}`;
}
