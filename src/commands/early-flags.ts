import { preferredLanguage } from "../config/language.ts";
import type { Environment } from "../config/settings.ts";
import type { Lang } from "../i18n/load.ts";
import type { ColorWish } from "./output.ts";

/** What is wished of the display, looked up before the arguments are checked: their errors have a language and a colour too. */

/** The language before the settings are known; a verb that loads them speaks theirs. */
export function spokenLanguage(rawArgs: readonly string[], env: Environment): Lang {
  const wish = optionIn(rawArgs, "--lang");
  return wish === "fr" || wish === "en" ? wish : preferredLanguage(env, systemLocale());
}

export function colorWish(rawArgs: readonly string[]): ColorWish {
  const wish = optionIn(rawArgs, "--color");
  return wish === "always" || wish === "never" ? wish : "auto";
}

/** macOS and Windows keep the language elsewhere than in the environment. */
export function systemLocale(): string | undefined {
  const elsewhere = process.platform === "darwin" || process.platform === "win32";
  return elsewhere ? Intl.DateTimeFormat().resolvedOptions().locale : undefined;
}

function optionIn(rawArgs: readonly string[], name: string): string | undefined {
  const index = rawArgs.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  return rawArgs[index]?.split("=")[1] ?? rawArgs[index + 1];
}
