import { RedisClient } from "bun";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { QueueReason } from "../../config/user-error.ts";

/** Why an engine cannot be used; `detail`: the system's code, or what the engine said. */
export type QueueTrouble = { why: QueueReason; detail: string };

/** Ms that a connection may take. */
const PATIENCE = 5000;
/** Ms after which a socket that says nothing says nothing. */
const SILENCE = 2000;
/** Streams, and scripts that may run where memory is full, are there from this version on. */
const OLDEST = 7;

/** Ms after which an engine that was asked in TLS may be one without it, which waits for more. */
const SLOW = 500;

/** Asks the engine who it is; `null`: it can be used. */
export async function probe(url: string): Promise<QueueTrouble | null> {
  const said = await ask(url);
  if (said !== "unsaid") return said;
  const heard = await knock(url);
  if (heard.why !== "busy" && heard.why !== "needs_password") return heard;
  // It came up between the two: what it tells a stranger, who gives no password, says nothing of ours.
  const again = await ask(url);
  if (again !== "unsaid") return again;
  const plain = new URL(url);
  const database = plain.pathname.slice(1);
  plain.pathname = "";
  // It answers, and not to who wants that part of it.
  if (Number(database) > 0 && (await ask(plain.href)) === null) return { why: "no_database", detail: database };
  return { why: "busy", detail: heard.detail };
}

/** "unsaid": Bun's client found no words for what went wrong. */
async function ask(url: string): Promise<QueueTrouble | null | "unsaid"> {
  const client = new RedisClient(url, { autoReconnect: false, connectionTimeout: PATIENCE });
  const asking = askWho(client);
  const { promise: slow, resolve } = Promise.withResolvers<"slow">();
  const timer = setTimeout(resolve, SLOW, "slow");
  try {
    const first = await Promise.race([asking, slow]);
    if (first === "slow" && url.startsWith("rediss:")) {
      const trouble = await knock(url);
      if (trouble.why === "no_tls") return trouble;
    }
    return await asking;
  } finally {
    clearTimeout(timer);
    client.close();
  }
}

async function askWho(client: RedisClient): Promise<QueueTrouble | null | "unsaid"> {
  try {
    const hello: unknown = await client.send("HELLO", ["3"]);
    const version = hello !== null && typeof hello === "object" && "version" in hello ? String(hello.version) : "";
    return Number.parseInt(version, 10) < OLDEST ? { why: "too_old", detail: version } : null;
  } catch (error) {
    return troubleOf(error instanceof Error ? error.message : "") ?? "unsaid";
  }
}

/** What an engine says of itself, by its first word. */
export function troubleOf(said: string): QueueTrouble | null {
  const detail = said.slice(0, 200);
  if (/WRONGPASS|invalid password/.test(said)) return { why: "password", detail };
  if (/NOAUTH|AUTH <password> called without/.test(said)) return { why: "needs_password", detail };
  // The second is what a script says in which a command is not allowed.
  if (/NOPERM|can't run this command/.test(said)) return { why: "not_allowed", detail };
  if (/LOADING|BUSY|MASTERDOWN|max number of clients/.test(said)) return { why: "busy", detail };
  if (/unknown command/.test(said)) return { why: "too_old", detail };
  return null;
}

/** Bun 1.4's client says "Connection closed" of whatever goes wrong: a socket of our own says what it was. */
async function knock(url: string): Promise<QueueTrouble> {
  const { protocol, hostname, port } = new URL(url);
  const at = { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port || 6379) };
  if (protocol !== "rediss:") {
    const trouble = await knockAt(at, false);
    if (trouble.why !== "closed") return trouble;
    // One that has not come up hangs up as one that wants TLS does.
    const { why } = await knockAt(at, true);
    return TLS_SPEAKS.has(why) ? { why: "wants_tls", detail: "" } : trouble;
  }
  const trouble = await knockAt(at, true);
  if (!["timeout", "closed", "no_tls"].includes(trouble.why)) return trouble;
  // An engine without TLS waits for more of what it takes for a command.
  const plain = await knockAt(at, false);
  return ["needs_password", "password", "busy"].includes(plain.why) ? { why: "no_tls", detail: "" } : trouble;
}

function knockAt({ host, port }: { host: string; port: number }, secure: boolean): Promise<QueueTrouble> {
  const at = { host, port, timeout: SILENCE };
  return new Promise((resolve) => {
    const socket: Socket = secure ? connectTls(isIP(host) === 0 ? { ...at, servername: host } : at) : connect(at);
    const end = (why: QueueReason, detail: string): void => {
      socket.destroy();
      resolve({ why, detail });
    };
    socket.once(secure ? "secureConnect" : "connect", () => socket.write("*1\r\n$4\r\nPING\r\n"));
    socket.once("timeout", () => end("timeout", ""));
    socket.once("close", () => end("closed", ""));
    socket.once("error", (error) => end(...reasonOf(error, secure)));
    socket.once("data", (data) => {
      const said = data.toString("latin1");
      if (!secure && data[0] === TLS_ALERT) end("wants_tls", "");
      else if (/^[+-]/.test(said)) end(troubleOf(said)?.why ?? "busy", said.trim().slice(0, 200));
      else end("not_redis", "");
    });
    setTimeout(() => end("timeout", ""), SILENCE).unref();
  });
}

const TLS_ALERT = 0x15;
/** What is heard only behind TLS, or of its certificate. */
const TLS_SPEAKS = new Set<QueueReason>(["certificate", "needs_password", "password", "busy"]);

function reasonOf(error: Error, secure: boolean): [why: QueueReason, detail: string] {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.message;
  if (/ENOTFOUND|EAI_AGAIN|EAI_/.test(code)) return ["dns", code];
  if (/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/.test(code)) return ["timeout", code];
  if (/ECONNREFUSED/.test(code)) return ["refused", code];
  if (/CERT|SELF_SIGNED|SIGNATURE|ALTNAME|ISSUER/.test(code)) return ["certificate", code];
  if (!secure || /ECONNRESET|EPIPE/.test(code)) return ["closed", code];
  return ["no_tls", code === "" ? error.message : code];
}
