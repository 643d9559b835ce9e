import { readBounded, readSmall } from "../config/files.ts";
import { isSecretHeader } from "../config/secrets.ts";
import type { Unsayable } from "../config/batch-problem.ts";
import { UserError } from "../config/user-error.ts";
import { createBody } from "../run/jobs.ts";
import { plainPrompt, type Prompt } from "../run/prompts.ts";
import { createUnsaid } from "../wire/apis.ts";
import type { Json } from "../wire/request.ts";
import { badOption, type Args } from "./args.ts";
import { asUserError, readableKind } from "./output-file.ts";

/** `--model a,b`: each prompt goes to each of them. */
export function modelsOf(given: string): string[] {
  const models = given.split(",").map((name) => name.trim());
  if (models.every((name) => name !== "")) return models;
  throw badOption("model", given, { kind: "like", example: "gemma3:4b,qwen3:8b" });
}

/** What other options and the tool itself decide. */
const OURS = new Map([
  ["model", "--model"],
  ["messages", "prompt, --system, --image"],
  ["input", "prompt, --system, --image"],
  ["prompt", "prompt, --system, --image"],
  ["stream", "stream: true"],
]);

/** `--param key=JSON`, every occurrence. */
export function paramsOf(given: readonly string[]): Record<string, Json> {
  const params = new Map<string, Json>();
  for (const param of given) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(param) ?? [];
    if (name === undefined || text === undefined) throw new UserError({ code: "bad_param", value: param, meant: null });
    const ours = OURS.get(name);
    if (ours !== undefined)
      throw new UserError({ code: "options_conflict", options: [`--param ${name}`, ours], why: "param" });
    try {
      params.set(name, JSON.parse(text));
    } catch {
      throw new UserError({ code: "bad_param", value: param, meant: `${name}=${asJson(text)}` });
    }
  }
  return Object.fromEntries(params);
}

/** What a text that is no JSON was meant as: what other languages call true, false and nothing, 0,8, or a text. */
function asJson(text: string): string {
  const plain = text.trim();
  if (/^(?:true|false|null)$/i.test(plain)) return plain.toLowerCase();
  if (/^(?:none|nil|undefined)$/i.test(plain)) return "null";
  const number = plain.replace(/^(-?\d*),(\d+)$/, "$1.$2").replace(/^(-?)\./, "$10.");
  if (/^-?\d+\.\d+$/.test(number)) return number;
  const words = plain.replace(/^'(.*)'$/s, "$1");
  return JSON.stringify(words === "" ? plain : words);
}

/** What of a prompt cannot be said in the API that is spoken; `null`: all can. */
export type UnsaidOf = (prompt: Prompt) => Unsayable | null;

/** Says of prompts what of them cannot be said in the API of the settings. */
export async function createUnsaidOf(asked: Parameters<typeof createBody>[2]): Promise<UnsaidOf> {
  const { api } = asked.settings;
  const unsaidIn = await createUnsaid(api);
  return (prompt) => {
    const unsaid = unsaidIn(createBody(prompt, "", asked));
    return unsaid === null ? null : { ...unsaid, api };
  };
}

/**
 * Refuses what the settings and the command line ask for and the API has no word for. `lines`: prompts come from a file,
 * whose lines may say how long an answer may be.
 */
export async function checkSayable(asked: Parameters<typeof createBody>[2], lines: boolean): Promise<UnsaidOf> {
  const unsaidOf = await createUnsaidOf(asked);
  const unsaid = unsaidOf(plainPrompt("-"));
  if (unsaid !== null && !(lines && unsaid.what === "limit")) throw new UserError({ code: "unsaid", ...unsaid });
  return unsaidOf;
}

/** Headers of the command line, names in lower case. */
type GivenHeaders = {
  all: Record<string, string>;
  /** Those whose values must not be shown. */
  secret: Record<string, string>;
  /** What holds values of them. */
  files: string[];
};

/** `--header` and `--header-secret`, every occurrence: `'NAME: VALUE'`, or NAME=@FILE, where the value is a secret. */
export async function readHeaders(args: Args): Promise<GivenHeaders> {
  const headers: GivenHeaders = { all: {}, secret: {}, files: [] };
  for (const option of ["header", "header-secret"] as const) {
    for (const given of args.all(option)) {
      const { name, value, file } = await readHeader(given);
      headers.all[name] = value;
      if (file !== null) headers.files.push(file);
      if (file !== null || option === "header-secret" || isSecretHeader(name, value)) headers.secret[name] = value;
    }
  }
  return headers;
}

const NAME = "[!#$%&'*+.^_`|~\\w-]+";
const HEADER = new RegExp(`^\\s*(${NAME})\\s*(?::\\s*(.*?)\\s*|=@(.+))$`, "s");
const VALUE = /^[\t\x20-\x7E\x80-\xFF]*$/;

async function readHeader(given: string): Promise<{ name: string; value: string; file: string | null }> {
  const [, name, text = "", file = null] = HEADER.exec(given) ?? [];
  const value = file === null ? text : await readValue(file);
  // An empty file is no value.
  if (name === undefined || !VALUE.test(value) || (file !== null && value === ""))
    throw new UserError({ code: "bad_header", value: given });
  return { name: name.toLowerCase(), value, file };
}

async function readValue(path: string): Promise<string> {
  const text = await readSmall(path).catch((error: unknown) => {
    throw asUserError(error, path, "value");
  });
  return text.replace(/^\uFEFF/, "").trim();
}

/** Largest image, in bytes, that is sent inside a request. */
const LIMIT = 20 * 1024 * 1024;
const ACCEPTED = "png, jpeg, webp, gif";

/** The first bytes of each type that is accepted. */
const SIGNATURES: readonly { type: string; matches(bytes: Buffer): boolean }[] = [
  { type: "image/png", matches: (bytes) => bytes.toString("latin1", 0, 8) === "\x89PNG\r\n\x1a\n" },
  { type: "image/jpeg", matches: (bytes) => bytes.toString("latin1", 0, 3) === "\xff\xd8\xff" },
  { type: "image/gif", matches: (bytes) => /^GIF8[79]a$/.test(bytes.toString("latin1", 0, 6)) },
  { type: "image/webp", matches: (bytes) => /^RIFF....WEBP$/s.test(bytes.toString("latin1", 0, 12)) },
];

/** `--image FILE`, every occurrence, as data URLs; the type is told by the bytes, not by the name. */
export function readImages(paths: readonly string[]): Promise<string[]> {
  return Promise.all(paths.map(readImage));
}

async function readImage(path: string): Promise<string> {
  if (path === "-") throw new UserError({ code: "image_not_file" });
  const file = Bun.file(path);
  const isPipe = readableKind(path, "image") === "pipe";
  if (!isPipe && file.size > LIMIT) throw new UserError({ code: "image_size", path, bytes: file.size, limit: LIMIT });
  const read = await (isPipe ? readBounded(path, LIMIT) : file.bytes()).catch((error: unknown) => {
    throw asUserError(error, path, "image");
  });
  const bytes = Buffer.from(read);
  const signature = SIGNATURES.find(({ matches }) => matches(bytes));
  if (signature === undefined) throw new UserError({ code: "image_type", path, accepted: ACCEPTED });
  return `data:${signature.type};base64,${bytes.toString("base64")}`;
}
