import OpenAI from "openai";
import type { ChatCompletionCreateParamsStreaming } from "openai/resources/chat/completions";

/** What somebody would write with the official package: every token to stdout as it comes. */

const [url = "", body = "{}"] = Bun.argv.slice(2);
const client = new OpenAI({ baseURL: url, apiKey: "sk-versus-0123456789" });
const out = Bun.stdout.writer();
const request: ChatCompletionCreateParamsStreaming = JSON.parse(body);
const stream = await client.chat.completions.create(request);
for await (const chunk of stream) {
  const text = chunk.choices[0]?.delta.content;
  if (text) out.write(text);
}
await out.end();
