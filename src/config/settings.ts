import { API_KINDS, type ApiKind } from "../wire/apis.ts";
import { normalizeEndpoint } from "../wire/endpoint.ts";
import {
  anyText,
  choice,
  decimal,
  duration,
  fields as jsonFields,
  headerLines,
  integer,
  type Kind,
  orOff,
  type Prices,
  prices,
  readable,
  text,
  texts,
  yesNo,
} from "./kinds.ts";
import { type Language, languageOf } from "./language.ts";
import type { KeyReason } from "./user-error.ts";

/** The settings everything else reads. */
export type Settings = {
  /** Base URL without a final slash, such as `https://host/v1`. */
  endpoint: string;
  /** Which API is spoken there. */
  api: ApiKind;
  /** Header lines of the owner's own, name in lower case. */
  headers: Record<string, string>;
  allowHttp: boolean;
  /** `[DONE]` without a finish reason ends a whole answer. */
  trustDone: boolean;
  model: string;
  system: string | null;
  /** `null` leaves a parameter out of the request. */
  maxTokens: number | null;
  temperature: number | null;
  topP: number | null;
  params: Record<string, unknown>;
  /** Milliseconds; 0 is off. */
  timeoutOpen: number;
  timeoutFirstToken: number;
  timeoutIdle: number;
  timeoutTotal: number;
  retries: number;
  maxWait: number;
  concurrency: number;
  stall: number;
  reasoning: "show" | "hide";
  /** Of tokens; `null` where nobody said. */
  prices: Prices | null;
  /** Limits that a measured load must keep, as they are written. */
  slo: string[];
  lang: Language;
  color: "auto" | "always" | "never";
};

export type SettingField = keyof Settings;

/** All that can be set: the settings, and what only helps to find them. */
export type Values = Omit<Settings, "api" | "lang" | "timeoutOpen"> & {
  /** `null`: the one whose path ends the endpoint, and else chat. */
  api: ApiKind | null;
  /** `null`: as `timeoutFirstToken`. */
  timeoutOpen: number | null;
  token: string | null;
  /** Sets `timeoutFirstToken` and `timeoutIdle` together, and takes back an earlier `timeoutOpen`. */
  timeout: number | null;
  lang: Language | null;
};

export type Field = keyof Values;

type Row<T> = {
  /** Where it stands in the file. */
  readonly key: string;
  readonly kind: Kind<T>;
  /** `null` may be written in the file for a default that is `null`. */
  readonly default: T;
  readonly about: string;
  readonly env?: string;
  /** Where the variable says it otherwise than the file does. */
  readonly fromEnv?: (text: string) => string;
  /** Never shown. */
  readonly secret?: true;
  /** Not taken from a `./config.json` that happened to lie in the current folder. */
  readonly ownerOnly?: true;
};

export const DEFAULT_ENDPOINT = "https://api.ai.cloud-temple.com/v1";
export const KEY_VARIABLE = "LLMAAS_API_KEY";
export const KEY_FILE_VARIABLE = "LLMAAS_API_KEY_FILE";
/** What other programs read: an endpoint where nothing of ours names one, and its key. */
export const OPENAI_ENDPOINT_VARIABLE = "OPENAI_BASE_URL";
export const OPENAI_KEY_VARIABLE = "OPENAI_API_KEY";
export const CONFIG_VARIABLE = "LLMAAS_CONFIG";

const endpoint = readable(normalizeEndpoint, "https://host/v1", { pattern: "^[Hh][Tt][Tt][Pp][Ss]?://" });
const token = readable(asToken, "sk-…", {});
const time = duration();
const yesOrNo = yesNo();

/** Every setting there is; defaults, environment, checks, suggestions and the JSON Schema all derive from this table. */
export const rows: { readonly [F in Field]: Row<Values[F]> } = {
  endpoint: {
    key: "api.endpoint",
    kind: endpoint,
    default: DEFAULT_ENDPOINT,
    env: "LLMAAS_ENDPOINT",
    about: "Base URL of the API; a final / is taken off, and so is the path of an API, which chooses it.",
  },
  api: {
    key: "api.kind",
    kind: choice(API_KINDS),
    default: null,
    env: "LLMAAS_API",
    about: "API that is spoken; null is the one whose path ends the endpoint, and else chat.",
  },
  token: {
    key: "api.token",
    kind: token,
    default: null,
    secret: true,
    about: `Key of the API; it only goes to this file's endpoint. ${KEY_VARIABLE} and ${KEY_FILE_VARIABLE} come before it.`,
  },
  headers: {
    key: "api.headers",
    kind: headerLines(),
    default: {},
    secret: true,
    about: "Further request headers, by name; they only go to this file's endpoint.",
  },
  allowHttp: {
    key: "api.allow_http",
    kind: yesOrNo,
    default: false,
    ownerOnly: true,
    about: "Send the key over plain http to other machines; not taken from a ./config.json that was not named.",
  },
  trustDone: {
    key: "api.trust_done",
    kind: yesOrNo,
    default: false,
    about: "Take [DONE] without a finish_reason for the end of a whole answer: for servers that never give a reason.",
  },
  model: { key: "defaults.model", kind: text(), default: "granite3.3:2b", env: "LLMAAS_MODEL", about: "Model to ask." },
  maxTokens: {
    key: "defaults.max_tokens",
    kind: orOff(integer({ min: 1 })),
    default: 300,
    about: "Longest answer, in tokens; null leaves it to the server.",
  },
  temperature: {
    key: "defaults.temperature",
    kind: orOff(decimal({ min: 0, max: 2 })),
    default: 0.8,
    about: "Sampling temperature; null leaves it to the server.",
  },
  timeout: {
    key: "defaults.timeout",
    kind: time,
    default: null,
    about: "Sets timeout_open, timeout_first_token and timeout_idle together.",
  },
  timeoutOpen: {
    key: "defaults.timeout_open",
    kind: time,
    default: null,
    about:
      "Longest wait for the response headers; 0 is off. null is as timeout_first_token: many servers send them with the first token.",
  },
  timeoutFirstToken: {
    key: "defaults.timeout_first_token",
    kind: time,
    default: 120_000,
    about: "Longest wait for the first token; 0 is off.",
  },
  timeoutIdle: {
    key: "defaults.timeout_idle",
    kind: time,
    default: 60_000,
    about: "Longest silence between tokens; 0 is off.",
  },
  timeoutTotal: {
    key: "defaults.timeout_total",
    kind: time,
    default: 0,
    about: "Longest duration of a stream, retries included; 0 is off.",
  },
  system: { key: "defaults.system", kind: anyText(), default: null, about: "System message put before each prompt." },
  topP: {
    key: "defaults.top_p",
    kind: orOff(decimal({ min: 0, max: 1 })),
    default: null,
    about: "Nucleus sampling; null leaves it to the server.",
  },
  params: {
    key: "defaults.params",
    kind: jsonFields(),
    default: {},
    about: "Further parameters of the request, sent as they are; null leaves one out.",
  },
  concurrency: {
    key: "defaults.concurrency",
    kind: integer({ min: 1, max: 65_535 }),
    default: 8,
    about: "Streams at once.",
  },
  reasoning: {
    key: "defaults.reasoning",
    kind: choice(["show", "hide"]),
    default: "show",
    about: "Whether reasoning is shown.",
  },
  stall: { key: "defaults.stall", kind: time, default: 1000, about: "A gap longer than this counts as a stall." },
  retries: {
    key: "retry.retries",
    kind: integer({ min: 0, max: 100 }),
    default: 2,
    about: "Retries before the first token.",
  },
  maxWait: {
    key: "retry.max_wait",
    kind: time,
    default: 60_000,
    about: "Longest wait a server may ask for before a retry.",
  },
  prices: {
    key: "prices",
    kind: prices(),
    default: null,
    about:
      "Price of a million tokens, and of single models by name; cached_input costs what input costs and reasoning what output costs, unless given.",
  },
  slo: {
    key: "bench.slo",
    kind: texts(),
    default: [],
    about: 'Limits that llmaas bench must keep, such as "p95(ttft) < 800ms"; --slo replaces them.',
  },
  lang: {
    key: "lang",
    kind: choice(["fr", "en"]),
    default: null,
    env: "LLMAAS_LANG",
    fromEnv: languageOf,
    about: "Language of the display; null is the system's.",
  },
  color: {
    key: "color",
    kind: choice(["auto", "always", "never"]),
    default: "auto",
    about: "Colours on the terminal.",
  },
};

/** Every field of the table, in its order. */
export const fields: readonly Field[] = Object.keys(rows).filter((name) => isField(name));

/** The option of the command line that stands for a setting, such as `--max-tokens`. */
export function flagName(field: Field): string {
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function isField(name: string): name is Field {
  return Object.hasOwn(rows, name);
}

// What may stand in an Authorization header; an empty token is none.
function asToken(given: string): string | null {
  return keyFault(given) === null ? given.trim() : null;
}

/** What makes this text no key; `null` for a key, and for none. */
export function keyFault(given: string): KeyReason | null {
  const text = given.trim();
  if (/^[\x21-\x7e]*$/.test(text)) return /^["'`]|["'`]$/.test(text) ? "quotes" : null;
  if (/^(?:authorization:\s*)?bearer\s/i.test(text)) return "prefix";
  if (/^["'`“”‘’«]|["'`“”‘’»]$/u.test(text)) return "quotes";
  if (/[\r\n]/.test(text)) return "line_end";
  return /\s/.test(text) ? "space" : "letter";
}
