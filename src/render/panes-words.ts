/** What the live display of several streams says; the verdicts are codes and say themselves. */
export type PanesWords = {
  state: Record<"waiting" | "thinking" | "streaming" | "stalled", string>;
  retrying(attempt: number, wait: string): string;
  tokens(count: string): string;
  speed(perSecond: string): string;
  ttft(time: string): string;
  seconds(count: string): string;
  /** `total`: `null` when nobody knows how many there will be. */
  done(count: string, total: string | null): string;
  running(count: string): string;
  failed(count: string): string;
  left(time: string): string;
  /** Titles of the columns when each stream is one line. */
  columns: { number: string; model: string; tokens: string; speed: string; pace: string; text: string };
};
