import type { Accepted } from "../../config/user-error.ts";
import { enNumbers } from "../numbers.ts";

const { count } = enNumbers;

/** The last of several is set off by `or`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}

/** What a value may be, as a sentence, or how it should have been written; `off` is how nothing is written there. */
export function enAccepted(accepted: Accepted, value: string, meant: string | null, off: "off" | "null"): string {
  if (meant !== null)
    return value.includes(",") && meant.includes(".") ? `Write ${meant}, with a point.` : `Did you mean ${meant}?`;
  switch (accepted.kind) {
    case "integer":
    case "number": {
      const { kind, min, max } = accepted;
      const number = kind === "integer" ? "a whole number" : "a number";
      const bounds = max === null ? `from ${count(min)} on` : `from ${min < 1 ? min : count(min)} to ${count(max)}`;
      const point = kind === "number" ? ", with a point before decimals" : "";
      const others = (accepted.list ? ", or a list such as 1,4,16" : "") + (accepted.off ? `, or ${off}` : "");
      return `It takes ${number} ${bounds}${point}${others}.`;
    }
    case "duration":
      return "It takes a time of at most one day, such as 500ms, 10s or 2m; 0 turns it off.";
    case "choice":
      return `It takes ${either(accepted.words)}.`;
    case "like":
      return `Write it like this: ${accepted.example}`;
  }
}

/** What each kind of value is, as it stands in the definitions of the options, with an example where it needs one. */
const NEEDED: Readonly<Record<string, string>> = {
  "A,B": "the name of a model, such as gemma3:4b",
  "0…1": "a number from 0 to 1, such as 0.5",
  "0…2": "a number from 0 to 2, such as 0.8",
  "'NAME: VALUE'": "a name and a value in quotes, such as 'x-team: blue'",
  ADDRESS: "an address of this machine",
  AMOUNT: "an amount, such as 2.50",
  DURATION: "a time, such as 500ms, 10s or 2m",
  FILE: "the name of a file",
  "FILE|-": "the name of a file, or - for standard input or output",
  "FILE.json": "the name of a report, such as base.json",
  "FILE.jsonl": "the name of a file, such as run.jsonl",
  HOST: "the name or address of a time server, such as pool.ntp.org",
  INSTANT: "an instant with its zone, such as 2026-11-26T08:00:00Z",
  "FILE.csv|-": "the name of a table, such as in.csv, or - for standard input",
  "SCHEMA.json": "the name of a JSON schema, such as schema.json",
  TEMPLATE: "a text in quotes that names columns, such as 'Classify: {text}'",
  "ID|FILE": "the id of a batch, or the name of a submitted file, such as in.jsonl",
  "I/N": "a part and how many there are, such as 1/3",
  KEY: "a key of your choice",
  "KEY=JSON": "a name and a value, such as presence_penalty=0.5",
  MODEL: "the name of a model, such as gemma3:4b",
  N: "a number",
  "N|DURATION": "a number of streams or a time, such as 5 or 10s",
  "NAME[@N][:SHARE]": "the name of a fault, such as reset@20:0.1",
  "NAME=SPEED,…": "names and speeds, such as fast=500,slow=5",
  OUTCOME: "the name of what becomes of a batch, such as expired",
  PATH: "the name of a file",
  TEXT: "a text in quotes",
  URL: "an address, such as http://127.0.0.1:8080/v1",
};

/** What an option needs whose value is missing. */
export function enNeeded(option: string, hint: string, choices: readonly string[], example: string | null): string {
  if (choices.length > 0) return either(choices);
  if (option === "--slo") return "a threshold in quotes, such as 'p95(ttft) < 800ms'";
  if (option === "--fail-if") return "a limit in quotes, such as 'p95(ttft) +10%'";
  const needed = NEEDED[hint] ?? `a value (${hint})`;
  return example === null || needed.includes("such as") ? needed : `${needed}, such as ${example}`;
}
