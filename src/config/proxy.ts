import { isLoopback } from "../wire/endpoint.ts";
import type { Environment } from "./language.ts";

/** The proxy of the environment that stands before an endpoint. */
type Proxy = {
  url: string;
  /** The runtime (Bun 1.4) does not read ALL_PROXY, and goes around what is no address, unless it is told. */
  told: boolean;
};

/** As curl reads them: the variable of the scheme comes before that of all; NO_PROXY is the runtime's to obey. */
export function proxyOf(endpoint: string, env: Environment): Proxy | null {
  if (isLoopback(endpoint)) return null;
  const own = new URL(endpoint).protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  for (const from of [own, "ALL_PROXY"] as const) {
    const given = (env[from] || env[from.toLowerCase()] || "").trim();
    if (given === "") continue;
    const url = given.includes("://") ? given : `http://${given}`;
    return { url, told: from === "ALL_PROXY" || URL.parse(url) === null };
  }
  return null;
}

/** Whether NO_PROXY names the host of an endpoint, or a domain it is in: the runtime goes there directly. */
export function isExempt(endpoint: string, env: Environment): boolean {
  const { hostname } = new URL(endpoint);
  const names = (env["NO_PROXY"] || env["no_proxy"] || "").split(",").map((name) =>
    name
      .trim()
      .toLowerCase()
      .replace(/^\.|:\d+$/g, ""),
  );
  return names.some((name) => name === "*" || name === hostname || (name !== "" && hostname.endsWith(`.${name}`)));
}
