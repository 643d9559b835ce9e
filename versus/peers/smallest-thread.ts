import { createParser } from "eventsource-parser";

declare const self: Worker;

type Chunk = { choices: { delta: { content?: string } }[] };

self.onmessage = async ({ data: { url, body } }: MessageEvent<{ url: string; body: string }>) => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/chat/completions`, { method: "POST", headers, body });
  const utf8 = new TextDecoder();
  const parser = createParser({
    onEvent({ data }) {
      const chunk: Chunk = data === "[DONE]" ? { choices: [] } : JSON.parse(data);
      const text = chunk.choices[0]?.delta.content;
      if (text) self.postMessage(text);
    },
  });
  for await (const bytes of response.body ?? []) parser.feed(utf8.decode(bytes, { stream: true }));
  self.postMessage(null);
};
