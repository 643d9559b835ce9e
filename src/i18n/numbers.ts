/** The languages of the program. */
export type Lang = "fr" | "en";

/** How a language writes numbers; `space` stands between a number and its unit. */
type Writing = { lang: Lang; decimal: string; group: string; space: string };

/** The ways in which the program writes a number. */
export type Numbers = {
  lang: Lang;
  /** Three significant digits below 100, else a whole number. */
  number(value: number): string;
  /** With so many digits after the point. */
  fixed(value: number, digits: number): string;
  /** Whole, grouped by thousands. */
  count(value: number): string;
  /** Whole where it is: 16, but 2.50. */
  plain(value: number): string;
  /** `3 streams`; `many` where it is not `one` and an s. Nought is singular in French. */
  counted(value: number, one: string, many?: string): string;
  /** Milliseconds as people read them. */
  duration(ms: number): string;
  /** A time that somebody asked for, in milliseconds, as whole as it is: 30 s. */
  asked(ms: number): string;
  /** Whole seconds, or with so many digits. */
  seconds(value: number, digits?: number): string;
  /** Tokens per second: 46.2 tokens/s. */
  rate(perSecond: number): string;
  /** Three significant digits, however small. */
  amount(value: number): string;
  /** A size as people read it: 134 kB. */
  bytes(size: number): string;
  /** An amount with its currency, where that is known. */
  cost(value: number, currency: string | null): string;
  /** `+12%` or `−12%` of a share such as 0.12, with the minus sign of mathematics. */
  signedPercent(share: number): string;
  /** A share such as 0.025, with its sign of per cent; whole where it is: 5, but 2.50. */
  percent(share: number): string;
};

export const enNumbers: Numbers = createNumbers({ lang: "en", decimal: ".", group: ",", space: " " });
/** Narrow no-break space before a unit and between thousands. */
export const frNumbers: Numbers = createNumbers({ lang: "fr", decimal: ",", group: "\u202F", space: "\u202F" });

const SECOND = { ms: 1000, en: "s", fr: "s" };
const MINUTE = { ms: 60_000, en: "min", fr: "min" };
const HOUR = { ms: 3_600_000, en: "h", fr: "h" };
const DAY = { ms: 86_400_000, en: "d", fr: "j" };
/** Two units, of which one holds the other: who waits for hours does not count seconds. */
const SHORT = [MINUTE, SECOND] as const;
const LONG = [HOUR, MINUTE] as const;
const DAYS = [DAY, HOUR] as const;

function createNumbers({ lang, decimal, group, space }: Writing): Numbers {
  const sign = lang === "fr" ? `${space}%` : "%";

  function count(value: number): string {
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, group);
  }

  const fixed = (value: number, digits: number): string => value.toFixed(digits).replace(".", decimal);

  function plain(value: number): string {
    return Number.isInteger(value) ? count(value) : number(value);
  }

  function counted(value: number, one: string, many = `${one}s`): string {
    const single = lang === "fr" ? value < 2 : value === 1;
    return `${count(value)} ${single ? one : many}`;
  }

  function number(value: number): string {
    const magnitude = Math.abs(value);
    if (magnitude >= 99.95) return count(value);
    return fixed(value, magnitude >= 9.995 ? 1 : magnitude >= 0.9995 || magnitude === 0 ? 2 : 3);
  }

  function duration(ms: number): string {
    if (ms < 999.5) return `${number(ms)}${space}ms`;
    if (ms < 59_950) return `${number(ms / 1000)}${space}s`;
    const [large, small] = ms < 3_599_500 ? SHORT : ms < 172_770_000 ? LONG : DAYS;
    const whole = Math.round(ms / small.ms);
    const each = large.ms / small.ms;
    const rest = whole % each;
    const first = `${count(Math.floor(whole / each))}${space}${large[lang]}`;
    return rest === 0 ? first : `${first} ${rest}${space}${small[lang]}`;
  }

  function seconds(value: number, digits?: number): string {
    return `${digits === undefined ? count(value) : fixed(value, digits)}${space}s`;
  }

  function asked(ms: number): string {
    if (ms < 1000 && Number.isInteger(ms)) return `${count(ms)}${space}ms`;
    return ms < 60_000 && ms % 1000 === 0 ? seconds(ms / 1000) : duration(ms);
  }

  function amount(value: number): string {
    if (value === 0) return "0";
    if (value >= 0.1) return number(value);
    return fixed(value, Math.min(12, 2 - Math.floor(Math.log10(value))));
  }

  function bytes(size: number): string {
    const [letter, unit] = lang === "fr" ? ["o", "octets"] : ["B", "bytes"];
    if (size < 1000) return `${count(size)}${space}${unit}`;
    const steps = Math.min(3, Math.floor(Math.log10(size) / 3));
    const shown = size / 1000 ** steps;
    return `${shown < 99.95 && steps > 1 ? fixed(shown, 1) : count(shown)}${space}${["", "k", "M", "G"][steps]}${letter}`;
  }

  function cost(value: number, currency: string | null): string {
    return currency === null ? amount(value) : `${amount(value)}${space}${currency}`;
  }

  function signedPercent(share: number): string {
    const size = Math.abs(share) * 100;
    return `${share < 0 ? "−" : "+"}${size < 0.95 ? fixed(size, 1) : count(size)}${sign}`;
  }

  function percent(share: number): string {
    const hundredths = share * 100;
    const whole = Math.abs(hundredths - Math.round(hundredths)) < 1e-9;
    return `${whole ? count(hundredths) : number(hundredths)}${sign}`;
  }

  return {
    lang,
    counted,
    plain,
    seconds,
    asked,
    percent,
    amount,
    bytes,
    cost,
    signedPercent,
    number,
    fixed,
    count,
    duration,
    rate: (perSecond) => `${number(perSecond)}${space}tokens/s`,
  };
}
