import { join } from "node:path";
import { type ConversionConfig, toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { load, runReport, step } from "../../src/metrics/report.ts";
import { block, distribution, histogram, result } from "../../src/metrics/result-report.ts";

/** Where the JSON Schema of the report is kept; `bun test/report/json-schema.ts` writes it. */
export const SCHEMA_PATH = join(import.meta.dir, "../../schema/report.schema.json");

const definitions = { step, load, column: result, distribution, block, histogram };

const config: ConversionConfig = {
  target: "draft-2020-12",
  definitions,
  // JSON writes no infinity, and no pattern says which of the instants that look right exist.
  ignoreActions: ["finite", "check"],
  // A definition that was given words of its own stays a reference beside them.
  overrideSchema: ({ valibotSchema, jsonSchema }) => {
    const name = nameOf(valibotSchema);
    return name === null ? jsonSchema : { $ref: `#/$defs/${name}` };
  },
};

/** JSON Schema (draft 2020-12) of the JSON report, as text. */
export function reportJsonSchema(): string {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "llmaas bench report",
    ...convert(runReport),
    $defs: Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, convert(schema)])),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** The copy is what keeps a definition from being a reference to itself. */
function convert(schema: GenericSchema) {
  const { $schema: _, $defs: __, ...converted } = toJsonSchema({ ...schema }, config);
  return converted;
}

function nameOf(schema: object): string | null {
  return Object.entries(definitions).find(([, known]) => known === schema)?.[0] ?? null;
}

if (import.meta.main) await Bun.write(SCHEMA_PATH, reportJsonSchema());
