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
  const names = (response.headers.get("content-encoding") ?? "").split(",").map((name) => name.trim().toLowerCase());
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
