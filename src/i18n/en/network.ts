import type { FailureOf } from "../../stream/event.ts";
import { ended, isUnspoken, words, type About, type Failures, type Words } from "../say.ts";
import { EN_OF_PROXY } from "./refusals.ts";

const TLS = {
  untrusted: [
    "its certificate is signed by nobody this machine trusts",
    "Name your own authority, if you have one, with NODE_EXTRA_CA_CERTS=FILE.pem.",
  ],
  expired: [
    "its certificate has expired, or is not valid yet",
    "Check this machine's clock; if it is right, the server's owner must renew the certificate.",
  ],
  wrong_name: ["its certificate is for another name", "Check the host in the endpoint."],
  other: ["it does not speak TLS as expected", "Check the endpoint: https or http, and the port."],
} as const;

/** The runtime does not tell which of the two failed. */
function orProxy(proxy: string | null): string {
  return proxy === null ? "" : ` (or of the proxy ${proxy})`;
}

function proxyRefused({ code, message, status }: FailureOf<"proxy">, { proxy }: About): Words {
  if (status)
    return words(
      `The proxy${proxy === null ? "" : ` ${proxy}`} ${EN_OF_PROXY[status] ?? "refused the connection"} (HTTP ${status}).`,
      status === 407
        ? "Put them into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT"
        : "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name the host in NO_PROXY.",
    );
  if (!isUnspoken(code))
    return words(
      ended(`The proxy refused the connection${message === "" ? "" : `: ${message}`}`),
      "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name the host in NO_PROXY.",
    );
  return words(
    `Nothing was sent: llmaas does not speak the language of the proxy${proxy === null ? "" : ` ${proxy}`} (${code}).`,
    "Name an http:// or https:// proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or the host in NO_PROXY.",
  );
}

/** What is said where no connection, or none that can be trusted, was made. */
export const enNetwork: Pick<Failures, "dns" | "refused" | "proxy" | "too_many_files" | "tls"> = {
  dns: (_, { endpoint, proxy }) =>
    words(
      `The host of ${endpoint}${orProxy(proxy)} cannot be found.`,
      "Check the spelling of the endpoint, and the network.",
    ),
  refused: (_, { endpoint, proxy }) =>
    words(`Nothing listens at ${endpoint}${orProxy(proxy)}.`, "Check host and port, and that the server runs."),
  proxy: proxyRefused,
  too_many_files: () =>
    words("Too many files and connections are open.", "Raise the limit of this shell (ulimit -n), then try again."),
  tls: ({ problem, code }) => words(`The server cannot be trusted: ${TLS[problem][0]} (${code}).`, TLS[problem][1]),
};
