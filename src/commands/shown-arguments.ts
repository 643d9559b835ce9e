import { redactUrl } from "../wire/endpoint.ts";
import { mask, MASK } from "../stream/mask.ts";
import type { Context } from "./context.ts";

/** The command line as a report may show it: of headers the name, of an endpoint the place, and no secret in the rest. */
export function shownArguments({ argv, args }: Pick<Context, "argv" | "args">, secrets: readonly string[]): string[] {
  const endpoint = args.one("endpoint");
  const shown = new Map([
    ...args.all("header").map((header) => [header, header.replace(/:.*/s, `: ${MASK}`)] as const),
    ...(endpoint === undefined ? [] : [[endpoint, redactUrl(endpoint)] as const]),
  ]);
  return argv.map((argument) => {
    // Short values are no secrets in other texts, and so not masked there: here they are known for what they are.
    const value = shown
      .keys()
      .find((value) => argument === value || (argument.startsWith("-") && argument.endsWith(value)));
    const known = value === undefined ? argument : argument.slice(0, argument.length - value.length) + shown.get(value);
    return mask(known, secrets);
  });
}
