import type { Ms } from "../stream/event.ts";

/** What servers count, and how they call what is left of it and when there is more again. */
const COUNTED = [
  ...["requests", "tokens"].map((what) => ({
    remaining: `x-ratelimit-remaining-${what}`,
    reset: `x-ratelimit-reset-${what}`,
  })),
  ...["requests", "tokens", "input-tokens", "output-tokens"].map((what) => ({
    remaining: `anthropic-ratelimit-${what}-remaining`,
    reset: `anthropic-ratelimit-${what}-reset`,
  })),
  ...["", "x-"].map((what) => ({ remaining: `${what}ratelimit-remaining`, reset: `${what}ratelimit-reset` })),
];

/** A reset that is further away is left to the refusal that will say so, or is nonsense. */
const LONGEST: Ms = 3_600_000;

/** Ms for which the answer's headers leave nothing to ask for; 0 where something is left, or nobody says. */
export function exhaustedFor(headers: Readonly<Record<string, string>>, now: Ms): Ms {
  let longest = 0;
  for (const { remaining, reset } of COUNTED) {
    const left = headers[remaining];
    if (left === undefined || left.trim() === "" || Number(left) > 0 || Number.isNaN(Number(left))) continue;
    const wait = waitUntil(headers[reset] ?? "", now);
    if (wait <= LONGEST) longest = Math.max(longest, wait);
  }
  const { ratelimit } = headers;
  return ratelimit === undefined ? longest : Math.max(longest, exhaustedIn(ratelimit));
}

/** The header of the IETF's drafts, which says both: `limit=100, remaining=0, reset=5`, or `"name";r=0;t=5`. */
function exhaustedIn(text: string): Ms {
  const spans = [
    ...text.matchAll(/\bremaining=0\b[^"]*?\breset=(\d+)/g),
    ...text.matchAll(/;\s*r=0\b[^",]*?;\s*t=(\d+)/g),
  ].map(([, seconds]) => Number(seconds) * 1000);
  return Math.max(0, ...spans.filter((ms) => ms <= LONGEST));
}

const UNITS: Readonly<Record<string, Ms>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A reset is a span such as `1m6.5s` or `20ms`, seconds, an instant in seconds or ms since the epoch, or a date. */
function waitUntil(text: string, now: Ms): Ms {
  const reset = text.trim();
  if (/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(reset))
    return [...reset.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)].reduce(
      (sum, [, number, unit = ""]) => sum + Number(number) * (UNITS[unit] ?? 0),
      0,
    );
  if (/^\d+(?:\.\d+)?$/.test(reset)) {
    const number = Number(reset);
    return number < 1e9 ? number * 1000 : Math.max(0, (number < 1e12 ? number * 1000 : number) - now);
  }
  const date = Date.parse(reset);
  return /\d{4}/.test(reset) && !Number.isNaN(date) ? Math.max(0, date - now) : 0;
}
