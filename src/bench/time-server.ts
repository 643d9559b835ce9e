import { round } from "../metrics/distribution.ts";
import type { ClockReport } from "../metrics/shard-report.ts";
import { now, type Ms } from "../stream/event.ts";

/** Where a time server is: a name or an address, and its port, which is 123 nearly everywhere. */
export type TimeServer = { host: string; port: number };

/** So often it is asked; the exchange that took the least time says the most. */
const EXCHANGES = 4;
/** Ms that one exchange may take: an answer that is later says little. */
const PATIENCE = 500;

const BYTES = 48;
/** No warning, version 4, from a client (RFC 5905 §7.3). */
const REQUEST = 0x23;
const SERVER = 4;
const UNSYNCHRONISED = 3;
/** Stratum 0 refuses an answer, and 16 has no time to give. */
const STRATA = { least: 1, most: 15 };
/** Seconds from 1900, where the time of NTP begins, to 1970; its 32 bits begin again in 2036. */
const TO_1970 = 2_208_988_800;
const ERA = 2 ** 32;

/** `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`; `null` for anything else. */
export function parseTimeServer(given: string): TimeServer | null {
  const [, bracketed, plain, port = "123"] = /^(?:\[([\da-f:.]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/i.exec(given) ?? [];
  const host = bracketed ?? plain ?? (/^[\da-f:]+$/i.test(given) && given.includes(":") ? given : undefined);
  const number = Number(port);
  return host === undefined || number < 1 || number > 65_535 ? null : { host, port: number };
}

/** How far the clock of this machine is from that of a time server; `null` where it gives no answer to be used. */
export async function askClock({ host, port }: TimeServer): Promise<ClockReport | null> {
  const [found] = await Bun.dns.lookup(host).catch(() => []);
  if (found === undefined) return null;
  let best: Exchange | null = null;
  for (let asked = 0; asked < EXCHANGES; asked++) {
    const exchange = await ask(found.address, port);
    if (exchange !== null && (best === null || exchange.error < best.error)) best = exchange;
  }
  return best && { offset_ms: round(best.offset), error_ms: round(best.error), source: "ntp" };
}

/** `offset`: time server − this machine; `error`: by so much it may be off; both in ms. */
type Exchange = { offset: Ms; error: Ms };

async function ask(hostname: string, port: number): Promise<Exchange | null> {
  const { promise, resolve } = Promise.withResolvers<Exchange | null>();
  const request = crypto.getRandomValues(new Uint8Array(BYTES));
  request.fill(0, 1, TRANSMIT);
  request[0] = REQUEST;
  let sent: Ms = 0;
  const socket = await Bun.udpSocket({
    connect: { hostname, port },
    socket: {
      data(_, reply) {
        const exchange = readReply(reply, request, { sent, received: now() });
        if (exchange !== null) resolve(exchange);
      },
      error: () => resolve(null),
    },
  });
  const timer = setTimeout(resolve, PATIENCE, null);
  try {
    sent = now();
    socket.send(request);
    return await promise;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

// Where in a packet of NTP is what.
const STRATUM = 1;
const ROOT_DELAY = 4;
const ROOT_DISPERSION = 8;
const ORIGIN = 24;
const RECEIVE = 32;
const TRANSMIT = 40;

/**
 * What a reply says of the clocks (RFC 5905 §8); `null` for one that answers another request, or has no time to give. What
 * stands in the request for its own time is a random number, which only who was asked can know.
 */
export function readReply(
  reply: Uint8Array,
  request: Uint8Array,
  { sent, received }: { sent: Ms; received: Ms },
): Exchange | null {
  if (reply.byteLength < BYTES) return null;
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  const first = view.getUint8(0);
  const stratum = view.getUint8(STRATUM);
  if ((first & 7) !== SERVER || first >> 6 === UNSYNCHRONISED) return null;
  if (stratum < STRATA.least || stratum > STRATA.most) return null;
  for (let at = 0; at < 8; at++) if (reply[ORIGIN + at] !== request[TRANSMIT + at]) return null;
  const [arrived, left] = [instantAt(view, RECEIVE), instantAt(view, TRANSMIT)];
  const delay = Math.max(0, received - sent - (left - arrived));
  const root = (1000 * (view.getInt32(ROOT_DELAY) / 2 + view.getUint32(ROOT_DISPERSION))) / 65_536;
  return { offset: (arrived - sent + (left - received)) / 2, error: delay / 2 + root };
}

/** A time of NTP in ms since 1970: 32 bits of seconds and 32 of their fraction. */
function instantAt(view: DataView, at: number): Ms {
  const seconds = view.getUint32(at);
  const since1900 = seconds >= ERA / 2 ? seconds : seconds + ERA;
  return 1000 * (since1900 - TO_1970 + view.getUint32(at + 4) / ERA);
}
