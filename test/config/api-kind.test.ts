import { expect, test } from "bun:test";
import type { Flags } from "../../src/config/load.ts";
import { createFolder, problemOf } from "./folder.ts";

const HOST = "https://host.example/v1";

type Said = { file?: object; env?: Record<string, string>; flags?: Flags };
type Row = [name: string, said: Said, api: string, endpoint?: string];

const ROWS: readonly Row[] = [
  ["nothing", {}, "chat", "https://api.ai.cloud-temple.com/v1"],
  ["the file", { file: { kind: "messages" } }, "messages"],
  ["null in the file", { file: { kind: null } }, "chat"],
  ["the environment", { env: { LLMAAS_API: "responses" } }, "responses"],
  ["the option", { flags: { api: "completions" } }, "completions"],
  ["the environment over the file", { file: { kind: "messages" }, env: { LLMAAS_API: "responses" } }, "responses"],
  [
    "the option over both",
    { file: { kind: "messages" }, env: { LLMAAS_API: "responses" }, flags: { api: "chat" } },
    "chat",
  ],
  ["the endpoint's own path", { flags: { endpoint: `${HOST}/messages` } }, "messages", HOST],
  ["its longest path", { flags: { endpoint: `${HOST}/chat/completions` } }, "chat", HOST],
  ["its other path", { flags: { endpoint: `${HOST}/completions/` } }, "completions", HOST],
  ["the path of an endpoint in the environment", { env: { LLMAAS_ENDPOINT: `${HOST}/responses` } }, "responses", HOST],
  ["the path of an endpoint in the file", { file: { endpoint: `${HOST}/responses` } }, "responses", HOST],
  ["the path of OPENAI_BASE_URL", { env: { OPENAI_BASE_URL: `${HOST}/responses` } }, "responses", HOST],
  [
    "the path of the option over the file",
    { file: { kind: "messages" }, flags: { endpoint: `${HOST}/responses` } },
    "responses",
    HOST,
  ],
  [
    "the option over the path of the file",
    { file: { endpoint: `${HOST}/responses` }, flags: { api: "chat" } },
    "chat",
    HOST,
  ],
  [
    "the option and the path that say the same",
    { flags: { api: "messages", endpoint: `${HOST}/messages` } },
    "messages",
    HOST,
  ],
  ["the file's word over its path", { file: { kind: "chat", endpoint: `${HOST}/messages` } }, "chat", HOST],
  ["the file's word for another endpoint", { file: { kind: "messages" }, flags: { endpoint: HOST } }, "messages", HOST],
  [
    "no path of another endpoint",
    { file: { endpoint: "https://a.example/v1/messages" }, flags: { endpoint: HOST } },
    "chat",
    HOST,
  ],
];

for (const [name, { file, env = {}, flags = {} }, api, endpoint] of ROWS)
  test(`the API is chosen by ${name}`, async () => {
    const { load, own } = await createFolder();
    if (file !== undefined) await own({ api: file });
    const { settings } = await load(env, flags);
    expect(settings).toMatchObject(endpoint === undefined ? { api } : { api, endpoint });
  });

test("an option and a path that contradict each other are refused, with both named", async () => {
  const { load } = await createFolder();
  const problem = await problemOf(() => load({}, { api: "chat", endpoint: `${HOST}/messages` }));
  expect(problem).toMatchObject({ code: "options_conflict", options: ["--api chat", "--endpoint …/messages"] });
});

test("an API that there is not is refused, wherever it stands", async () => {
  const { load, own } = await createFolder();
  expect(await problemOf(() => load({ LLMAAS_API: "soap" }))).toMatchObject({ code: "config_value", key: "api.kind" });
  await own({ api: { kind: "soap" } });
  expect(await problemOf(() => load())).toMatchObject({ code: "config_value", key: "api.kind" });
});
