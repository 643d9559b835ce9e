import OpenAI from "openai";
import type { ChatCompletionCreateParamsStreaming } from "openai/resources/chat/completions";

/** What somebody would write with the official package for several answers: each whole to stdout as it finishes. */

const [url = "", body = "{}", streams = "1"] = Bun.argv.slice(2);
const client = new OpenAI({ baseURL: url, apiKey: "sk-versus-0123456789" });
const out = Bun.stdout.writer();
const request: ChatCompletionCreateParamsStreaming = JSON.parse(body);

async function answer(): Promise<void> {
  let text = "";
  for await (const chunk of await client.chat.completions.create(request))
    text += chunk.choices[0]?.delta.content ?? "";
  out.write(`${text}\n`);
}

await Promise.all(Array.from({ length: Number(streams) }, answer));
await out.end();
