declare const self: Worker;

self.onmessage = ({ data }: MessageEvent<{ url: string; body: string }>) => void stream(data.url, data.body);

async function stream(url: string, body: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/chat/completions`, { method: "POST", headers, body });
  const utf8 = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const lines = (rest + utf8.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    self.postMessage(lines.map(wordsOf).join(""));
  }
  self.postMessage(null);
}

function wordsOf(line: string): string {
  if (!line.startsWith("data: {")) return "";
  const chunk: { choices: { delta: { content?: string } }[] } = JSON.parse(line.slice(6));
  return chunk.choices[0]?.delta.content ?? "";
}
