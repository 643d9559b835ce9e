import { parseJson } from "./bounds.ts";
import { isFields, stringOrNull, type Fields } from "./fields.ts";

/** An error as a server writes it; `message` is "" where it says no word of its own. */
export type ApiError = { message: string; type: string | null; code: string | null; param: string | null };

/** What says nothing. */
export const NO_ERROR: ApiError = { message: "", type: null, code: null, param: null };

/** Where servers put their words, the best place first. */
const WORDS = [
  "message",
  "msg",
  "detail",
  "error_description",
  "errorMessage",
  "title",
  "error_message",
  "error_msg",
  "errmsg",
  "status_msg",
  "Message",
] as const;
const CODES = ["code", "error_code", "errorCode", "status_code", "statusCode"] as const;
const TYPES = ["type", "error_type", "__type", "status"] as const;

/** An error may be wrapped in others, or be the text of another one; beyond so many levels it is nobody's any more. */
const MOST_LEVELS = 8;

/** Lines of a text that are tried. */
const MOST_LINES = 100;

/** A gateway's words for "the words are elsewhere". */
const MERE = /^provider returned (an )?error\.?$/i;
/** What the fields of an error say where there is none, in small letters. */
const FINE: ReadonlySet<string> = new Set(["", "0", "200", "ok", "success", "none", "null", "false"]);
/**
 * What servers call an error, be it in a field or as the name of an event: `error`, `overloaded_error`, `response.error`,
 * `throttlingException`. With two points it is one of a part, such as `response.mcp_call.error`.
 */
const CALLED = /^([\w-]+\.)?[\w-]*(error|exception)$/i;
/** What a field `status` says of one: a status of HTTP, or a word. */
const STATUS = /^([45]\d\d|error|fail(ed|ure)?)$/i;

/** A field of the event stream itself, which the format does not know: `error: {…}`. */
export const ERROR_FIELD = "error:";

const EVENT_STREAM = /^(?:(?:data|event|id|retry|error)?:|(?:data|event|id|retry)$)/;

/**
 * The error that a JSON value is, of which it is known that it is no answer: the body of a refusal, or the data of an
 * event named "error". `null`: it says neither a word nor a code.
 */
function errorOf(value: unknown): ApiError | null {
  const error = read(value, 0);
  return error.message === "" && error.code === null && error.type === null ? null : error;
}

/** The same of a text: of JSON, between other lines too, or of an event stream. */
export function errorOfText(text: string): ApiError | null {
  return errorIn(text, true);
}

/** `events`: it may be an event stream; the data of one is no other. */
function errorIn(text: string, events: boolean): ApiError | null {
  const body = text.replace(/^\uFEFF/, "").trim();
  const parsed = parseJson(body);
  if (parsed !== undefined) return errorOf(parsed);
  if (events && EVENT_STREAM.test(body)) return errorOfEvents(body);
  const lines = body.split("\n").filter(beginsJson);
  const rest = body.slice(/^[[{]/m.exec(body)?.index ?? body.length);
  const texts = [rest, ...lines.slice(0, MOST_LINES), ...lines.slice(-1)];
  for (const text of texts) {
    const error = errorOf(parseJson(text));
    if (error !== null) return error;
  }
  return body.startsWith("<") ? errorOfXml(body) : null;
}

/** Storage and cloud gateways write `<Error><Code>…</Code><Message>…</Message></Error>`. */
function errorOfXml(body: string): ApiError | null {
  const element = (name: string): string =>
    new RegExp(`<${name}>([^<]{1,1000})`, "i").exec(body)?.[1]?.replace(/\s+/g, " ").trim() ?? "";
  const message = element("message");
  return message === "" ? null : { ...NO_ERROR, message, code: element("code") || null };
}

function beginsJson(line: string): boolean {
  return line.startsWith("{") || line.startsWith("[");
}

/** The error of an event or of a choice that has a field of that name, though it may be an answer too; `null` for none. */
export function errorBeside(fields: Fields): ApiError | null {
  const { error } = fields;
  if (!error) return null;
  // Some gateways write every field into every chunk.
  return isFine(error) ? null : read(fields, 0);
}

function isFine(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "object") return Object.values(value).every(isFine);
  return FINE.has(String(value).toLowerCase());
}

const [SMALL, R, N] = [32, 114, 110];

/** Whether an event is called an error by its name. */
export function isErrorName(name: string): boolean {
  // Most events have a name that ends otherwise, which is told without a pattern.
  const last = name.charCodeAt(name.length - 1) | SMALL;
  return (last === R || last === N) && CALLED.test(name);
}

/** The error that an event without an answer and without usage is, though no field is called so; `null` for none. */
export function errorOfEvent(event: Fields): ApiError | null {
  const { base_resp: base, error_code: code } = event;
  const called = [event["object"], event["type"]].some((each) => typeof each === "string" && CALLED.test(each));
  const refused = event["success"] === false || (isFields(base) && !isFine(base["status_code"])) || !isFine(code);
  const said = hasWords(event["message"]) || hasWords(event["msg"]);
  const coded = said && (CODES.some((name) => !isFine(event[name])) || STATUS.test(String(event["status"])));
  return called || refused || coded || TOLD.some((name) => hasWords(event[name])) ? read(event, 0) : null;
}

/** Fields whose words can be those of an error alone. */
const TOLD = ["error_message", "errorMessage", "error_msg", "errmsg", "detail", "errors"];

/** What an HTML page calls itself; `null` for anything else. */
export function titleOf(text: string): string | null {
  const title = /<title[^>]{0,200}>([^<]{0,400})/i.exec(text)?.[1]?.replace(/\s+/g, " ").trim();
  return title || null;
}

function read(value: unknown, level: number): ApiError {
  if (level > MOST_LEVELS) return NO_ERROR;
  if (typeof value === "string") return readText(value, level) ?? { ...NO_ERROR, message: value.trim() };
  if (Array.isArray(value)) return read(value[0], level + 1);
  if (!isFields(value)) return NO_ERROR;
  const within = read(value["error"] ?? value["base_resp"], level + 1);
  const further = read(value["errors"], level + 1);
  const own = ownWords(value, level);
  return {
    message:
      isFields(value["error"]) && within.message !== "" ? within.message : both(within.message, own, further.message),
    type: within.type ?? first(value, TYPES) ?? further.type ?? (own === "" ? null : nameIn(value["error"])),
    code: within.code ?? first(value, CODES) ?? further.code,
    param: within.param ?? stringOrNull(value["param"]),
  };
}

/** A text may hold another error, as JSON. */
function readText(text: string, level: number): ApiError | null {
  const inside = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  const error = inside === undefined ? null : read(inside, level + 1);
  return error === null || error.message === "" ? null : error;
}

function ownWords(fields: Fields, level: number): string {
  for (const name of WORDS) {
    const { message } = read(fields[name], level + 1);
    if (message !== "") return message + origin(fields) + rawWords(message, fields["metadata"], level);
  }
  // FastChat writes its errors where its answers stand.
  return isFine(fields["error_code"]) ? "" : (stringOrNull(fields["text"]) ?? "");
}

/** FastAPI says beside its words where in the request the mistake is. */
function origin({ loc }: Fields): string {
  return Array.isArray(loc) && loc.length > 0 ? ` (${loc.filter(isName).join(".")})` : "";
}

function isName(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function rawWords(message: string, metadata: unknown, level: number): string {
  if (!MERE.test(message) || !isFields(metadata)) return "";
  const raw = read(metadata["raw"], level + 1).message;
  return raw === "" ? "" : `: ${raw}`;
}

/** Several words for one thing, each once. */
function both(...texts: string[]): string {
  const said = texts.filter(
    (text, at) => text !== "" && !texts.some((other, i) => i !== at && repeats(text, at, other, i)),
  );
  return said.join(": ");
}

function repeats(text: string, at: number, other: string, i: number): boolean {
  return other === text ? i < at : other.includes(text);
}

function first(fields: Fields, names: readonly string[]): string | null {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === "number" && name !== "status") return String(value);
    if (typeof value === "string" && value !== "" && value !== "error") return value;
  }
  return null;
}

/** `"error": "invalid_request"` is a type as well as words. */
function nameIn(error: unknown): string | null {
  return typeof error === "string" && /^[A-Za-z][\w.-]*$/.test(error) ? error : null;
}

function hasWords(value: unknown): boolean {
  return value !== undefined && value !== null && read(value, 1).message !== "";
}

/** The body of a refusal is whole and small: it needs no decoder, which the main thread must not load. */
function errorOfEvents(body: string): ApiError | null {
  for (const event of body.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = event.split("\n");
    const called = lines.some((line) => /^(event: ?error$|error:)/.test(line));
    const data = lines.flatMap((line) => /^(?:data|error): ?(.*)/.exec(line)?.[1] ?? []).join("\n");
    const error = errorIn(data, false) ?? (called && data !== "" ? { ...NO_ERROR, message: data.trim() } : null);
    if (error !== null) return error;
  }
  return null;
}
