import type { Failure } from "./event.ts";
import type { Mask } from "./mask.ts";

type TlsProblem = Extract<Failure, { kind: "tls" }>["problem"];
type NetworkKind = "dns" | "refused" | "proxy" | "too_many_files" | "reset" | "invalid_http" | "encoding";

/** Codes of Bun 1.4.5; a code that is not here is `network`, shown with its message. */
const KINDS: Readonly<Record<string, NetworkKind>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  EAI_NONAME: "dns",
  DNSResolutionFailed: "dns",
  ECONNREFUSED: "refused",
  ConnectionRefused: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ECONNABORTED: "reset",
  ConnectionClosed: "reset",
  ERR_PROXY_TUNNEL: "proxy",
  ProxyConnectFailed: "proxy",
  UnsupportedProxyProtocol: "proxy",
  // Of all that fetch is given, the proxy alone is not checked before.
  ERR_INVALID_ARG_VALUE: "proxy",
  EMFILE: "too_many_files",
  ENFILE: "too_many_files",
  Malformed_HTTP_Response: "invalid_http",
  InvalidHTTPResponse: "invalid_http",
  ResponseHeadersTooLarge: "invalid_http",
  InvalidContentLength: "invalid_http",
  UnsupportedTransferEncoding: "invalid_http",
  UnrequestedUpgrade: "invalid_http",
  UnexpectedData: "invalid_http",
  ZlibError: "encoding",
  BrotliDecompressionError: "encoding",
  ZstdDecompressionError: "encoding",
};

const TLS: Readonly<Record<string, TlsProblem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "untrusted",
  CERT_UNTRUSTED: "untrusted",
  CERT_SIGNATURE_FAILURE: "untrusted",
  CERT_CHAIN_TOO_LONG: "untrusted",
  CERT_REVOKED: "untrusted",
  CERT_REJECTED: "untrusted",
  INVALID_CA: "untrusted",
  INVALID_PURPOSE: "untrusted",
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "wrong_name",
  HOSTNAME_MISMATCH: "wrong_name",
  EPROTO: "other",
  TLSHandshakeFailed: "other",
};

/** What a rejected `fetch` or `read` was; by its code, never by its text. `null`: no error of the network. */
export function classify(error: unknown, mask: Mask): Failure | null {
  const code = codeOf(error);
  if (code === "") return null;
  const message = mask(withoutAdvice(error instanceof Error ? error.message : String(error)));
  const trace = mask(withoutAdvice(traceOf(error)));
  const problem = TLS[code];
  if (problem !== undefined) return { kind: "tls", code, problem, message, trace };
  const kind = KINDS[code] ?? "network";
  if (kind === "proxy") return { kind, code, message, trace, status: statusOf(error) };
  return { kind, code, message, trace };
}

/** Bun 1.4 tells whoever programs with it what to pass to `fetch`: that is nothing for who types a command. */
function withoutAdvice(text: string): string {
  return text.replace(/ *For more information, pass `verbose: true`[^\n]*/g, "");
}

/** Of a proxy's answer to CONNECT. */
function statusOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("status" in error)) return null;
  return typeof error.status === "number" ? error.status : null;
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/** The stack of an error and of each of its causes. */
function traceOf(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error, depth = 0; cause !== undefined && depth < 8; depth++) {
    lines.push(cause instanceof Error ? (cause.stack ?? `${cause.name}: ${cause.message}`) : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines.join("\ncaused by: ");
}
