import { splitPath, type ApiKind } from "./apis.ts";

/** Whether a URL points at this machine; a proxy of the environment is not asked for it. */
export function isLoopback(url: string): boolean {
  // URL has already brought 127.1 or 0x7f000001 into four decimal parts.
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** Whether a URL points at LLMaaS, whose keys are made at Cloud Temple's console. */
export function isLlmaas(url: string): boolean {
  return /(^|\.)cloud-temple\.com$/.test(new URL(url).hostname);
}

/** The address of one call of an API, such as `/models`; a query of the endpoint stays where it belongs. */
export function apiUrl(endpoint: string, path: string): string {
  const url = new URL(endpoint);
  url.pathname = url.pathname.replace(/\/$/, "") + path;
  return url.href;
}

/** The URL meant by a text: without a final slash; `null` if it is no http(s) URL. */
export function normalizeEndpoint(text: string): string | null {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") return null;
  const path = url.pathname.replace(/\/+$/, "");
  const password = url.password === "" ? "" : `:${url.password}`;
  const user = url.username + password;
  return `${url.protocol}//${user === "" ? "" : `${user}@`}${url.host}${path}${url.search}`;
}

/** The base URL, and the API that is meant where the URL ends in the path of one, which is taken off. */
export function splitEndpoint(url: string): { endpoint: string; api: ApiKind | null } {
  const [, address = "", query = ""] = /^([^?]*)(.*)$/s.exec(url) ?? [];
  const { base, kind } = splitPath(address);
  return { endpoint: base + query, api: kind };
}

/** Scheme, host and port: what decides whether two endpoints are the same place. */
export function originOf(endpoint: string): string {
  return new URL(endpoint).origin;
}

/** `true` when the endpoint itself carries a user name or password. */
export function hasUserinfo(endpoint: string): boolean {
  const url = new URL(endpoint);
  return url.username !== "" || url.password !== "";
}

/**
 * The text with userinfo and query values of any URL in it replaced by `•••`, be the URL valid or not. One that begins the
 * text is all of it: its password may hold anything.
 */
export function redactUrl(text: string): string {
  return text
    .replace(/^(\s*[a-z][a-z\d+.-]*:\/\/).*@/is, "$1•••@")
    .replace(/([a-z][a-z\d+.-]*:\/\/)?[^\s"]*@/gi, "$1•••@")
    .replace(/([?&][^=&#\s"]*=)[^&#\s"]+/g, "$1•••");
}
