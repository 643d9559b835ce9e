import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { configJsonSchema, exampleConfig } from "../../src/config/schema.ts";
import { isObject } from "../../src/config/kinds.ts";
import { fields, rows } from "../../src/config/settings.ts";

const root = join(import.meta.dir, "../..");

describe("the JSON Schema", () => {
  test("in schema/ is the one the table gives", async () => {
    expect(await Bun.file(join(root, "schema/config.schema.json")).text()).toBe(configJsonSchema());
  });

  test("has every key of the table, described, with its default, and no other", () => {
    const schema: unknown = JSON.parse(configJsonSchema());
    for (const field of fields) {
      const property = rows[field].key.split(".").reduce((node, part) => at(at(node, "properties"), part), schema);
      expect(property).toMatchObject({ description: rows[field].about });
      expect(property).toHaveProperty("default");
    }
    expect(schema).toMatchObject({ additionalProperties: false });
    expect(at(at(schema, "properties"), "api")).toMatchObject({ additionalProperties: false });
  });
});

test("config.example.json is the one the table gives", async () => {
  const example = await Bun.file(join(root, "config.example.json")).text();
  expect(example).toBe(exampleConfig("./schema/config.schema.json"));
});

function at(node: unknown, key: string): unknown {
  return isObject(node) ? node[key] : undefined;
}
