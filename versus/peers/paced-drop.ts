import { measureSteady } from "./steady.ts";

/** Many answers at once, read and dropped; prints the ms of CPU that took. */

const [url = "", body = "", streams = "1"] = Bun.argv.slice(2);
const headers = { "content-type": "application/json", "accept-encoding": "identity" };

async function drop(): Promise<void> {
  const response = await fetch(`${url}/chat/completions`, { method: "POST", headers, body });
  const reader = response.body?.getReader();
  while ((await reader?.read())?.value !== undefined);
}

const steady = measureSteady();
await Promise.all(Array.from({ length: Number(streams) }, drop));
await Bun.write(Bun.stdout, `${steady.end()}\n`);
