/** Whether a URL points at this machine; a proxy of the environment is not asked for it. */
export function isLoopback(url: string): boolean {
  // URL has already brought 127.1 or 0x7f000001 into four decimal parts.
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** The address of one call of the API; a query of the endpoint stays where it belongs. */
export function apiUrl(endpoint: string, call: "chat/completions" | "models"): string {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/${call}`;
  return url.href;
}
