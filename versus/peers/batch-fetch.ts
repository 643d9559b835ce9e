/** A loop of fetch over the requests of a file, so many at once: each is the one that a batch sends, its answer read and dropped. */

const [url = "", path = "", width = "1", reading = "whole"] = Bun.argv.slice(2);
const headers = {
  accept: "text/event-stream",
  "accept-encoding": "identity",
  authorization: "Bearer sk-versus-0123456789",
  "content-type": "application/json",
};
const streaming = { stream: true, stream_options: { include_usage: true } };
const lines = (await Bun.file(path).text()).trimEnd().split("\n");
let next = 0;
let bytes = 0;

async function work(): Promise<void> {
  for (let line = lines[next++]; line !== undefined; line = lines[next++]) {
    const body = JSON.stringify({ ...JSON.parse(line).body, ...streaming });
    const response = await fetch(`${url}/chat/completions`, { method: "POST", headers, body });
    if (reading === "whole" || response.body === null) await response.arrayBuffer();
    else for await (const part of response.body) bytes += part.byteLength;
  }
}

await Promise.all(Array.from({ length: Number(width) }, work));
