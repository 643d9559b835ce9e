/** How the page writes numbers: as the rest of the program does in that language. */
export type Writer = {
  /** Three significant digits below 100, else a whole number. */
  number(value: number): string;
  count(value: number): string;
  /** Milliseconds as people read them. */
  duration(ms: number): string;
  /** With so many digits after the point. */
  fixed(value: number, digits: number): string;
};

/** The writer of a language. */
export function createWriter(lang: "fr" | "en"): Writer {
  const french = lang === "fr";
  const space = french ? "\u00A0" : " ";

  function fixed(value: number, digits: number): string {
    return french ? value.toFixed(digits).replace(".", ",") : value.toFixed(digits);
  }

  function count(value: number): string {
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, french ? "\u202F" : ",");
  }

  function number(value: number): string {
    const magnitude = Math.abs(value);
    if (magnitude >= 99.95) return count(value);
    return fixed(value, magnitude >= 9.995 ? 1 : magnitude >= 0.9995 || magnitude === 0 ? 2 : 3);
  }

  function duration(ms: number): string {
    if (ms < 999.5) return `${number(ms)}${space}ms`;
    if (ms < 59_950) return `${number(ms / 1000)}${space}s`;
    const seconds = Math.round(ms / 1000);
    const rest = seconds % 60;
    const minutes = `${Math.floor(seconds / 60)}${space}min`;
    return rest === 0 ? minutes : `${minutes} ${rest}${space}s`;
  }

  return { number, count, duration, fixed };
}

/** A sentence with its `{names}` filled in. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** How many digits after the point tell the splits of an axis from each other. */
export function digitsOf(splits: readonly number[]): number {
  const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0));
  for (let digits = 0; digits < 3; digits++) {
    const scaled = step * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return digits;
  }
  return 3;
}
