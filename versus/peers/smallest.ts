/** The least that streams an answer through a worker, written as the documentation of Bun has it: words to stdout as they come. */

const [url = "", body = "{}"] = Bun.argv.slice(2);
const out = Bun.stdout.writer({ highWaterMark: 1 });
const worker = new Worker(new URL("./smallest-thread.ts", import.meta.url));
worker.onmessage = ({ data }: MessageEvent<string | null>) => {
  if (data === null) {
    worker.terminate();
  } else {
    out.write(data);
    out.flush();
  }
};
worker.postMessage({ url, body });
