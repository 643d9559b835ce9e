/** The variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The languages the program speaks. */
export type Language = "fr" | "en";

// In this order the first one that is set decides, as in every POSIX program.
const LOCALE_VARIABLES = ["LC_ALL", "LC_MESSAGES", "LANG"] as const;

/** The language of a locale such as `fr_FR.UTF-8`: French for `fr*`, else English. */
export function languageOf(locale: string): Language {
  return /^fr/i.test(locale.trim()) ? "fr" : "en";
}

/** The locale variable that decides the language when no setting does; `null` when none is set. */
export function localeVariable(env: Environment): { name: string; value: string } | null {
  for (const name of LOCALE_VARIABLES) {
    const value = env[name];
    if (value) return { name, value };
  }
  return null;
}

/** The language to speak before, or without, the settings; `system` is the locale of a system without such variables. */
export function preferredLanguage(env: Environment, system = "en"): Language {
  return languageOf(env["LLMAAS_LANG"] || localeVariable(env)?.value || system);
}
