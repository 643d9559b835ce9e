import { startRawServer, type Exchange, type RawServer } from "../fixtures/raw-server.ts";

/** What a server did to one request; ms of its own clock. */
export type Deed = { request: number; first: number; last: number };

export type KnownServer = RawServer & { deeds: Deed[] };

export type KnownOptions = {
  /** Token events of an answer, each its own write unless `burst`. */
  tokens: number;
  /** Ms from the request to its first token, and between two tokens. */
  ttft: number;
  gap: number;
  /** No first token is written between these ms after the first request. */
  freeze?: { from: number; until: number };
  /** All token events in one write. */
  burst?: boolean;
  /** Number of the request (from 1) to what goes wrong instead. */
  fault?: (number: number) => "http" | "cut" | null;
};

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const WORD = chunk({ content: "w " }, null);

/** A server that does exactly this, and notes when it did it. */
export function startKnownServer(options: KnownOptions): KnownServer {
  const { tokens, ttft, gap, freeze, burst = false, fault } = options;
  const deeds: Deed[] = [];
  let begun: number | null = null;

  async function answer(exchange: Exchange): Promise<void> {
    begun ??= exchange.request.at;
    const wrong = fault?.(exchange.number) ?? null;
    if (wrong === "http") {
      await exchange.write("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return exchange.fin();
    }
    const deed: Deed = { request: exchange.request.at, first: 0, last: 0 };
    deeds[exchange.number - 1] = deed;
    await until(exchange.request.at + ttft);
    const since = performance.now() - begun;
    if (freeze !== undefined && since >= freeze.from && since < freeze.until) await until(begun + freeze.until);
    deed.first = deed.last = performance.now();
    if (burst) await exchange.write(HEAD + WORD.repeat(tokens));
    for (let token = 0; !burst && token < (wrong === "cut" ? 1 : tokens); token++) {
      await until(deed.first + token * gap);
      deed.last = performance.now();
      await exchange.write((token === 0 ? HEAD : "") + WORD);
    }
    if (wrong === null) await exchange.write(chunk({}, "stop") + "data: [DONE]\n\n");
    exchange.fin();
  }

  return Object.assign(startRawServer(answer), { deeds });
}

function chunk(delta: Record<string, string>, reason: string | null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
}

async function until(at: number): Promise<void> {
  const wait = at - performance.now();
  if (wait > 0) await Bun.sleep(Math.ceil(wait));
}
