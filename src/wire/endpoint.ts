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

/** The address of one call of the API; a query of the endpoint stays where it belongs. */
export function apiUrl(endpoint: string, call: "chat/completions" | "models"): string {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/${call}`;
  return url.href;
}

/** The base URL meant by a text: without a final slash or `/chat/completions`; `null` if it is no http(s) URL. */
export function normalizeEndpoint(text: string): string | null {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") return null;
  const path = url.pathname
    .replace(/\/+$/, "")
    .replace(/\/chat\/completions$/, "")
    .replace(/\/+$/, "");
  const password = url.password === "" ? "" : `:${url.password}`;
  const user = url.username + password;
  return `${url.protocol}//${user === "" ? "" : `${user}@`}${url.host}${path}${url.search}`;
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

/** The text with userinfo and query values of any URL in it replaced by `•••`, be the URL valid or not. */
export function redactUrl(text: string): string {
  return text.replace(/([a-z][a-z\d+.-]*:\/\/)?[^\s"]*@/gi, "$1•••@").replace(/([?&][^=&#\s"]*=)[^&#\s"]+/g, "$1•••");
}
