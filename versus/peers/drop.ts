/** Reads an answer and drops it: the least any program can do with one. */

const [url = "", body = ""] = Bun.argv.slice(2);
const headers = { "content-type": "application/json", "accept-encoding": "identity" };
const response = await fetch(url, { method: "POST", headers, body });
const reader = response.body?.getReader();
while ((await reader?.read())?.value !== undefined);
