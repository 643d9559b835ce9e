import * as v from "valibot";
import { classify } from "../stream/classify.ts";
import type { Failure, Ms } from "../stream/event.ts";
import { destinationOf, refusalOf, send, type Fetch } from "../stream/http.ts";
import { maskFailure, type Mask } from "../stream/mask.ts";
import { askedWait, backoff, isRetriable } from "../stream/retry.ts";
import { apiUrl } from "../wire/endpoint.ts";
import { errorOfText } from "../wire/errors.ts";

/** A batch of the provider went wrong: the network, or what the provider said. */
export class ProviderError extends Error {
  readonly failure: Failure;
  /** What was asked, behind the endpoint; "" where it is not known. */
  readonly path: string;

  constructor(failure: Failure, path = "") {
    super(failure.message);
    this.name = "ProviderError";
    this.failure = failure;
    this.path = path;
  }
}

/** How the provider is reached. */
export type ProviderOptions = {
  fetch: Fetch;
  endpoint: string;
  headers: Record<string, string>;
  proxy: string | undefined;
  mask: Mask;
  /** Ms for an answer to begin, and between two pieces of it; 0 is off. */
  open: Ms;
  idle: Ms;
  /** How often what may be asked twice is asked again. */
  retries: number;
  maxWait: Ms;
  now: () => Ms;
  /** Rejects when the user has had enough. */
  sleep: (ms: Ms) => Promise<void>;
  random: () => number;
  signal: AbortSignal;
};

type Call = {
  method?: "GET" | "POST";
  path: string;
  body?: string | Blob;
  headers?: Record<string, string>;
  open?: Ms;
};

/** Most bytes of an answer that is no file. */
const ANSWER_LIMIT = 16 * 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json", accept: "application/json" };

/** Exchanges with the endpoint of a provider; all reject with a ProviderError. */
export function createExchange(options: ProviderOptions) {
  const { mask, now, sleep, random } = options;

  /** One exchange: a response with a good status, or a ProviderError. */
  async function exchange({ method = "GET", path, body, headers = {}, open = options.open }: Call): Promise<Response> {
    const late = new AbortController();
    const timer = open > 0 ? setTimeout(() => late.abort(), open) : undefined;
    const [pathname = "", query = ""] = path.split("?", 2);
    try {
      const url = new URL(apiUrl(options.endpoint, pathname));
      for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value);
      const response = await send(options.fetch, destinationOf(url.href, options.proxy), {
        method,
        headers: { ...options.headers, ...JSON_TYPE, ...headers },
        signal: AbortSignal.any([late.signal, options.signal]),
        ...(body === undefined ? {} : { body }),
      });
      if (response.ok) return response;
      throw new ProviderError(await refused(response), pathname);
    } catch (error) {
      throw toProviderError(error, late.signal.aborted ? open : null);
    } finally {
      clearTimeout(timer);
    }
  }

  async function refused(response: Response): Promise<Failure> {
    const { failure } = await refusalOf(response, mask);
    const masked = maskFailure(failure, mask);
    const wait = askedWait(response.headers, response.status, new Date(now()));
    if (masked.kind !== "http" || wait === null) return masked;
    return wait > options.maxWait ? { ...masked, refusedWait: wait } : { ...masked, wait };
  }

  /** `open`: ms after which we had enough of waiting, where that is why it ended. */
  function toProviderError(error: unknown, open: Ms | null): unknown {
    if (error instanceof ProviderError) return error;
    if (open !== null) return new ProviderError({ kind: "timeout", phase: "open", after: open, message: "" });
    if (options.signal.aborted) return options.signal.reason;
    const failure = classify(error, mask);
    return failure === null ? error : new ProviderError(failure);
  }

  /** `twice`: it may be asked again whatever went wrong; else only where it was not taken for certain. */
  async function ask<T>(asked: Call, schema: v.GenericSchema<unknown, T>, twice: boolean): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await read(await exchange(asked), schema);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        const { failure } = error;
        const isLong = failure.kind === "http" && failure.refusedWait !== null;
        const again = !isLong && (twice ? isWorthAgain(failure) : wasNotTaken(failure));
        if (!again || attempt >= options.retries) throw error;
        await sleep((failure.kind === "http" ? failure.wait : undefined) ?? backoff(attempt, random));
      }
    }
  }

  async function read<T>(response: Response, schema: v.GenericSchema<unknown, T>): Promise<T> {
    const body = await readText(response);
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      value = undefined;
    }
    const parsed = v.safeParse(schema, value);
    if (parsed.success) return parsed.output;
    const error = errorOfText(body);
    const failure: Failure =
      error === null || error.message === ""
        ? { kind: "not_a_stream", contentType: response.headers.get("content-type") ?? "", message: body }
        : { kind: "server_error", code: error.code ?? error.type, message: error.message };
    throw new ProviderError(maskFailure(failure, mask));
  }

  async function readText(response: Response): Promise<string> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of pieces(response)) {
      parts.push(part);
      bytes += part.byteLength;
      if (bytes > ANSWER_LIMIT) break;
    }
    return new TextDecoder().decode(Buffer.concat(parts));
  }

  /** The pieces of a body, each within the time that may pass between two. */
  async function* pieces(response: Response): AsyncGenerator<Uint8Array> {
    if (response.body === null) return;
    const reader = response.body.getReader();
    const { idle } = options;
    try {
      for (;;) {
        const { promise, reject } = Promise.withResolvers<never>();
        const late = new ProviderError({ kind: "timeout", phase: "idle", after: idle, message: "" });
        const timer = idle > 0 ? setTimeout(() => reject(late), idle) : undefined;
        const { value } = await Promise.race([reader.read(), promise]).finally(() => clearTimeout(timer));
        if (value === undefined) return;
        yield value;
      }
    } catch (error) {
      throw toProviderError(error, null);
    } finally {
      reader.cancel().catch(() => undefined);
    }
  }

  return { exchange, ask, pieces };
}

/** Whether the same question may get another answer later. */
export function isWorthAgain(failure: Failure): boolean {
  return isRetriable(failure) || failure.kind === "network" || failure.kind === "timeout";
}

/** Whether what was asked was not done, for certain. */
function wasNotTaken(failure: Failure): boolean {
  return failure.kind === "refused" || (failure.kind === "http" && failure.status === 429 && !failure.lasting);
}

/** Whether it may have been done although nobody said so. */
export function mayBeTaken(failure: Failure): boolean {
  switch (failure.kind) {
    case "http":
      return failure.status >= 500 || failure.status === 408;
    case "reset":
    case "network":
    case "timeout":
    case "ended_early":
    case "not_a_stream":
    case "invalid_http":
      return true;
    default:
      return false;
  }
}
