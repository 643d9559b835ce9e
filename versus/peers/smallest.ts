/** The least that streams an answer through a worker: argv, one request, words to stdout as they come. */

const [url = "", body = "{}"] = process.argv.slice(2);
const worker = new Worker(new URL("./smallest-worker.ts", import.meta.url));
const out = Bun.stdout.writer({ highWaterMark: 1 });

worker.onmessage = ({ data }: MessageEvent<string | null>) => {
  if (data === null) {
    worker.unref();
  } else {
    out.write(data);
    out.flush();
  }
};
worker.postMessage({ url, body });
