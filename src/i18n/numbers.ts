/** How a language writes numbers; `space` stands between a number and its unit. */
type Writing = { decimal: string; group: string; space: string };

/** The ways in which the program writes a number. */
export type Numbers = {
  /** Three significant digits below 100, else a whole number. */
  number(value: number): string;
  /** Whole, grouped by thousands. */
  count(value: number): string;
  /** Milliseconds as people read them. */
  duration(ms: number): string;
  /** Tokens per second: 46.2 tokens/s. */
  rate(perSecond: number): string;
};

export const enNumbers: Numbers = createNumbers({ decimal: ".", group: ",", space: " " });
/** No-break space before a unit, narrow no-break space between thousands. */
export const frNumbers: Numbers = createNumbers({ decimal: ",", group: "\u202F", space: "\u00A0" });

function createNumbers({ decimal, group, space }: Writing): Numbers {
  function count(value: number): string {
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, group);
  }

  function number(value: number): string {
    const magnitude = Math.abs(value);
    if (magnitude >= 99.95) return count(value);
    const digits = magnitude >= 9.995 ? 1 : magnitude >= 0.9995 || magnitude === 0 ? 2 : 3;
    return value.toFixed(digits).replace(".", decimal);
  }

  function duration(ms: number): string {
    if (ms < 999.5) return `${number(ms)}${space}ms`;
    if (ms < 59_950) return `${number(ms / 1000)}${space}s`;
    const seconds = Math.round(ms / 1000);
    const minutes = Math.floor(seconds / 60);
    const rest = seconds % 60;
    return rest === 0 ? `${minutes}${space}min` : `${minutes}${space}min ${rest}${space}s`;
  }

  return { number, count, duration, rate: (perSecond) => `${number(perSecond)}${space}tokens/s` };
}
