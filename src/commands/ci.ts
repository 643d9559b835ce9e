import { load, type Messages } from "../i18n/load.ts";
import { openForm, type Measured } from "../report/forms.ts";
import { visible } from "../text/visible.ts";
import type { Context } from "./context.ts";
import { codeOf } from "./output-file.ts";

/** GitHub shows so many of a kind for each step. */
const MOST = 10;
/** Most bytes of what one step may say. */
const MOST_SUMMARY = 1024 * 1024;

/** What stands beside the job; `title` in a few words. */
type Annotation = { title: string; text: string };

type Ci = { annotate(failures: readonly Annotation[]): Promise<void>; summarize(markdown: string): Promise<void> };

/** GitHub Actions, where the job runs in it and `--ci` was given; else `null`, and a word on why. */
export async function openCi({ args, env, err }: Context, { lang }: Messages): Promise<Ci | null> {
  if (!args.has("ci")) return null;
  const { ci: words } = await load(lang, "forms");
  if (env["GITHUB_ACTIONS"] !== "true") {
    await err.warn(words.elsewhere);
    return null;
  }
  return {
    async annotate(failures) {
      const shown = failures.length <= MOST ? failures : failures.slice(0, MOST - 1);
      const left = failures.length - shown.length;
      const lines = shown.map(({ title, text }) => `::error title=${property(title)}::${data(text)}\n`);
      if (left > 0) lines.push(`::error title=${property(words.more(left))}::${data(words.more(left))}\n`);
      for (const line of lines) await err.instruct(line);
    },
    async summarize(markdown) {
      const path = env["GITHUB_STEP_SUMMARY"];
      if (path === undefined || path === "") return;
      const why = append(path, `${markdown}\n`);
      if (why !== null) await err.warn(words.noSummary(path, why));
    },
  };
}

/** What tells CI of a measured load once it is over. */
export async function openBenchCi(
  context: Context,
  messages: Messages,
): Promise<((measured: Measured) => Promise<void>) | null> {
  const ci = await openCi(context, messages);
  if (ci === null) return null;
  const [{ failuresOf }, forms, compare, words, markdown] = await Promise.all([
    import("../report/junit.ts"),
    load(messages.lang, "forms"),
    load(messages.lang, "compare"),
    load(messages.lang, "report"),
    openForm("markdown", messages.lang),
  ]);
  return async (measured) => {
    await ci.annotate(failuresOf({ ...measured, forms, compare, words }));
    await ci.summarize(markdown(measured));
  };
}

/** Why it could not be appended; `null` where it was. */
function append(path: string, text: string): string | null {
  const { appendFileSync, statSync }: typeof import("node:fs") = require("node:fs");
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size + Buffer.byteLength(text) > MOST_SUMMARY) return "EFBIG";
    appendFileSync(path, text);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

/** What a workflow command would read as its own end. */
function data(text: string): string {
  return visible(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
