import type { KeyReason } from "../../config/user-error.ts";
import type { SyntaxReason } from "../../wire/json-problem.ts";
import { shellWord, words, type Problems } from "../say.ts";
import { frSystem, FR_READ_TODO } from "./system.ts";
import { frAccepted } from "./values.ts";

const KEYS = "Les clés se créent sur console.cloud-temple.com ; docs.cloud-temple.com explique comment.";

function nearestOf(nearest: string | null): string | null {
  return nearest === null ? null : `Vouliez-vous dire ${nearest} ?`;
}

const SYNTAX: Record<SyntaxReason, string> = {
  empty: "le fichier est vide",
  end_of_file: "le fichier s’arrête trop tôt, il manque } ou ]",
  value_expected: "une valeur est attendue ici",
  key_expected: "une clé entre guillemets doubles est attendue ici",
  colon_expected: "un deux-points est attendu ici",
  comma_expected: "une virgule ou un crochet fermant est attendu ici",
  trailing_comma: "pas de virgule après le dernier élément",
  after_end: "le fichier devrait s’arrêter ici",
  comment: "JSON n’admet pas de commentaires",
  single_quotes: 'JSON veut des guillemets doubles droits (")',
  unterminated_string: "il manque le guillemet fermant de ce texte sur sa ligne",
  control_character: "un caractère de contrôle brut (une tabulation ?) doit s’écrire \\t ou \\u0009",
  bad_escape: "échappement inconnu après \\ (un chemin Windows veut \\\\)",
  bad_number: "ce n’est pas un nombre en JSON",
  unknown_word: "mot inconnu, un texte se met entre guillemets doubles",
};

/** What is wrong with a key, and what to do. */
const KEY: Record<KeyReason, [what: (key: string) => string, todo: string]> = {
  prefix: [(key) => `${key} contient un espace.`, "Collez-la sans « Bearer »."],
  quotes: [(key) => `${key} est entre guillemets.`, "Collez-la sans eux."],
  space: [(key) => `${key} contient un espace.`, "Collez-la de nouveau, d’un seul tenant."],
  line_end: [(key) => `${key} tient sur plusieurs lignes.`, "Collez-la de nouveau, sur une seule."],
  letter: [
    (key) => `${key} contient un caractère qu’aucune clé ne contient, comme une lettre accentuée.`,
    "Copiez-la de nouveau là où elle a été créée.",
  ],
  empty: [(key) => `${key} est vide.`, "Collez-y la clé."],
};

/** The name of a variable of the environment. */
const VARIABLE = /^[A-Z_]+$/;

/** What is said of a wrong configuration. */
export const frConfigProblems = {
  config_missing: ({ path, origin }, command) =>
    words(
      `Le fichier de configuration ${path}, désigné par ${origin}, n’existe pas.`,
      `Pour en créer un : ${command(`config init ${shellWord(path)}`)}`,
    ),
  config_unreadable: ({ path, why }) =>
    words(
      `Impossible de lire le fichier de configuration ${path} : ${frSystem(why)}.`,
      FR_READ_TODO[why] ?? "Vérifiez ses droits, et que c’est bien un fichier.",
    ),
  config_syntax: ({ path, line, column, text, caret, why, ours }, command) =>
    why === "empty"
      ? words(`${path} est vide.`, `Ce qu’il peut contenir : ${command("config schema")}`)
      : words(
          `${path}, ligne ${line}, colonne ${column} : ${SYNTAX[why]}.\n  ${text}\n  ${" ".repeat(caret)}^`,
          ours
            ? null
            : "Il ne nomme ni api ni defaults : s’il est à un autre programme, désignez le vôtre avec --config.",
        ),
  config_value: ({ where, key, found, accepted, meant }) =>
    words(
      VARIABLE.test(where) ? `${where} ne peut pas valoir ${found}.` : `${where} : ${key} ne peut pas valoir ${found}.`,
      frAccepted(accepted, found, meant, "null"),
    ),
  config_not_json: ({ path }, command) =>
    words(
      `${path} n’est pas un fichier JSON, or la configuration s’écrit en JSON.`,
      `Pour en créer une : ${command("config init")}`,
    ),
  bad_key: ({ origin, why }) => words(KEY[why][0](`La clé de ${origin}`), KEY[why][1]),
  config_unknown_key: ({ path, key, nearest }, command) =>
    words(
      `${path} : le réglage ${key} n’existe pas.`,
      nearestOf(nearest) ?? `Pour les lister : ${command("config schema")}`,
    ),
  reserved_header: ({ path, name }) =>
    words(
      `${path} : l’en-tête ${name} ne peut pas être défini dans un fichier.`,
      name === "authorization" ? "Mettez la clé dans api.token." : "Retirez-le : llmaas s’en charge.",
    ),
  config_exists: ({ path }, command) =>
    words(`${path} existe déjà, et reste tel quel.`, `Écrivez ailleurs : ${command("config init CHEMIN")}`),
  key_file_unreadable: ({ path, origin, why }) =>
    words(
      why === "ENOENT"
        ? `Le fichier de clé ${path}, désigné par ${origin}, n’existe pas.`
        : `Impossible de lire le fichier de clé ${path}, désigné par ${origin} : ${frSystem(why)}.`,
      "Vérifiez le chemin et ses droits.",
    ),
  placeholder_key: ({ origin, llmaas }) =>
    words(
      `La clé de ${origin} est encore le texte d’exemple.`,
      `Mettez-y la vôtre, ou définissez LLMAAS_API_KEY.${llmaas ? ` ${KEYS}` : ""}`,
    ),
  unconfigured: ({ demo }, command) =>
    words(
      "Ni clé ni endpoint ne sont configurés.",
      `Désignez un serveur avec -e http://HÔTE:PORT/v1${demo ? "," : ", ou"} définissez LLMAAS_API_KEY pour LLMaaS (clés sur console.cloud-temple.com, mode d’emploi sur docs.cloud-temple.com)${demo ? ", ou essayez --demo" : ""}. Pour créer un fichier de configuration : ${command("config init")}`,
    ),
} satisfies Partial<Problems>;
