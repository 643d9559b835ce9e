import { describe, expect, test } from "bun:test";
import { Ajv2020 } from "ajv/dist/2020";
import { isObject } from "../../src/config/kinds.ts";
import { DISTRIBUTIONS } from "../../src/metrics/figures.ts";
import { toJson } from "../../src/report/json.ts";
import { reportJsonSchema, SCHEMA_PATH } from "./json-schema.ts";
import { at, pathsIn, withAt } from "./paths.ts";
import { MODELS, playRun, sweep, type Wish } from "../fixtures/report.ts";

const schema: unknown = await Bun.file(SCHEMA_PATH).json();
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { "date-time": isInstant } });
const validate = ajv.compile(isObject(schema) ? schema : {});

function isInstant(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}

/** Where ajv finds it wrong, as JSON Pointers; empty where it does not. */
function errorsOf(content: unknown): string[] {
  return validate(content) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

const small = playRun({ streams: 4, failed: 0.3, seed: 3 }).report;

describe("schema/report.schema.json", () => {
  test("is the one that src/metrics/report.ts gives: bun test/report/json-schema.ts", async () => {
    expect(await Bun.file(SCHEMA_PATH).text()).toBe(reportJsonSchema());
  });

  test("is of draft 2020-12 and describes every key", () => {
    expect(at(schema, "$schema")).toBe("https://json-schema.org/draft/2020-12/schema");
    const bare = pathsIn(schema).filter((path) => {
      const node = path.split(".").reduce(at, schema);
      const isKey = path.split(".").at(-2) === "properties" && isObject(node);
      return isKey && !("description" in node) && node["$ref"] !== "#/$defs/histogram";
    });
    expect(bare).toEqual([]);
  });

  test("gives each distribution its definition", () => {
    const properties = ["$defs", "column", "properties", "distributions", "properties"].reduce(at, schema);
    for (const name of DISTRIBUTIONS) {
      expect(at(properties, name)).toMatchObject({ $ref: "#/$defs/distribution", description: expect.any(String) });
    }
  });

  const cases: Record<string, Wish> = {
    "of one model": {},
    "of a sweep over models with failures": {
      models: MODELS.slice(0, 3),
      loads: sweep(2),
      failed: 0.2,
      unfinished: 0.1,
    },
    "of an open loop": { loads: [{ kind: "arrival", rate: 5, arrival: "poisson", max_in_flight: 64 }] },
    "without a stream": { streams: 0, slo: [] },
    "of a run that was ended": { partial: "output", demo: true, limited: true },
  };

  for (const [name, options] of Object.entries(cases)) {
    test(`accepts the report ${name}`, () => {
      expect(errorsOf(JSON.parse(toJson(playRun(options).report)))).toEqual([]);
    });
  }

  test("accepts more keys", () => {
    expect(errorsOf({ ...small, later: 1 })).toEqual([]);
  });

  test("refuses a report without any one of its keys, but for counts of what did not happen and what earlier ones lack", () => {
    for (const path of pathsIn(small)) {
      if (/(^|\.)\d+$/.test(path)) continue;
      const optional =
        /\.(verdicts|notices)\.\w+$|\.(in_lumps|lumped|lump_wait_ms|other_models|lengths|cached_out_of|server|client_judged|longest_hold_ms|p1|p5|needed)$/.test(
          path,
        );
      expect([path, errorsOf(withAt(small, path, undefined)).length === 0]).toEqual([path, optional]);
    }
  });

  test("refuses a value of another type anywhere", () => {
    for (const path of pathsIn(small)) {
      const wrong = typeof path.split(".").reduce<unknown>(at, small) === "boolean" ? "true" : true;
      expect([path, errorsOf(withAt(small, path, wrong)).length > 0]).toEqual([path, true]);
    }
  });
});
