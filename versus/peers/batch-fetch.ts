/** A loop of fetch over the requests of a file, so many at once, each answer read and dropped. */

const [url = "", path = "", width = "1"] = Bun.argv.slice(2);
const headers = { "content-type": "application/json", "accept-encoding": "identity" };
const lines = (await Bun.file(path).text()).trimEnd().split("\n");
let next = 0;

async function work(): Promise<void> {
  for (let line = lines[next++]; line !== undefined; line = lines[next++]) {
    const body = JSON.stringify({ ...JSON.parse(line).body, stream: true });
    const response = await fetch(`${url}/chat/completions`, { method: "POST", headers, body });
    await response.arrayBuffer();
  }
}

await Promise.all(Array.from({ length: Number(width) }, work));
