import { parseJson } from "./bounds.ts";
import { entriesOf, isFields, stringOrNull } from "./fields.ts";

/** One model as the endpoint lists it; only `id` can be relied on. */
export type Model = { id: string; ownedBy: string | null; contextLength: number | null };

/** The models of an answer to `GET /models`, which is the same in every API; `null` when it is no list. */
export function parseModels(body: string): Model[] | null {
  const value = parseJson(body);
  const list = isFields(value) ? value["data"] : value;
  // Some servers have no list where they have no model.
  const data = list === null && isFields(value) && value["object"] === "list" ? [] : list;
  const entries = Array.isArray(data) ? data : isFields(value) ? entriesOf(data) : null;
  if (entries === null) return null;
  return entries.filter(isFields).flatMap(({ id, owned_by, max_model_len: length }) => {
    const contextLength = typeof length === "number" ? length : null;
    return typeof id === "string" ? [{ id, ownedBy: stringOrNull(owned_by), contextLength }] : [];
  });
}
