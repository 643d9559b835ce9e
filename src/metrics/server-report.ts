import * as v from "valibot";
import { createTotal } from "./distribution.ts";
import type { LoadRecord } from "./load-record.ts";
import { about, count, number } from "./schema.ts";

/** The server's own account of its work beside what was measured here, as it stands in the JSON report. */

const mean = v.object({ mean: about(number, "Mean, ms."), count: count("Streams behind it.") });

function meanOf(words: string) {
  return about(v.nullable(mean), words);
}

/** As it stands in the JSON report: of streams that were asked for once, and whose first token came. */
export const server = v.object({
  queue_ms: meanOf("Wait before it began to read the prompt, by its own account; null where it does not say."),
  prefill_ms: meanOf("Reading of the prompt, by its own account; null where it does not say."),
  ttft_ms: meanOf(
    "Time to first token by its own account, else queue + prefill; null where it does not say, or leaves its queue out.",
  ),
  observed_ttft_ms: meanOf("Time to first token as measured here, of the same streams."),
  network_and_client_ms: meanOf("observed_ttft_ms − ttft_ms: what the way there and back, and this client, took."),
});

export type ServerReport = v.InferOutput<typeof server>;

/** Adds up what a server says of its own work. */
export function createServerMeans() {
  const means = { queue: createTotal(), prefill: createTotal(), ttft: createTotal() };
  const [observed, between] = [createTotal(), createTotal()];
  return {
    add({ server: told, ttft_ms: here, attempts }: Pick<LoadRecord, "server" | "ttft_ms" | "attempts">): void {
      // Of one that was asked again the waits between the attempts are nobody's work.
      if (told === null || here === null || attempts !== 1) return;
      const { queue_ms: queue, ttft_ms: whole } = told;
      const prefill = told.prefill_ms ?? (whole === null || queue === null || whole < queue ? null : whole - queue);
      const ttft = whole ?? (queue === null || prefill === null ? null : queue + prefill);
      if (queue === null && prefill === null && ttft === null) return;
      means.queue.add(queue);
      means.prefill.add(prefill);
      means.ttft.add(ttft);
      observed.add(here);
      if (ttft !== null) between.add(here - ttft);
    },
    report: (): ServerReport | null =>
      observed.mean() === null
        ? null
        : {
            queue_ms: means.queue.mean(),
            prefill_ms: means.prefill.mean(),
            ttft_ms: means.ttft.mean(),
            observed_ttft_ms: observed.mean(),
            network_and_client_ms: between.mean(),
          },
  };
}
