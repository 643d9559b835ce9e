import { describe, expect, test } from "bun:test";
import { createAnswerSchema } from "../../src/batch/schema.ts";
import type { Asked } from "../../src/batch/request.ts";
import type { ApiKind } from "../../src/stream/event.ts";

const OBJECT = { type: "object", properties: { a: { type: "number" } }, required: ["a"], additionalProperties: false };
const DRAFTS = [
  "http://json-schema.org/draft-07/schema#",
  "https://json-schema.org/draft/2019-09/schema",
  "https://json-schema.org/draft/2020-12/schema",
] as const;
const schemaOf = (schema: object) => createAnswerSchema("schema.json", JSON.stringify(schema));
const body = (api: ApiKind, more: object): Asked => {
  return { kind: "body", api, body: { model: "m", ...more } };
};
const prompt: Asked = { kind: "prompt", prompt: { text: "hi", messages: null, model: null, params: {} } };

describe("a schema for answers", () => {
  test("is met by JSON alone that fits it; what is wrong is named by its place", () => {
    const { problemOf } = schemaOf(OBJECT);
    expect(problemOf('\n{"a": 1}\n')).toBeNull();
    expect(problemOf('{"a": "1"}')).toContain("/a must be number");
    expect(problemOf('{"a": 1, "b": 2}')).toContain('("b")');
    expect(problemOf("{}")).toContain("required property 'a'");
    for (const answer of ["", "Here: {}", '```json\n{"a": 1}\n```', '{"a": 1'])
      expect(problemOf(answer)).toContain("not JSON");
  });

  for (const [format, right, wrong] of [
    ["date", "2024-02-29", "2023-02-29"],
    ["date-time", "2024-02-29T23:59:59.5+02:00", "2024-02-29 23:59"],
    ["time", "12:00:00Z", "25:00:00Z"],
    ["duration", "PT3S", "3 s"],
    ["email", "a.b@example.org", "a.b at example.org"],
    ["hostname", "example.org", "-example-.org"],
    ["uri", "https://example.org/a?b#c", "example"],
    ["uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"],
    ["ipv4", "192.0.2.1", "192.0.2.256"],
    ["ipv6", "2001:db8::1", "2001:db8::g"],
    ["regex", "a+", "a("],
    ["json-pointer", "/a/0", "a/0"],
  ] as const)
    test(`checks the format ${format}, in every draft`, () => {
      for (const draft of DRAFTS) {
        const { problemOf, unchecked } = schemaOf({ $schema: draft, properties: { x: { type: "string", format } } });
        expect([unchecked, problemOf(JSON.stringify({ x: right }))]).toEqual([[], null]);
        expect(problemOf(JSON.stringify({ x: wrong }))).toContain(`/x must match format "${format}"`);
        expect(problemOf(JSON.stringify({ x: 3 }))).toContain("/x must be string");
      }
    });

  test("names formats and keywords that nobody knows, with the one that may have been meant, once each, at any depth", () => {
    const schema = {
      title: "A thing",
      propertes: {},
      properties: {
        at: { type: "string", format: "datetime" },
        until: { type: "string", format: "datetime" },
        place: { type: "string", format: "iri" },
        list: { type: "array", items: { type: "object", requierd: ["a"], maxlength: 3 } },
      },
    };
    for (const draft of DRAFTS)
      expect(schemaOf({ $schema: draft, ...schema }).unchecked).toEqual([
        { what: "format", name: "datetime", nearest: "date-time" },
        { what: "format", name: "iri", nearest: null },
        { what: "keyword", name: "propertes", nearest: "properties" },
        { what: "keyword", name: "requierd", nearest: "required" },
        { what: "keyword", name: "maxlength", nearest: "maxLength" },
      ]);
    expect(schemaOf({ $schema: DRAFTS[0], prefixItems: [] }).unchecked).toMatchObject([{ name: "prefixItems" }]);
  });

  test("says nothing of remarks, nor of names and values that look like keywords", () => {
    const remarks = {
      description: "d",
      $comment: "c",
      example: 1,
      examples: [{ propertes: 1 }],
      "x-order": 3,
      deprecated: true,
      readOnly: true,
      contentEncoding: "base64",
      default: { requierd: 1 },
    };
    const properties = { propertes: { const: { formt: 1 } }, requierd: { enum: [{ formt: 1 }] } };
    for (const draft of DRAFTS)
      expect(schemaOf({ $schema: draft, ...remarks, properties, definitions: { a: {} } }).unchecked).toEqual([]);
  });

  test("is read in every draft that is in use, words of another kind passed over", () => {
    for (const draft of DRAFTS)
      expect(
        schemaOf({ $schema: draft, type: "array", items: { type: "string", format: "of ours" }, ours: 1 }).problemOf(
          '["x"]',
        ),
      ).toBeNull();
    expect(schemaOf({ prefixItems: [{ type: "string" }] }).problemOf("[1]")).toContain("/0 must be string");
  });

  test("goes into the requests of the APIs that have a word for it, and into no other; the request's own format stays", () => {
    const { asking } = schemaOf(OBJECT);
    const chat = { type: "json_schema", json_schema: { name: "answer", schema: OBJECT, strict: true } };
    expect(asking(body("chat", { messages: [] }), "chat")).toMatchObject({ body: { response_format: chat } });
    expect(asking(prompt, "responses")).toMatchObject({ prompt: { params: { response_format: chat } } });
    expect(asking(body("responses", { text: { verbosity: "low" } }), "responses")).toMatchObject({
      body: { text: { verbosity: "low", format: { type: "json_schema", name: "answer", schema: OBJECT } } },
    });
    for (const api of ["messages", "completions"] as const) {
      expect(asking(prompt, api)).toEqual(prompt);
      expect(asking(body(api, {}), api)).toEqual(body(api, {}));
    }
    const own = body("chat", { response_format: { type: "text" } });
    expect(asking(own, "chat")).toEqual(own);
  });

  test("is strict where all its objects are", () => {
    const strictOf = (schema: object) => JSON.stringify(schemaOf(schema).asking(body("chat", {}), "chat"));
    expect(strictOf({ type: "array", items: OBJECT })).toContain('"strict":true');
    expect(strictOf({ ...OBJECT, required: [] })).toContain('"strict":false');
    expect(strictOf({ type: "array", items: { type: "object" } })).toContain('"strict":false');
  });

  test("asks again with the answer and what was wrong with it, in every API", () => {
    const { askingAgain } = schemaOf(OBJECT);
    const turns = [
      { role: "user", content: "hi" },
      { role: "assistant", content: "bad" },
      { role: "user", content: expect.stringContaining("PROBLEM") },
    ];
    const again = (asked: Asked, api: ApiKind) => askingAgain(asked, api, "bad", "PROBLEM");
    for (const api of ["chat", "responses", "messages"] as const)
      expect(again(prompt, api)).toMatchObject({ prompt: { messages: turns } });
    expect(again(body("chat", { messages: turns.slice(0, 1) }), "chat")).toMatchObject({ body: { messages: turns } });
    expect(again(body("messages", { messages: turns.slice(0, 1) }), "messages")).toMatchObject({
      body: { messages: turns },
    });
    expect(again(body("responses", { input: "hi" }), "responses")).toMatchObject({ body: { input: turns } });
    const text = expect.stringMatching(/^hi\nbad\n[^]*PROBLEM[^]*"required":\["a"\]/);
    expect(again(prompt, "completions")).toMatchObject({ prompt: { text, messages: null } });
    expect(again(body("completions", { prompt: "hi" }), "completions")).toMatchObject({ body: { prompt: text } });
  });
});
