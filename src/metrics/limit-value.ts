import { UserError, type SloReason } from "../config/user-error.ts";
import type { Unit } from "./figures.ts";

/** A number without sign or exponent, and what follows it. */
const VALUE = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-zµμ%/]*)$/;

const TIMES: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, μs: 0.001, ms: 1, s: 1000, m: 60_000 };
const ACCEPTED: Readonly<Record<Unit, string>> = {
  ms: "500us, 800ms, 1.5s, 2m",
  share: "1%, 0.01, 0% … 100%",
  tokens_per_second: "30, 30.5 tokens/s, 30/s",
  requests_per_second: "2, 2.5 requests/s, 2/s",
};

/** The value of a limit, in the unit of its figure; throws `bad_slo` with what was meant. */
export function readValue(text: string, value: string, unit: Unit): number {
  const [, digits = "", suffix = ""] = VALUE.exec(value.toLowerCase()) ?? [];
  const factor = digits === "" ? undefined : factorOf(unit, suffix, Number(digits));
  // Twelve digits: 29 × 0.01 is not what 0.29 is.
  const result = Number((Number(digits) * (factor ?? NaN)).toPrecision(12));
  const isBare = digits !== "" && suffix === "";
  if (isBare && unit === "ms") throw refuse(text, "no_unit", value, ACCEPTED[unit], `${value}ms`);
  if (isBare && unit === "share" && Number(digits) >= 1 && Number(digits) <= 100)
    throw refuse(text, "no_unit", value, ACCEPTED[unit], `${value}%`);
  if (!Number.isFinite(result)) throw refuse(text, ...misreadValue(value, unit));
  if (unit === "share" && result > 1) throw refuse(text, "share", value, ACCEPTED[unit]);
  return result;
}

/** A comma where a point is written, or something else. */
function misreadValue(value: string, unit: Unit): [SloReason, string, string, string?] {
  const pointed = value.replace(/^(\d*),(\d+)/, "$1.$2");
  return pointed !== value && VALUE.test(pointed.toLowerCase())
    ? ["comma", value, ACCEPTED[unit], pointed]
    : ["unit", value, ACCEPTED[unit]];
}

function factorOf(unit: Unit, suffix: string, number: number): number | undefined {
  switch (unit) {
    case "ms":
      // A bare number would be ms to some, and is seconds everywhere else in this program.
      return TIMES[suffix];
    case "share":
      if (suffix === "%") return 0.01;
      // A bare 1 is 100 % to some and 1 % to others.
      return suffix === "" && number !== 1 ? 1 : undefined;
    case "tokens_per_second":
      return ["", "/s", "tokens/s"].includes(suffix) ? 1 : undefined;
    case "requests_per_second":
      return ["", "/s", "requests/s"].includes(suffix) ? 1 : undefined;
  }
}

/** What is wrong with a `--slo`. */
export function refuse(
  value: string,
  why: SloReason,
  part: string,
  accepted: string,
  meant: string | null = null,
): UserError {
  return new UserError({ code: "bad_slo", file: null, value, why, part, accepted, meant });
}
