import { UserError } from "../config/user-error.ts";

/** `--model a,b`: each prompt goes to each of them. */
export function modelsOf(given: string): string[] {
  const models = given.split(",").map((name) => name.trim());
  if (models.every((name) => name !== "")) return models;
  throw new UserError({ code: "bad_option", option: "--model", value: given, accepted: "NAME, NAME,NAME …" });
}
