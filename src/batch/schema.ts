import { Ajv } from "ajv";
import { Ajv2019 } from "ajv/dist/2019";
import { Ajv2020 } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { nearest } from "../config/nearest.ts";
import { UserError } from "../config/user-error.ts";
import { isObject } from "../config/kinds.ts";
import type { ApiKind, ChatBody, Json } from "../stream/event.ts";
import { isJsonObject, type Asked } from "./request.ts";

/** What answers must fit: a JSON schema, and how a model is asked for such an answer. */
export type AnswerSchema = {
  /** What stands in it and checks nothing. */
  unchecked: readonly Unchecked[];
  /** The request with the schema in it, where its API has a word for that. */
  asking(asked: Asked, api: ApiKind): Asked;
  /** What is wrong with an answer; `null` where it fits. */
  problemOf(answer: string): string | null;
  /** The request again, with the answer that did not fit and what is wrong with it. */
  askingAgain(asked: Asked, api: ApiKind, answer: string, problem: string): Asked;
};

/** A word of a schema that nobody here knows; `nearest`: one that is known, and may have been meant. */
type Unchecked = { what: "keyword" | "format"; name: string; nearest: string | null };

/** What is read of a schema: all of JSON but `true` and `false`, which ask for nothing. */
type Schema = { readonly [key: string]: Json };

/** Letters of a problem that are told: of a long answer everything may be wrong. */
const LONGEST_PROBLEM = 1000;

/** Reads a JSON schema of draft-07, 2019-09 or 2020-12; a `format` is checked, which the drafts leave open. */
export function createAnswerSchema(path: string, text: string): AnswerSchema {
  const schema = parse(path, text);
  const { validate, unchecked } = compile(path, schema);
  const format = { name: "answer", schema, strict: isStrict(schema) };

  function problemOf(answer: string): string | null {
    let value: unknown;
    try {
      value = JSON.parse(answer);
    } catch (error) {
      return `it is not JSON (${error instanceof Error ? error.message : String(error)})`;
    }
    if (validate(value)) return null;
    const problems = (validate.errors ?? []).map(({ instancePath, message = "", params }) =>
      `${instancePath === "" ? "the whole" : instancePath} ${message}${detailOf(params)}`.trim(),
    );
    return problems.join("; ").slice(0, LONGEST_PROBLEM);
  }

  function asking(asked: Asked, api: ApiKind): Asked {
    if (asked.kind === "prompt") {
      if (!HAS_FORMAT.has(api) || "response_format" in asked.prompt.params) return asked;
      const params = { ...asked.prompt.params, response_format: { type: "json_schema", json_schema: format } };
      return { ...asked, prompt: { ...asked.prompt, params } };
    }
    const { body } = asked;
    if (api === "chat" && body["response_format"] === undefined)
      return { ...asked, body: { ...body, response_format: { type: "json_schema", json_schema: format } } };
    const given = body["text"];
    const said = isJsonObject(given) ? given : {};
    if (api !== "responses" || said["format"] !== undefined) return asked;
    return { ...asked, body: { ...body, text: { ...said, format: { type: "json_schema", ...format } } } };
  }

  return {
    unchecked,
    asking,
    problemOf,
    askingAgain: (asked, api, answer, problem) =>
      withMore(asked, api, answer, complaintOf(problem, HAS_FORMAT.has(api) ? null : schema)),
  };
}

/** APIs in which a request can ask for an answer that fits a schema. */
const HAS_FORMAT: ReadonlySet<ApiKind> = new Set<ApiKind>(["chat", "responses"]);

function parse(path: string, text: string): Schema {
  let schema: Json;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    throw new UserError({ code: "bad_schema", path, why: error instanceof Error ? error.message : String(error) });
  }
  if (isJsonObject(schema)) return schema;
  throw new UserError({ code: "bad_schema", path, why: "" });
}

/** Words that say something about a value and never meant to check it, of OpenAPI, Pydantic, editors and others. */
const REMARKS = [
  "example",
  "discriminator",
  "externalDocs",
  "xml",
  "markdownDescription",
  "enumNames",
  "enumDescriptions",
  "propertyOrdering",
];
/** Formats of the standard that nobody checks here. */
const STANDARD_FORMATS: ReadonlySet<string> = new Set(["idn-email", "idn-hostname", "iri", "iri-reference"]);

function compile(path: string, schema: Schema) {
  const draft = String(schema["$schema"] ?? "");
  const Draft = draft.includes("draft-07") ? Ajv : draft.includes("2019-09") ? Ajv2019 : Ajv2020;
  const unchecked = new Map<string, Unchecked>();

  /** ajv 8 tells of unknown formats when it is not strict, of unknown keywords when it is, and of both as text. */
  function note(text: string, ajv: Ajv): void {
    const [, format] = /^unknown format "(.*)" ignored/s.exec(text) ?? [];
    const [, keyword] = /unknown keyword: "(.*)"$/s.exec(text) ?? [];
    if (format !== undefined) {
      const known = STANDARD_FORMATS.has(format) ? [] : Object.keys(ajv.formats);
      unchecked.set(`format ${format}`, { what: "format", name: format, nearest: nearest(format, known) });
    }
    if (keyword !== undefined && !/^x-/i.test(keyword)) {
      const known = Object.keys(ajv.RULES.keywords);
      unchecked.set(`keyword ${keyword}`, { what: "keyword", name: keyword, nearest: nearest(keyword, known) });
    }
  }

  function open(options: { strictSchema: "log" | false; validateFormats: boolean }): Ajv {
    const logger = { log: () => undefined, error: () => undefined, warn: (text: unknown) => note(String(text), ajv) };
    const lenient = { strictTypes: false, strictTuples: false, strictRequired: false, allErrors: true } as const;
    const ajv: Ajv = new Draft({ ...lenient, ...options, logger });
    addFormats(ajv);
    ajv.addVocabulary(REMARKS);
    return ajv;
  }

  try {
    const validate = open({ strictSchema: false, validateFormats: true }).compile(schema);
    open({ strictSchema: "log", validateFormats: false }).compile(schema);
    return { validate, unchecked: [...unchecked.values()] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // ajv says the same of a place once for each of the ways in which it could have been right.
    throw new UserError({ code: "bad_schema", path, why: [...new Set(why.split(", "))].join(", ") });
  }
}

/** What `strict` asks for: that every object names all it has, and needs it. */
function isStrict(schema: Json): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (!isJsonObject(schema)) return true;
  const { properties, required, additionalProperties } = schema;
  if (isJsonObject(properties)) {
    const needed = Array.isArray(required) ? required : [];
    if (additionalProperties !== false || Object.keys(properties).some((name) => !needed.includes(name))) return false;
  } else if (schema["type"] === "object") return false;
  return Object.values(schema).every(isStrict);
}

function detailOf(params: unknown): string {
  const extra = isObject(params) ? params["additionalProperty"] : undefined;
  const allowed = isObject(params) ? params["allowedValues"] : undefined;
  if (typeof extra === "string") return ` (${JSON.stringify(extra)})`;
  return Array.isArray(allowed) ? ` (${JSON.stringify(allowed)})` : "";
}

function complaintOf(problem: string, schema: Schema | null): string {
  const wanted = schema === null ? "" : `\nThe schema is: ${JSON.stringify(schema)}`;
  return `That answer does not fit the JSON schema: ${problem}.${wanted}\nAnswer again, with nothing but JSON that fits it.`;
}

function withMore(asked: Asked, api: ApiKind, answer: string, complaint: string): Asked {
  const turns = [
    { role: "assistant", content: answer },
    { role: "user", content: complaint },
  ];
  if (asked.kind === "prompt") {
    const { prompt } = asked;
    const first: ChatBody["messages"] = prompt.messages ?? [{ role: "user", content: prompt.text }];
    // Completions take one text.
    if (api === "completions")
      return { ...asked, prompt: { ...prompt, text: `${prompt.text}\n${answer}\n${complaint}\n`, messages: null } };
    return { ...asked, prompt: { ...prompt, messages: [...first, ...turns] } };
  }
  const { body } = asked;
  if (api === "completions") {
    const prompt = `${textOf(body["prompt"])}\n${answer}\n${complaint}\n`;
    return { ...asked, body: { ...body, prompt } };
  }
  const name = api === "responses" ? "input" : "messages";
  const before = body[name];
  const list: Json[] = Array.isArray(before) ? before : [{ role: "user", content: before ?? "" }];
  return { ...asked, body: { ...body, [name]: [...list, ...turns] } };
}

function textOf(prompt: Json | undefined): string {
  return typeof prompt === "string" ? prompt : JSON.stringify(prompt ?? "");
}
