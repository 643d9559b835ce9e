import type { Loaded } from "../config/load.ts";
import { KEY_FILE_VARIABLE } from "../config/settings.ts";
import { UserError } from "../config/user-error.ts";
import type { Context } from "./context.ts";
import { placeOf } from "./output-file.ts";

/** Loaded where a file is named: at start it would take 2 ms. */
const fs = (): typeof import("node:fs") => require("node:fs");

/** A file, as the command line calls it, and what it is, however it is spelled; `null` for what cannot be spoilt. */
type Place = { name: string; identity: string | null };

/** Refuses to write into what is read, or two things into one file: one would spoil the other. */
export function checkFiles({ args, env }: Context, { file }: Pick<Loaded, "file">): void {
  const named = (option: "prompts" | "image" | "records" | "report"): Place[] =>
    args.all(option).flatMap((path) => (path === "-" ? [] : [placeAt(path, `--${option} ${path}`)]));
  const prompts = named("prompts");
  const images = named("image");
  const written = [...named("records"), ...named("report")];
  if (prompts.length + images.length + written.length === 0) return;
  const variables = [KEY_FILE_VARIABLE, "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
  const headers = [...args.all("header"), ...args.all("header-secret")];
  const read = [
    ...prompts,
    ...images,
    ...(file === null ? [] : [placeAt(file.path, file.path)]),
    ...variables.flatMap((name) => (env[name] ? [placeAt(env[name], `${name}=${env[name]}`)] : [])),
    ...headers.flatMap((header) => {
      const path = /^[^:=]*=@(.+)$/s.exec(header)?.[1];
      return path === undefined ? [] : [placeAt(path, `--header ${header}`)];
    }),
    openAt(0, "stdin"),
  ];
  // Both standard outputs may be one file: they take turns.
  const [out, err] = [openAt(1, "stdout"), openAt(2, "stderr")];
  for (const [at, place] of written.entries()) checkOne(place, [...read, ...written.slice(0, at), out, err]);
  for (const place of [out, err]) checkOne(place, read);
}

function checkOne({ name, identity }: Place, others: readonly Place[]): void {
  const other = others.find((place) => identity !== null && place.identity === identity);
  if (other !== undefined) throw new UserError({ code: "same_file", first: other.name, second: name });
}

/** Device and inode of what is there, links followed; of what is not, the place where it would be. */
function placeAt(path: string, name: string): Place {
  try {
    const stats = fs().statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return { name, identity: placeOf(path) };
    return { name, identity: stats.isFile() || stats.isFIFO() ? `${stats.dev}:${stats.ino}` : null };
  } catch {
    // Whoever opens it says why it cannot be.
    return { name, identity: null };
  }
}

/** A pipe may be named too, as /dev/stdout: what is written into it follows on. */
function openAt(descriptor: number, name: string): Place {
  try {
    const stats = fs().fstatSync(descriptor, { bigint: true });
    return { name, identity: stats.isFile() ? `${stats.dev}:${stats.ino}` : null };
  } catch {
    return { name, identity: null };
  }
}
