import { hasUserinfo, isLlmaas, isLoopback, originOf } from "../wire/endpoint.ts";
import type { Loaded } from "./load.ts";
import { DEFAULT_ENDPOINT, OPENAI_ENDPOINT_VARIABLE, OPENAI_KEY_VARIABLE, rows } from "./settings.ts";
import { UserError } from "./user-error.ts";
import type { Environment } from "./language.ts";

const PLACEHOLDER = new RegExp(
  [
    String.raw`^[<[{].*[>\]}]$`,
    "^(sk-)?(your|votre|vos)[-_. ]",
    "^(change|replace|remplace[rz]?|insert|inserez)[-_. ]",
    String.raw`^(sk-)?(x{3,}|\*+|\.{3,}|…|•+)$`,
    "^(changeme|todo|placeholder|api[-_]?(token|key)|token[-_]api)$",
  ].join("|"),
  "i",
);

/**
 * Refuses to send a key, or header values, anywhere but to an endpoint their owner chose; call it before any request.
 * `extraHeaders` are those of the command line: the owner's own, as a key from the environment is.
 */
export function checkKeyPolicy(loaded: Loaded, extraHeaders: Readonly<Record<string, string>> = {}): void {
  const { settings } = loaded;
  const isSecret = loaded.key === null || !isPlaceholder(loaded.key.value);
  // A server on this machine often wants no key, and takes any.
  if (!isSecret && !isLoopback(settings.endpoint)) {
    const llmaas = isLlmaas(settings.endpoint);
    throw new UserError({ code: "placeholder_key", origin: originName(loaded), llmaas });
  }
  checkSecrets(isSecret ? loaded : { ...loaded, key: null }, extraHeaders);
}

function checkSecrets(loaded: Loaded, extraHeaders: Readonly<Record<string, string>>): void {
  const { key, settings } = loaded;
  const fileHeaders = Object.keys(settings.headers).length > 0;
  const flagHeaders = Object.keys(extraHeaders).length > 0;
  if (key?.origin.kind === "file" || fileHeaders) checkFile(loaded);
  if ((key !== null && key.origin.kind !== "file") || flagHeaders) checkFolder(loaded);
  checkBorrowed(loaded);
  const secret = key !== null || fileHeaders || flagHeaders || hasUserinfo(settings.endpoint);
  if (secret) checkEncryption(loaded);
}

/** An endpoint that only a `./config.json` names which was merely found. */
type FoundEndpoint = { endpoint: string; file: string };

/**
 * Refuses to send anything to an endpoint that was merely found where something of the user's own is meant, or an unseen
 * prompt (`unseen`: it is piped or comes from a file, and nobody sees where it goes). What it returns must be said.
 */
export function checkFoundEndpoint(loaded: Loaded, unseen: boolean): FoundEndpoint | null {
  const { file, found, settings, origins } = loaded;
  if (file === null || found === null || origins.endpoint.kind !== "file") return null;
  const endpoint = originOf(settings.endpoint);
  if (endpoint === originOf(DEFAULT_ENDPOINT) || isLoopback(settings.endpoint)) return null;
  const { shadows, changed } = found;
  const where = { endpoint, file: file.path };
  if (shadows !== null) throw new UserError({ code: "found_endpoint_shadows", ...where, own: shadows, changed });
  if (unseen) throw new UserError({ code: "found_endpoint_unseen", ...where, changed });
  return where;
}

/** `true` for a token nobody has replaced yet, such as the one of `config.example.json`. */
export function isPlaceholder(token: string): boolean {
  return PLACEHOLDER.test(token);
}

// What a file holds goes to the endpoint that file names, or to the default if it names none.
function checkFile({ file, key, settings }: Loaded): void {
  if (!file) return;
  const fileEndpoint = file.endpoint ?? DEFAULT_ENDPOINT;
  const endpoints = { fileEndpoint: originOf(fileEndpoint), endpoint: originOf(settings.endpoint) };
  if (endpoints.fileEndpoint === endpoints.endpoint) return;
  const where = { file: file.path, ...endpoints };
  if (key?.origin.kind !== "file") throw new UserError({ code: "headers_from_file_elsewhere", ...where });
  throw new UserError({ code: "key_from_file_elsewhere", keyOrigin: rows.token.key, ...where });
}

// What the owner gave outside any file does not go to an endpoint that merely lay in the current folder.
function checkFolder({ file, key, settings, origins }: Loaded): void {
  if (!file || file.own || origins.endpoint.kind !== "file") return;
  const endpoint = originOf(settings.endpoint);
  if (endpoint === originOf(DEFAULT_ENDPOINT)) return;
  const owners = key !== null && key.origin.kind !== "file";
  throw new UserError({
    code: owners ? "key_from_environment_to_folder" : "headers_to_folder",
    endpoint,
    file: file.path,
  });
}

// A key of ours does not go to another machine of which only other programs were told.
function checkBorrowed({ key, settings, origins }: Loaded): void {
  if (origins.endpoint.kind !== "env" || origins.endpoint.name !== OPENAI_ENDPOINT_VARIABLE) return;
  if (key?.origin.kind !== "env" || key.origin.name === OPENAI_KEY_VARIABLE || isLoopback(settings.endpoint)) return;
  const endpoint = originOf(settings.endpoint);
  if (endpoint === originOf(DEFAULT_ENDPOINT)) return;
  throw new UserError({ code: "key_to_borrowed_endpoint", keyOrigin: key.origin.name, endpoint });
}

function checkEncryption({ settings }: Loaded): void {
  const { endpoint, allowHttp } = settings;
  if (allowHttp || new URL(endpoint).protocol === "https:" || isLoopback(endpoint)) return;
  throw new UserError({ code: "key_over_http", endpoint: originOf(endpoint) });
}

function originName({ key }: Loaded): string {
  const origin = key?.origin;
  if (origin?.kind === "file") return origin.path;
  return origin?.kind === "env" ? origin.name : "";
}

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
