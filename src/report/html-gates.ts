import type { CompareWords } from "../i18n/load.ts";
import { sayLoad } from "../i18n/say.ts";
import { gateOutcome } from "../metrics/verdict.ts";
import { gateResult } from "../render/difference-words.ts";
import { foreign, heads, type Markup, markup, NOTHING, outcomeSign, type Page, table } from "./html-markup.ts";

/** Each --fail-if that the run was held to, beside its baseline; nothing without one. */
export function gatesPart({ report, words }: Page, compare: CompareWords): Markup {
  const say = words.table;
  const rows = (report.fail_if ?? [])
    .toSorted((one, other) => Number(one.passed) - Number(other.passed))
    .map((gate) => {
      const load = gate.load === null ? "" : sayLoad(words.terms, gate.load);
      const place = [load, gate.model ?? ""].filter((part) => part !== "").join(" · ");
      return markup`<tr><td>${outcomeSign(gateOutcome(gate), say.outcome[gateOutcome(gate)])}</td><th scope="row"><code>--fail-if ${foreign(gate.text, 120)}</code></th><td>${foreign(place, 200)}</td><td>${gateResult(gate, compare)}</td></tr>`;
    });
  if (rows.length === 0) return NOTHING;
  const head = heads([say.result, say.threshold, say.place, say.value], []);
  return markup`<section class="gates"><div class="part thresholds"><h3>${say.gates}</h3>${table(say.gates, head, markup`<tbody>${rows}</tbody>`)}</div></section>`;
}
