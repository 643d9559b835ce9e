import type { FailureOf } from "../../stream/event.ts";
import { enNumbers } from "../numbers.ts";
import { ended, hostOf, words, type About, type Words } from "../say.ts";

const { duration } = enNumbers;

const YEAR = 365 * 24 * 3_600_000;

const STATUS: Readonly<Record<number, string>> = {
  401: "The server does not accept the key",
  404: "The server does not know this address or model",
  408: "The server waited too long for the request",
  413: "The request is too large for the server",
  429: "The rate limit is reached",
};

/** Why a request was refused, and what helps. */
export function enRefusal(failure: FailureOf<"http">, about: About): Words {
  const { status, message, refusedWait, html } = failure;
  const what = ended(`${meaning(failure, about)} (HTTP ${status})${html ? "" : said(message)}`);
  if (refusedWait === null) return words(what, httpTodo(failure, about));
  const tooLong =
    refusedWait > YEAR
      ? "for more than a year, which is too long"
      : `${duration(refusedWait)}, longer than retry.max_wait (${duration(about.maxWait)})`;
  return words(
    what,
    `It asks to wait ${tooLong}: try again later${refusedWait > YEAR ? "" : ", or raise retry.max_wait in the configuration"}.`,
  );
}

function meaning(failure: FailureOf<"http">, { keyOrigin, proxy, endpoint }: About): string {
  const { status, html, byProxy, lasting } = failure;
  if (byProxy && proxy !== null) return `The proxy ${proxy} ${EN_OF_PROXY[status] ?? "refused the request"}`;
  if (status === 407) return "A proxy on the way wants a name and a password";
  if (status === 401 && keyOrigin === null) return "The server asks for a key";
  if (lasting === "quota") return "No credit or quota is left";
  // Only over plain http can a proxy answer in the server's place.
  const who =
    html && proxy !== null && endpoint.startsWith("http:") ? `The server or the proxy ${proxy}` : "The server";
  if (status === 403) return `${who} forbids this request`;
  return STATUS[status] ?? (status >= 500 ? `${who} has a problem` : "The server refused the request");
}

/** What a proxy's own status means. */
export const EN_OF_PROXY: Readonly<Record<number, string>> = {
  403: "does not let this request through",
  407: "wants a name and a password",
  502: "cannot reach the server",
  503: "cannot reach the server",
  504: "waited too long for the server",
};

function httpTodo(failure: FailureOf<"http">, about: About): string | null {
  const { status, html, byProxy, lasting } = failure;
  const { keyOrigin, endpoint, proxy } = about;
  if (status === 407) return "Put them into HTTP_PROXY or HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT";
  if (byProxy && proxy !== null) return "Ask whoever runs it, or name the host in NO_PROXY to go without it.";
  if (lasting === "quota") return `Trying again does not help: ${keyGiver(about)} says what is left and can raise it.`;
  if (status === 401 && keyOrigin === null) return `Set LLMAAS_API_KEY, or run llmaas config init. ${keysAre(about)}`;
  if (status === 401 && about.llmaas)
    return `The key came from ${keyOrigin}: check at console.cloud-temple.com that it is whole and still valid.`;
  if (status === 401)
    return `The key came from ${keyOrigin}: check that it is whole, and meant for it. ${keysAre(about)}`;
  if (status === 403) return "A safety filter may have stopped the prompt, or the key may lack a right.";
  if (status === 404 && html) return `The endpoint may lack its /v1; it is ${endpoint} now.`;
  if (status === 404 && about.list) return "It may have none: ask for an answer, and name the model as its owner does.";
  if (status === 404) return "llmaas models lists the models there are.";
  if (lasting === "unsupported") return "Trying again does not help: change the request, or the model.";
  if (lasting === "told") return "It says itself that trying again does not help.";
  if (status === 429) return "Wait a little, then try again; --retries says how often to try.";
  return status >= 500 ? "Try again later; --retries says how often to try." : null;
}

function keysAre(about: About): string {
  return about.llmaas ? "Keys are made at console.cloud-temple.com." : `Keys are given by ${keyGiver(about)}.`;
}

function keyGiver({ llmaas, endpoint }: About): string {
  return llmaas ? "console.cloud-temple.com" : `whoever runs ${hostOf(endpoint)}`;
}

/** `: text`, or nothing for nothing. */
function said(text: string): string {
  return text === "" ? "" : `: ${text}`;
}
