import { UserError } from "../config/user-error.ts";
import type { Json } from "../wire/chat.ts";

/** What other options and the tool itself decide. */
const OURS = new Map([
  ["model", "--model"],
  ["messages", "prompt, --system, --image"],
  ["stream", "stream: true"],
]);

/** `--param key=JSON`, every occurrence. */
export function paramsOf(given: readonly string[]): Record<string, Json> {
  const params: Record<string, Json> = {};
  for (const param of given) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(param) ?? [];
    if (name === undefined || text === undefined) throw new UserError({ code: "bad_param", value: param, why: "=" });
    const ours = OURS.get(name);
    if (ours !== undefined) throw new UserError({ code: "options_conflict", options: [`--param ${name}`, ours] });
    try {
      params[name] = JSON.parse(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UserError({ code: "bad_param", value: param, why });
    }
  }
  return params;
}
