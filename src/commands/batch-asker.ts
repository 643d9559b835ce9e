import type { Coordinator, createCoordinator } from "../batch/coordinator.ts";
import type { Key } from "../batch/finished.ts";
import type { BatchRequest } from "../batch/input.ts";
import type { RunNotice } from "../batch/queue/queue.ts";
import type { Service } from "../batch/queue/serve.ts";
import { plusSpent, resultOf, type Spent } from "../batch/result.ts";
import type { AnswerSchema } from "../batch/schema.ts";
import { IN_RECORD } from "../metrics/content.ts";
import type { StreamRecord } from "../metrics/record.ts";
import { createRecorder } from "../metrics/recorder.ts";
import { createCostOf } from "../metrics/tokens.ts";
import { createRelay, spacingFor } from "../run/pace.ts";
import { startRun, type Run } from "../run/run.ts";
import type { WorkerClient } from "../worker/client.ts";
import { apiOf, createFit, createJobOf, reservedFor, usedBy } from "./batch-options.ts";
import { recordingOf, type Target } from "./target.ts";

/** What the coordinator asks about requests. */
export type Asker = Pick<
  Parameters<typeof createCoordinator>[0],
  "jobOf" | "estimate" | "used" | "fit" | "onSpent" | "onAnswer" | "onRetry"
>;

/** How requests are asked, priced and judged: each as its batch wants it. `schemaOf`: what its answer must fit. */
export function createAsker(target: Target, service: Service, schemaOf: (run: string) => AnswerSchema | null): Asker {
  const { settings } = target;
  const plain = createJobOf(target, {}, null);
  const streams = new Map<number, BatchRequest>();
  const spent = new WeakMap<Key, Spent>();

  function costOf(request: BatchRequest, record: StreamRecord): number | null {
    const prices = service.runOf(request)?.prices ?? null;
    return prices === null ? null : createCostOf(prices)(record.model, record);
  }

  return {
    jobOf(request, stream) {
      streams.set(stream, request);
      const schema = schemaOf(service.runOf(request)?.name ?? "");
      return schema === null ? plain(request, stream) : createJobOf(target, {}, schema)(request, stream);
    },
    estimate: (request) =>
      service.limitsTokens() ? reservedFor(request, service.runOf(request)?.counts ?? "all", settings) : 0,
    used(record) {
      const request = streams.get(record.stream);
      streams.delete(record.stream);
      return usedBy(record, (request === undefined ? null : service.runOf(request)?.counts) ?? "all");
    },
    fit(request, record, misfits) {
      const run = service.runOf(request);
      const schema = schemaOf(run?.name ?? "");
      if (schema === null) return { fits: true };
      return createFit(schema, run?.schema?.retries ?? 0, settings.api)(request, record, misfits);
    },
    onSpent(record) {
      const request = streams.get(record.stream);
      if (request === undefined) return;
      spent.set(request.key, plusSpent(spent.get(request.key), record, costOf(request, record)));
    },
    async onAnswer(answered) {
      const { request, record } = answered;
      const prices = service.runOf(request)?.prices ?? null;
      const currency = prices?.currency ?? null;
      // The prices of the batch, be there others in the settings of this worker or none.
      const same = prices === null && record.cost === null;
      const priced = same ? answered : { ...answered, record: { ...record, cost: costOf(request, record), currency } };
      const given = service.given(request);
      const all = spent.get(request.key) ?? plusSpent(undefined, priced.record, priced.record.cost);
      spent.delete(request.key);
      const api = apiOf(request, settings.api);
      const { line, failed, why } = resultOf({ answered: priced, api, given, spent: all });
      const { prompt_tokens: prompt, tokens, cost } = all;
      const refusal = answered.refusal ?? undefined;
      await service.reply(request, { line, failed, why, prompt, tokens, cost, currency, refusal });
    },
    onRetry: () => undefined,
  };
}

/** What the answers of each batch must fit; what checks them is loaded for such a batch alone. */
export function createSchemas() {
  const known = new Map<string, { text: string; schema: AnswerSchema }>();
  return {
    of: (run: string) => known.get(run)?.schema ?? null,
    async prepare({ name, schema }: RunNotice): Promise<void> {
      if (schema === null) known.delete(name);
      else if (known.get(name)?.text !== schema.text) {
        const { createAnswerSchema } = await import("../batch/schema.ts");
        known.set(name, { text: schema.text, schema: createAnswerSchema(schema.path, schema.text) });
      }
    },
  };
}

/** Asks what a coordinator gives, with the words of the answers kept. */
export function startAsking({ jobs, watcher }: Coordinator, worker: WorkerClient, target: Target): Run {
  const { concurrency } = target.settings;
  return startRun({
    jobs,
    concurrency,
    pace: createRelay(spacingFor(concurrency)),
    failFast: false,
    worker,
    stage: (tell) => createRecorder({ ...recordingOf(target), keepText: IN_RECORD }, tell),
    watchers: [watcher],
  });
}
