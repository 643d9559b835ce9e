import type { Control } from "../../src/simulator/control.ts";
import type { Simulator } from "../../src/simulator/server.ts";

/** What is asked of the simulator, in a request whose type knows nothing of it. */
export function simulating(simulate: Control): object {
  return { simulate };
}

/** What a call of a client was refused with; `null` when it was not. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  );
}

/** Whether the server sees that its last client left before the end. */
export async function leftBy(simulator: Simulator): Promise<boolean> {
  const seen = simulator.requests().at(-1);
  const left = performance.now();
  while (seen?.endedAt === null && performance.now() - left < 5000) await Bun.sleep(1);
  return seen?.closedByClient === true && simulator.active() === 0;
}
