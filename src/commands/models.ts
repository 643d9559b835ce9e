import { isSameModel, nearestModel } from "../config/nearest.ts";
import { UserError } from "../config/user-error.ts";
import type { Messages } from "../i18n/load.ts";
import { oneLine, sayFailure } from "../i18n/say.ts";
import { toError } from "../metrics/record.ts";
import type { Failure } from "../stream/event.ts";
import { maskNull } from "../stream/mask.ts";
import { listModels } from "../stream/models.ts";
import { linesOf } from "../text/row.ts";
import { table, withoutEmpty } from "../text/table.ts";
import { visible, visibleJson } from "../text/visible.ts";
import type { Model } from "../wire/models.ts";
import type { Context, Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { connecting, everywhere, hidden, output, waiting } from "./options.ts";
import { openTarget, readSettings, type Target } from "./target.ts";

type RecommendedId = keyof Messages["models"]["use"];

type Recommended = { id: RecommendedId; size: string; speed: number };

/** The four models the demonstration recommends: size and published speed in tokens/s. */
const RECOMMENDED: readonly Recommended[] = [
  { id: "granite3.3:2b", size: "2B", speed: 45 },
  { id: "gemma3:4b", size: "4B", speed: 58 },
  { id: "qwen3:8b", size: "8B", speed: 29 },
  { id: "cogito:3b", size: "3B", speed: 63 },
];

/** Ms that a list may take where nobody said: no model has to think about it. */
const LIST_PATIENCE = 30_000;

/** `llmaas models [NAME]`: what the endpoint offers; the recommended four where it cannot be asked. */
export const models: Verb = {
  meta: { name: "models" },
  args: {
    ...connecting,
    timeout: waiting.timeout,
    "timeout-open": waiting["timeout-open"],
    json: output.json,
    ...everywhere,
    "demo-if-unconfigured": hidden["demo-if-unconfigured"],
  },
  async run(context) {
    const [name, extra] = context.args.positionals;
    if (extra !== undefined) throw new UserError({ code: "unexpected_argument", argument: extra, verb: "models" });
    const loaded = await readSettings(context);
    const target = await openTarget(context, loaded, "list");
    try {
      if (target.demo === "unconfigured") {
        await showRecommended(context, target, null, pick(RECOMMENDED, name));
        return EXIT.ok;
      }
      const { endpoint, api, timeoutOpen } = target.settings;
      const timeout = loaded.origins.timeoutOpen.kind === "default" ? LIST_PATIENCE : timeoutOpen;
      const request = { ...target, endpoint, api, timeout };
      const { models: found, failure } = await listModels((url, init) => fetch(url, init), request);
      return failure === null
        ? await showFound(context, target, pick(found, name))
        : await showFailure(context, target, failure, name);
    } finally {
      await target.close();
    }
  },
};

/** All models, or the one that was named; the nearest name is suggested when there is none. */
function pick<M extends { id: string }>(found: readonly M[], name: string | undefined): readonly M[] {
  if (name === undefined) return found;
  const exact = found.filter((model) => model.id === name);
  const named = exact.length > 0 ? exact : found.filter((model) => isSameModel(model.id, name));
  if (named.length > 0) return named;
  throw new UserError({
    code: "unknown_model",
    model: name,
    nearest: nearestModel(
      name,
      found.map((model) => model.id),
    ),
  });
}

async function showFound(
  context: Context,
  { endpoint, settings: { api }, demo, messages, mask, about }: Target,
  found: readonly Model[],
): Promise<number> {
  // What LLMaaS publishes of its models is true of nobody else's.
  const own = about.llmaas ? RECOMMENDED : [];
  const known = new Map<string, (typeof RECOMMENDED)[number]>(own.map((model) => [model.id, model]));
  const { columns: heads, use } = messages.models;
  if (found.length === 0) await context.err.warn(messages.models.none(endpoint));
  if (context.args.has("json")) {
    const list = found.map(({ id, ownedBy, contextLength }) => ({
      id: mask(id),
      owned_by: maskNull(ownedBy, mask),
      context_length: contextLength,
    }));
    await write(context, { endpoint, api, demo: demo !== null, source: "endpoint", models: list, error: null });
    return EXIT.ok;
  }
  const rows = found.map(({ id, ownedBy, contextLength }) => {
    const model = known.get(id);
    const context = contextLength === null ? "" : messages.count(contextLength);
    return [
      mask(id),
      mask(ownedBy ?? ""),
      context,
      model?.size ?? "",
      model ? messages.models.speed(model.speed) : "",
      model ? use[model.id] : "",
    ];
  });
  if (rows.length === 0) return EXIT.ok;
  const text = tableOf([[heads.model, heads.owner, heads.context, heads.size, heads.speed, heads.use], ...rows]);
  await context.out.write(context.out.terminal ? visible(text) : text);
  return EXIT.ok;
}

/** Of LLMaaS it is known what it recommends; what another endpoint has, nobody knows while it does not say. */
async function showFailure(
  context: Context,
  target: Target,
  failure: Failure,
  name: string | undefined,
): Promise<number> {
  const about = { ...target.about, list: true };
  await context.err.complain(oneLine(sayFailure(target.messages, failure, about)));
  const shown = RECOMMENDED.filter(({ id }) => name === undefined || id === name);
  if (about.llmaas && shown.length > 0) await showRecommended(context, target, failure, shown);
  return EXIT.failed;
}

async function showRecommended(
  context: Context,
  { messages, about, endpoint, settings: { api }, demo }: Target,
  failure: Failure | null,
  shown: readonly Recommended[],
): Promise<void> {
  const { columns: heads, use, unreachable, unconfigured } = messages.models;
  if (context.args.has("json")) {
    const list = shown.map(({ id, size, speed: published }) => ({
      id,
      size,
      published_tokens_per_second: published,
      use: use[id],
    }));
    const error = failure && toError(failure, (failed) => oneLine(sayFailure(messages, failed, about)));
    const asked = demo === null ? endpoint : null;
    return write(context, { endpoint: asked, api, demo: false, source: "recommended", models: list, error });
  }
  await context.err.write(`${failure === null ? unconfigured : unreachable}\n`);
  const rows = shown.map((model) => [model.id, model.size, messages.models.speed(model.speed), use[model.id]]);
  await context.out.write(tableOf([[heads.model, heads.size, heads.speed, heads.use], ...rows]));
}

async function write({ out }: Context, value: Record<string, unknown>): Promise<void> {
  await out.write(`${visibleJson({ v: 1, type: "models", ...value }, 2)}\n`);
}

/** Columns without any value are left out. */
function tableOf(rows: readonly string[][]): string {
  return linesOf(table(withoutEmpty(rows), "l", [2]));
}
