import { isLoopback } from "../wire/endpoint.ts";
import { errorOfText } from "../wire/errors.ts";
import { startTimer, type Failure, type StartTimer } from "./event.ts";
import { clip, quoteOf, type Mask, QUOTE } from "./mask.ts";
import { lastingOf } from "./retry.ts";

/** What of a refused response is read: its status is what counts. */
const REFUSAL_BYTES = 64 * 1024;
const REFUSAL_MS = 2000;

/** The hole through which bytes enter. */
export type Fetch = (url: string, init: BunFetchRequestInit) => Promise<Response>;

/** Where a request goes, and through which proxy: a URL, none, or what the runtime finds by itself. */
export type Destination = { url: string; proxy: string | false | undefined };

/** Bun 1.4 knows HTTP_PROXY and HTTPS_PROXY by itself, and obeys NO_PROXY for one that is named here too. */
export function destinationOf(url: string, proxy: string | undefined): Destination {
  return { url, proxy: isLoopback(url) ? false : proxy };
}

/** Calls the endpoint with nothing of the runtime's own between us and it. */
export async function send(...call: Parameters<typeof begin>): Promise<Response> {
  return decompressed(await begin(...call));
}

/** The same, with the body of the response as it came. */
export function begin(
  fetch: Fetch,
  { url, proxy }: Destination,
  init: Omit<BunFetchRequestInit, "proxy">,
): Promise<Response> {
  return fetch(url, {
    ...init,
    // Bun 1.4.5 writes a line of its own to stderr where a body cannot be decompressed.
    decompress: false,
    // Bun 1.4: 301–303 would turn the POST into a GET, 307/308 would send the prompt on.
    redirect: "manual",
    // Bun 1.4: the built-in timeout cannot be told from other errors; the timers are ours.
    timeout: false,
    // BUN_CONFIG_VERBOSE_FETCH would print the key.
    verbose: false,
    ...(proxy === undefined ? {} : { proxy }),
  });
}

/** Why a response of another status than 200 to 299 is no answer, with the body that says so; its code is unmasked. */
export async function refusalOf(
  response: Response,
  mask: Mask,
  start = startTimer,
): Promise<{ failure: Failure; body: string; toEnd: boolean }> {
  const { status, headers } = response;
  if (status >= 300 && status < 400) {
    response.body?.cancel().catch(() => undefined);
    const message = mask(headers.get("location") ?? "").slice(0, QUOTE);
    return { failure: { kind: "redirect", status, message }, body: "", toEnd: false };
  }
  const { body, toEnd } = response.body === null ? { body: "", toEnd: true } : await readSome(response.body, start);
  const error = errorOfText(body);
  const message = clip(mask(error?.message ?? "")) || quoteOf(mask(body));
  const html = (headers.get("content-type") ?? "").includes("html") || /^\s*<(!doctype|html)/i.test(body);
  const code = (error?.code ?? error?.type) || null;
  const lasting = lastingOf(status, headers, error);
  const byProxy = isByProxy(status, headers);
  return { failure: { kind: "http", status, code, message, html, refusedWait: null, lasting, byProxy }, body, toEnd };
}

/** Servers that are proxies of the side that asks. */
const FORWARD_PROXY =
  /squid|tinyproxy|privoxy|mitmproxy|polipo|3proxy|ccproxy|zscaler|blue ?coat|websense|fortigate|mcafee/i;
const OF_PROXIES = ["x-squid-error", "proxy-authenticate", "proxy-agent", "proxy-connection", "proxy-status"];

/** Whether a refusal bears the signs of a forward proxy that wrote it itself. */
function isByProxy(status: number, headers: Headers): boolean {
  if (status === 407) return true;
  return OF_PROXIES.some((name) => headers.has(name)) || FORWARD_PROXY.test(headers.get("server") ?? "");
}

/** Reads for at most REFUSAL_MS and REFUSAL_BYTES, and leaves the rest. `toEnd`: there was none. */
async function readSome(
  body: NonNullable<Response["body"]>,
  start: StartTimer,
): Promise<{ body: string; toEnd: boolean }> {
  const reader = body.getReader();
  const utf8 = new TextDecoder();
  let text = "";
  let toEnd = false;
  let late = false;
  const close = (): void => void reader.cancel().catch(() => undefined);
  const stop = start(() => {
    late = true;
    close();
  }, REFUSAL_MS);
  try {
    for (let bytes = 0; bytes < REFUSAL_BYTES;) {
      const { value } = await reader.read();
      toEnd = value === undefined && !late;
      if (value === undefined) break;
      bytes += value.byteLength;
      text += utf8.decode(value, { stream: true });
    }
  } catch {
    // A refusal is judged by its status: what could be read of its body is all there is.
  }
  stop();
  close();
  return { body: text.slice(0, REFUSAL_BYTES), toEnd };
}

type Body = NonNullable<Response["body"]>;
type Reader = { read(): Promise<{ value?: Uint8Array | undefined }>; cancel(why: unknown): Promise<void> };
type Format = ConstructorParameters<typeof DecompressionStream>[0];

/** Content codings, by their names in HTTP, with what the runtime says of each where it is corrupt. */
const CODINGS: Readonly<Record<string, { format: Format; code: string }>> = {
  gzip: { format: "gzip", code: "ZlibError" },
  "x-gzip": { format: "gzip", code: "ZlibError" },
  deflate: { format: "deflate", code: "ZlibError" },
  br: { format: "brotli", code: "BrotliDecompressionError" },
  zstd: { format: "zstd", code: "ZstdDecompressionError" },
};

/** The response with its body as it was before it was compressed; a coding that nobody knows is left as it is. */
export function decompressed(response: Response): Response {
  const encoding = response.headers.get("content-encoding");
  if (encoding === null) return response;
  const names = encoding.split(",").map((name) => name.trim().toLowerCase());
  const codings = names.flatMap((name) => CODINGS[name] ?? []).toReversed();
  if (response.body === null || codings.length === 0) return response;
  const body = codings.reduce<Body>((stream, { format, code }) => decode(stream, format, code), response.body);
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

/** An error of the bytes is told from one of the connection that brought them. */
function decode(body: Body, format: Format, code: string): Body {
  const source = body.getReader();
  let lost: { error: unknown } | null = null;
  let decoded: Reader | null = null;

  async function begin(): Promise<Reader | null> {
    const first = await source.read();
    if (first.value === undefined) return null;
    const bytes = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(Uint8Array.from(first.value)),
      async pull(controller) {
        try {
          const { value } = await source.read();
          if (value === undefined) controller.close();
          else controller.enqueue(Uint8Array.from(value));
        } catch (error) {
          lost = { error };
          controller.error(error);
        }
      },
      cancel: (why) => source.cancel(why),
    });
    return bytes.pipeThrough(new DecompressionStream(formatOf(format, first.value))).getReader();
  }

  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        decoded ??= await begin();
        if (decoded === null) return controller.close();
        try {
          const { value } = await decoded.read();
          if (value === undefined) controller.close();
          else controller.enqueue(Uint8Array.from(value));
        } catch (error) {
          controller.error(lost === null ? Object.assign(new TypeError(String(error)), { code }) : lost.error);
        }
      },
      cancel: (why) => (decoded ?? source).cancel(why),
    },
    { highWaterMark: 0 },
  );
}

/** "deflate" is the zlib format, and many servers send it without its two bytes of header (RFC 9110 §8.4.1.2). */
function formatOf(format: Format, [first = 0, second = 0]: Uint8Array): Format {
  const isZlib = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
  return format === "deflate" && !isZlib ? "deflate-raw" : format;
}

/** Which places hold a connection that the runtime keeps open for the next request. */
export type Connections = {
  /** A request begins; whether it may go out on a connection that was kept. */
  take(origin: string): boolean;
  /** A response was read to its end: its connection is kept, unless a header says that it closes. */
  give(origin: string, headers: Headers): void;
};

/**
 * Counts the connections that are kept. The runtime (Bun 1.4) does not tell on which one a request goes: one that the
 * server closes before it answers is stale where it was kept, and else the server's doing.
 */
export function createConnections(): Connections {
  const kept = new Map<string, number>();
  return {
    take(origin) {
      const count = kept.get(origin) ?? 0;
      if (count > 0) kept.set(origin, count - 1);
      return count > 0;
    },
    give(origin, headers) {
      if (/\bclose\b/i.test(headers.get("connection") ?? "")) return;
      kept.set(origin, (kept.get(origin) ?? 0) + 1);
    },
  };
}
