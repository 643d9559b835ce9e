import { isObject, LLMAAS_PRICES } from "./kinds.ts";
import { type Field, fields, rows } from "./settings.ts";

/** The token of a file that nobody has filled in yet. */
export const PLACEHOLDER_TOKEN = "VOTRE_TOKEN_API";

/** The file `config init` writes beside the configuration. */
export const SCHEMA_FILE = "config.schema.json";

const COVERED: ReadonlySet<Field> = new Set(["timeoutOpen", "timeoutFirstToken", "timeoutIdle"]);
const EXAMPLES: Partial<Record<Field, unknown>> = { token: PLACEHOLDER_TOKEN, timeout: 30, prices: LLMAAS_PRICES };

type Json = Record<string, unknown>;

/** JSON Schema (draft 2020-12) of the configuration file, as text. */
export function configJsonSchema(): string {
  const properties: Json = { $schema: { type: "string" } };
  const sections = new Map<string, Json>();
  for (const field of fields) {
    const [name = "", key] = rows[field].key.split(".");
    if (key === undefined) properties[name] = propertyOf(field);
    else sections.set(name, { ...sections.get(name), [key]: propertyOf(field) });
  }
  for (const [name, inside] of sections) {
    properties[name] = { type: "object", properties: inside, additionalProperties: false };
  }
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "llmaas configuration",
    type: "object",
    properties,
    additionalProperties: false,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** A configuration file to start from: every key but those `timeout` stands for, with its default. */
export function exampleConfig(schemaPath: string): string {
  const content: Json = { $schema: schemaPath };
  for (const field of fields) {
    if (COVERED.has(field)) continue;
    const [name = "", key] = rows[field].key.split(".");
    const value = EXAMPLES[field] ?? fileDefault(field);
    if (key === undefined) content[name] = value;
    else content[name] = { ...asObject(content[name]), [key]: value };
  }
  return `${JSON.stringify(content, null, 2)}\n`;
}

function propertyOf(field: Field): Json {
  const { kind, about, default: byDefault } = rows[field];
  const json = kind.json();
  const shape = byDefault === null && !Array.isArray(json["type"]) ? { anyOf: [json, { type: "null" }] } : json;
  return { description: about, ...shape, default: fileDefault(field) };
}

function fileDefault(field: Field): unknown {
  const { kind, default: byDefault } = rows[field];
  return kind.toFile ? kind.toFile(byDefault) : byDefault;
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}
