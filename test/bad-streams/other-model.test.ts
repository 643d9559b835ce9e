import { describe, expect, test } from "bun:test";
import { ask, runOnce } from "./ask.ts";
import { DONE, event, finish, HEAD, token } from "../fixtures/answers.ts";

/** A whole answer whose events name these models, in turn. */
function answeredBy(...models: readonly unknown[]): string {
  const events = models.map((model) =>
    event({ model, choices: [{ index: 0, delta: { content: "a" }, finish_reason: null }] }),
  );
  return HEAD + events.join("") + finish() + DONE;
}

const args = ["--model", "granite3.3:2b"];
const SAID = "The model that answered is not the one asked for: ";

describe("a model that answers in the place of another is named", () => {
  test.each<[string, unknown]>([
    ["of another family", "llama3:8b"],
    ["of another size", "granite3.3:8b"],
    ["that is asked for under its maker's name", "ibm/granite3.3:2b"],
    ["of which the one asked for is the longer name", "granite3.3"],
  ])("%s", async (_, model) => {
    const { record, shown } = await ask(answeredBy(model, model), { args });
    expect(record).toMatchObject({ verdict: "complete", notices: ["other_model"], response_model: model });
    expect(shown).toContain(SAID + model);
  });

  test("also where only a later event names it", async () => {
    const { record } = await ask(answeredBy(null, "llama3:8b"), { args });
    expect(record).toMatchObject({ notices: ["other_model"], response_model: "llama3:8b" });
  });

  test("so that a terminal obeys nothing of it", async () => {
    const { outcome } = await runOnce(answeredBy("ll\u001B[31mama\u202E"), args, { terminal: true });
    expect(outcome.stderr).toContain(SAID);
    expect(outcome.stderr).not.toContain("\u001B[31m");
    expect(outcome.stderr).not.toContain("\u202E");
  });

  test("once a run, however many answers come from it", async () => {
    const { outcome } = await runOnce(answeredBy("llama3:8b"), [...args, "-n", "4"]);
    expect(outcome.stderr.split(SAID)).toHaveLength(2);
    expect(outcome.stderr).toContain(`granite3.3:2b: ${SAID}llama3:8b.`);
    expect(outcome.stderr).toMatch(/Answered by +llama3:8b/);
  });

  test("for each of the models that it stands in for", async () => {
    const { outcome } = await runOnce(answeredBy("llama3:8b"), ["--model", "granite3.3:2b,llama3:8b,gemma3:4b"]);
    expect(outcome.stderr).toContain(`granite3.3:2b: ${SAID}llama3:8b.`);
    expect(outcome.stderr).toContain(`gemma3:4b: ${SAID}llama3:8b.`);
    expect(outcome.stderr.split(SAID)).toHaveLength(3);
  });

  test("not where only what went wrong is wanted", async () => {
    const { outcome } = await runOnce(answeredBy("llama3:8b"), [...args, "--quiet"]);
    expect(outcome.stderr).toBe("");
  });
});

describe("a model is no other", () => {
  test.each<[string, readonly unknown[]]>([
    ["with the name asked for", ["granite3.3:2b"]],
    ["with a version behind it", ["granite3.3:2b-2026-11-22"]],
    ["with other letter case", ["Granite3.3:2B"]],
    ["without a name", [null]],
    ["with an empty name", [""]],
    ["with a name that is no text", [42]],
  ])("%s", async (_, models) => {
    const { record, shown } = await ask(answeredBy(...models), { args });
    expect(record.notices).toEqual([]);
    expect(shown).not.toContain(SAID);
  });

  test("where nobody answered", async () => {
    const error = event({ model: "llama3:8b", error: { message: "out of memory" } });
    const { record } = await ask(HEAD + error + DONE, { args });
    expect(record).toMatchObject({ verdict: "failed", notices: [] });
  });

  test("for all that a server leaves out", async () => {
    const { record } = await ask(HEAD + token("a") + finish() + DONE, { args });
    expect(record).toMatchObject({ notices: [], response_model: null });
  });
});
