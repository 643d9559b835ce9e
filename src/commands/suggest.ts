import type { StreamRecord } from "../metrics/record.ts";
import { visible } from "../text/visible.ts";
import type { Context } from "./context.ts";
import type { Target } from "./target.ts";

/** Ms that a suggestion may take. */
const PATIENCE = 3000;

/** After a 404 on a model: says the nearest one there is, if the endpoint tells. */
export async function suggestModel({ args, err }: Context, target: Target, refused: StreamRecord): Promise<void> {
  if (args.has("quiet")) return;
  const [{ listModels }, { nearest }] = await Promise.all([
    import("../stream/models.ts"),
    import("../config/nearest.ts"),
  ]);
  const request = { ...target, endpoint: target.settings.endpoint, timeout: PATIENCE };
  const { models } = await listModels((url, init) => fetch(url, init), request);
  const names = models?.map((model) => model.id) ?? [];
  const name = nearest(refused.model, names);
  if (name !== null) await err.write(`💡 ${target.messages.hint.nearestModel(visible(name))}\n`);
}

/** Whether the endpoint does not know the model that was asked. */
export function isUnknownModel({ error }: StreamRecord): boolean {
  return error?.kind === "http" && error.status === 404;
}
