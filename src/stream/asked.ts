import type { Api } from "../wire/api.ts";
import type { ApiBody } from "../wire/request.ts";
import type { StreamRequest } from "./event.ts";

/** A request as it is sent. What it says is read of a text only where somebody wants to know. */
export type Asked = {
  text: string;
  /** It asks for more than one answer. */
  several: boolean;
  body(): ApiBody;
};

/** What is asked of an API. `own`: as JSON in its own form, which then is sent as it is, but streamed. */
export function askedOf(api: Api, request: StreamRequest, own: string | null): Asked {
  if (own !== null) return streamedOf(own, api.streaming);
  const { body, unsaid } = api.body(request.body);
  // What cannot be said in an API was refused before.
  if (body === null) throw new Error(`${request.api} has no word for ${unsaid.what} ${unsaid.name}`);
  return bodyAsked(body);
}

/** What a body asks. */
export function bodyAsked(body: ApiBody): Asked {
  return { text: JSON.stringify(body), several: Number(body["n"]) > 1, body: () => body };
}

/** What makes a request a streamed one: its names as they stand in JSON, and all of it as it stands behind the rest. */
type Written = { names: readonly string[]; end: string };

/** Of each API. */
const WRITTEN = new Map<ApiBody, Written>();

function writtenOf(streaming: ApiBody): Written {
  let written = WRITTEN.get(streaming);
  if (written === undefined) {
    const names = Object.keys(streaming).map((name) => `${JSON.stringify(name)}:`);
    written = { names, end: `,${JSON.stringify(streaming).slice(1)}` };
    WRITTEN.set(streaming, written);
  }
  return written;
}

/** What says anything of its stream, or of several answers, is written anew: a name that stands twice means what a server likes. */
function streamedOf(own: string, streaming: ApiBody): Asked {
  const { names, end } = writtenOf(streaming);
  if (own === "{}" || own.includes('"n":') || names.some((name) => own.includes(name))) {
    const body: ApiBody = JSON.parse(own);
    return bodyAsked({ ...body, ...streaming });
  }
  const text = own.slice(0, -1) + end;
  return { text, several: false, body: () => JSON.parse(text) };
}
