import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import style from "./page/page.css" with { type: "text" };
import * as alternatives from "./page/alternatives.ts" with { type: "text" };
import * as curves from "./page/curves.ts" with { type: "text" };
import * as dom from "./page/dom.ts" with { type: "text" };
import * as ink from "./page/ink.ts" with { type: "text" };
import * as marks from "./page/marks.ts" with { type: "text" };
import * as overTime from "./page/over-time.ts" with { type: "text" };
import * as plot from "./page/plot.ts" with { type: "text" };
import * as pointer from "./page/pointer.ts" with { type: "text" };
import * as series from "./page/series.ts" with { type: "text" };
import * as start from "./page/start.ts" with { type: "text" };
import * as state from "./page/state.ts" with { type: "text" };
import * as stream from "./page/stream.ts" with { type: "text" };
import * as sweep from "./page/sweep.ts" with { type: "text" };
import * as text from "./page/text.ts" with { type: "text" };
import * as waterfallDraw from "./page/waterfall-draw.ts" with { type: "text" };
import * as waterfallRows from "./page/waterfall-rows.ts" with { type: "text" };
import * as waterfallView from "./page/waterfall-view.ts" with { type: "text" };
import * as waterfallWords from "./page/waterfall-words.ts" with { type: "text" };
import * as waterfall from "./page/waterfall.ts" with { type: "text" };

/** The modules of the page, each after those it imports. */
const MODULES: Readonly<Record<string, object>> = {
  dom,
  text,
  state,
  ink,
  marks,
  alternatives,
  plot,
  curves,
  stream,
  "over-time": overTime,
  series,
  sweep,
  "waterfall-view": waterfallView,
  "waterfall-draw": waterfallDraw,
  "waterfall-words": waterfallWords,
  "waterfall-rows": waterfallRows,
  pointer,
  waterfall,
  start,
};

/** The styles of the page. */
export const STYLES: readonly string[] = [uplotStyle, style];

/**
 * The scripts of the page: uPlot, and the modules of `page/` as one. They are joined here rather than by a bundler, as a
 * compiled program has none: each becomes a function that returns what it exports.
 */
export function scripts(): readonly string[] {
  const joined = Object.entries(MODULES).map(([name, module]) => asFunction(name, sourceOf(module)));
  const code = new Bun.Transpiler({ loader: "ts", target: "browser", minifyWhitespace: true }).transformSync(
    joined.join("\n"),
  );
  return [uplot, `(()=>{"use strict";${code}})();`];
}

/** Imports and exports as the page's modules write them: named, at the beginning of a line. */
function asFunction(name: string, source: string): string {
  const exported = [...source.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, word]) => word);
  const body = source
    .replace(/^import type [^;]*;$/gm, "")
    .replace(/^import \{([^}]*)\} from "\.\/([\w-]+)\.ts";$/gm, (_, names: string, from: string) => {
      const values = names.split(",").filter((word) => !/^\s*(type |$)/.test(word));
      return `const { ${values.join(",")} } = ${variable(from)};`;
    })
    .replace(/^export /gm, "");
  return `const ${variable(name)} = (() => {\n${body}\nreturn { ${exported.join(", ")} };\n})();`;
}

function variable(name: string): string {
  return `$${name.replaceAll("-", "_")}`;
}

/** The compiler takes it for the module, which is text when it runs. */
function sourceOf(module: object): string {
  const text: unknown = "default" in module ? module.default : null;
  if (typeof text !== "string") throw new TypeError("a file of the page was not taken in as text");
  return text;
}
