/** Many answers at once, each read and dropped but for the instants of its tokens: the least a program can do with them. */

const [url = "", notes = "", tokens = "0", streams = "0"] = Bun.argv.slice(2);
const count = Number(tokens);
const arrivals = new Float64Array(Number(streams) * count);
/** What stands once in each token event; in that of the role no text follows. */
const MARK = Buffer.from('"content":"');
const QUOTE = 34;

async function drop(stream: number): Promise<void> {
  const messages = [{ role: "user", content: `stream ${stream}` }];
  const body = JSON.stringify({ model: "granite3.3:2b", max_tokens: 1_000_000, stream: true, messages });
  const response = await fetch(`${url}/chat/completions`, { method: "POST", body });
  const reader = response.body?.getReader();
  let token = stream * count;
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    const at = performance.timeOrigin + performance.now();
    const bytes = Buffer.from(read.value.buffer, read.value.byteOffset, read.value.byteLength);
    for (let found = bytes.indexOf(MARK); found >= 0; found = bytes.indexOf(MARK, found + 1))
      if (bytes[found + MARK.length] !== QUOTE) arrivals[token++] = at;
  }
}

const answers: Promise<void>[] = [];
for (let stream = 0; stream < Number(streams); stream++) {
  answers.push(drop(stream));
  // Starts are half a millisecond apart, as those of the program.
  if (stream % 2 === 1) await Bun.sleep(1);
}
await Promise.all(answers);
await fetch(`${notes}/arrivals`, { method: "POST", body: arrivals.buffer });
