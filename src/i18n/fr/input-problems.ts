import type { BatchLineProblem, LineReason } from "../../config/batch-problem.ts";
import { shellWord, words, type Problems } from "../say.ts";
import { frUnsaid } from "./unsaid.ts";

const SKIP = "--skip-invalid écarte ces lignes.";

/** What the fields of a request hold. */
const VALUES: Readonly<Record<string, string>> = {
  custom_id: 'un texte non vide, entre guillemets : "42"',
  method: '"POST"',
  body: "un objet JSON",
  "body.model": "le nom d’un modèle, entre guillemets",
  "body.messages": "une liste de messages, chacun avec un rôle (role)",
  "body.input": "un texte ou une liste",
  "body.prompt": "un texte ou une liste",
};

export const frLine: Record<LineReason, (key: string) => string> = {
  not_text: () => "ce n’est pas du texte en UTF-8",
  not_json: () => "ce n’est pas du JSON",
  not_an_object: () => 'il faut un objet JSON, comme {"prompt": "…"}',
  no_prompt: () => "il n’y a ni prompt ni messages",
  both: () => "il y a à la fois prompt et messages",
  bad_prompt: () => "prompt doit être un texte non vide, ou une liste d’identifiants de tokens",
  bad_messages: () => "messages doit être une liste d’objets avec role et content (à côté de tool_calls, role suffit)",
  bad_value: (key) => (key in VALUES ? `${key} doit être ${VALUES[key]}` : `${key} ne peut pas avoir cette valeur`),
  bad_url: (urls) => `url doit être l’une de celles-ci : ${urls}`,
  missing_key: (key) => `${key} manque`,
  cells: (counts) => `cette ligne n’a pas autant de cellules que l’en-tête (${counts})`,
  duplicate_id: (key) => `l’identifiant ${key} figure déjà plus haut`,
  reserved_key: (key) => `${key} est fixé par llmaas lui-même`,
  too_long: (mebibytes) => `cette ligne dépasse ${mebibytes} Mio`,
  too_deep: (levels) => `ce JSON compte plus de ${levels} niveaux d’imbrication`,
  several_answers: (key) =>
    `${key} demande plusieurs réponses, dont batch run ne garde qu’une ; batch submit les garde toutes`,
  inexact_number: (number) =>
    `le nombre ${number} serait arrondi en chemin : écrivez-le comme un texte, entre guillemets`,
};

function badLine(bad: BatchLineProblem): string {
  return bad.why === "unsaid" ? frUnsaid(bad.unsaid).what : `${frLine[bad.why](bad.key)}.`;
}

export const frInputProblems = {
  prompt_line: ({ source, line, why, key }) => words(`${source}, ligne ${line} : ${frLine[why](key)}.`, SKIP),
  unsaid: frUnsaid,
  prompt_unsaid({ source, line, ...unsaid }) {
    const { what, todo } = frUnsaid(unsaid);
    return words(`${source}, ligne ${line} : ${what}`, `${todo} ${SKIP}`);
  },
  no_prompts: ({ path }) =>
    words(
      `${path === "-" ? "L’entrée standard" : path} ne contient aucun prompt.`,
      'Mettez-en un par ligne, ou du JSON comme {"prompt": "…"} dans un fichier .jsonl.',
    ),
  prompts_changed: ({ path, counted, found }) =>
    words(
      `${path} a changé en cours de route : il contenait ${counted} prompts, et n’en a donné que ${found}.`,
      "Les réponses reçues sont conservées. Recommencez avec un fichier qui ne change pas.",
    ),
  not_results: ({ path, line }) =>
    words(
      `${path} ne contient pas de résultats : la ligne ${line} n’en est pas un.`,
      "Il a été laissé tel quel. Indiquez un fichier de résultats, écrit par batch run ou batch fetch ; pour --out, un nouveau nom convient aussi.",
    ),
  batch_table_exists: ({ path }) =>
    words(`${path} existe déjà et ne vient pas d’un lot.`, "Donnez un autre nom à --out, ou supprimez ce fichier."),
  batch_piped: ({ option }) =>
    option === "--json"
      ? words(
          "--out - écrit les résultats sur la sortie standard, et --json y écrirait aussi ses lignes.",
          "Retirez --json.",
        )
      : words(
          `${option} demande un fichier de résultats, et --out - n’en conserve aucun.`,
          `Donnez un nom : --out ${option === "--csv" ? "out.csv" : "out.jsonl"}`,
        ),
  not_lines({ path, found, isTable }, command) {
    const name = path === "-" ? "Ce qui arrive sur l’entrée standard" : path;
    const file = path === "-" ? "FICHIER" : shellWord(path);
    switch (found) {
      case "table":
        return words(
          `${name} est un tableau : ses lignes s’envoient avec --csv.`,
          `Écrivez : ${command(`batch run --csv ${file} --prompt '… {COLONNE}'`)}`,
        );
      case "json_array":
      case "json_object":
        return words(
          `${name} est un JSON d’un seul tenant, et non un objet par ligne.`,
          `Pour en faire des lignes : jq -c ${found === "json_array" ? "'.[]'" : "'.'"} ${file} > lignes.jsonl`,
        );
      case "utf16":
        return words(`${name} est un texte en UTF-16.`, "Enregistrez-le en UTF-8.");
      case "zip":
        return words(
          `${name} est une archive ZIP, comme le sont les classeurs.`,
          "Décompressez-la ; une feuille s’enregistre au format « CSV UTF-8 » et s’envoie avec --csv.",
        );
      case "parquet":
        return words(`${name} est un fichier Parquet.`, "Convertissez-le en JSON, un objet par ligne.");
      default:
        return words(
          `${name} est compressé (${found}).`,
          `Décompressez-le : ${found} -dc ${file} > ${isTable ? "rows.csv" : "requests.jsonl"}`,
        );
    }
  },
  batch_not_table: ({ path, instead }) =>
    words(
      `${path} porte le nom d’un tableau, et les résultats sont en JSON, un objet par ligne.`,
      `Écrivez : --out ${shellWord(instead)} ; avec --csv, les lignes d’un tableau reviennent en tableau.`,
    ),
  bad_csv(problem) {
    const { path, line, why } = problem;
    if (problem.why === "twice")
      return words(`${path} a plusieurs colonnes nommées ${problem.column}.`, "Donnez à chacune un autre nom.");
    if (why === "unclosed")
      return words(
        `${path}, ligne ${line} : un guillemet de cette ligne n’est jamais fermé.`,
        "Fermez-le ; un guillemet dans une cellule entre guillemets est doublé.",
      );
    const where = `${path}, ligne ${line} :`;
    if (why === "not_text")
      return words(`${where} ce n’est pas du texte en UTF-8.`, "Enregistrez-le au format « CSV UTF-8 ».");
    if (why === "too_long")
      return words(`${where} cette ligne est trop longue.`, "Il manque peut-être un guillemet avant elle.");
    return words(
      `${where} les guillemets de cette ligne sont mal placés.`,
      "Dans une cellule entre guillemets, un guillemet est doublé.",
    );
  },
  bad_schema: ({ path, why }) =>
    words(
      why === "" ? `${path} n’est pas un schéma JSON.` : `${path} n’est pas un schéma JSON (${why}).`,
      "Les versions draft 7, 2019-09 et 2020-12 sont acceptées.",
    ),
  no_prices: ({ endpoint }) =>
    words(
      `--max-cost a besoin de prix, et la configuration n’en donne aucun pour ${endpoint}.`,
      "Ajoutez prices à la configuration (config schema décrit comment), ou limitez avec --max-tokens-total.",
    ),
  batch_locked: ({ path, pid, host }) =>
    words(
      `Un autre lot est en train d’écrire ${path} : processus ${pid} sur ${host}.`,
      "Attendez sa fin, arrêtez-le, ou donnez un autre --out.",
    ),
  batch_lines: ({ path, count, lines }) =>
    words(
      [
        `${path} : ${count < 2 ? "une ligne ne peut pas être envoyée" : `${count} lignes ne peuvent pas être envoyées`} ; rien n’est parti.`,
        ...lines.map((bad) => `  ligne ${bad.line} : ${badLine(bad)}`),
        ...(count > lines.length ? [`  … et ${count - lines.length} de plus`] : []),
      ].join("\n"),
      "Corrigez-les, ou laissez-les de côté avec --skip-invalid.",
    ),
  batch_changed: ({ path, count, lines }) =>
    words(
      `${path} : ${count < 2 ? "une requête déjà traitée a" : `${count} requêtes déjà traitées ont`} changé depuis, ou un réglage a changé : ${lines.length < 2 ? "ligne" : "lignes"} ${lines.join(", ")}${count > lines.length ? "…" : "."}`,
      `--changed rerun ${count < 2 ? "la" : "les"} renvoie ; un autre --out repart de zéro.`,
    ),
  not_batches: ({ path }) =>
    words(
      `${path} est illisible : ce fichier garde la trace des lots soumis.`,
      "Rétablissez-en une copie ; sans lui, seul llmaas batch list dit ce qui a été soumis.",
    ),
  batches_locked: ({ path, pid, host }) =>
    words(`${path} est déjà en cours de soumission : processus ${pid} sur ${host}.`, "Attendez sa fin, ou arrêtez-le."),
  submit_pipe: (_, command) =>
    words(
      "batch submit prend un fichier, pas un pipe : le fichier est relu, et les identifiants de ses lots sont conservés à côté de lui.",
      `Enregistrez-le d’abord, puis : ${command("batch submit FICHIER.jsonl")}`,
    ),
  not_submitted: ({ path }, command) =>
    words(`Rien de ${path} n’a encore été soumis.`, `Pour le faire : ${command(`batch submit ${shellWord(path)}`)}`),
  submitted_changed: ({ path, state }, command) =>
    words(
      `${path}, ou un réglage dont dépendent ses prompts, a changé depuis la soumission ; ses lots sont dans ${state}.`,
      `Récupérez d’abord leurs réponses. Pour soumettre le fichier actuel : ${command(`batch submit ${shellWord(path)} --again`)}`,
    ),
  batches_elsewhere: ({ path, submitted, endpoint }) =>
    words(
      `${path} a été soumis à ${submitted}, et la configuration indique ${endpoint}.`,
      `Ajoutez --endpoint ${submitted}, avec sa clé.`,
    ),
} satisfies Partial<Problems>;
