import type { LineReason, ListenReason, SloReason } from "../../config/user-error.ts";
import type { SyntaxReason } from "../../wire/json-problem.ts";
import { missingFolder, nameOf, shellWord, words, type Problems } from "../say.ts";
import { inFrench } from "./hints.ts";
import { frKeyPolicy } from "./key-policy.ts";

function nearestOf(nearest: string | null): string | null {
  return nearest === null ? null : `Vouliez-vous dire ${nearest} ?`;
}

function quoted(text: string): string {
  return `« ${text} »`;
}

const SYNTAX: Record<SyntaxReason, string> = {
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
  control_character: "un caractère de contrôle brut (une tabulation ?) doit s’écrire \\t ou \\u0009",
  bad_escape: "échappement inconnu après \\ (un chemin Windows veut \\\\)",
  bad_number: "ce n’est pas un nombre en JSON",
  unknown_word: "mot inconnu, un texte se met entre guillemets doubles",
};

/** What the system's codes mean; others are shown as they are. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: "il n’existe pas",
  EISDIR: "c’est un dossier",
  ENODEV: "c’est un périphérique",
  ENOTDIR: "une partie du chemin n’est pas un dossier",
  EACCES: "cet utilisateur n’en a pas le droit",
  EPERM: "cet utilisateur n’en a pas le droit",
  EROFS: "le disque est en lecture seule",
  EBADF: "elle est fermée",
  ENOSPC: "le disque est plein",
  EDQUOT: "le quota est épuisé",
  EILSEQ: "ce n’est pas du texte en UTF-8",
  EMFILE: "trop de fichiers sont ouverts, ulimit -n relève la limite",
  ENFILE: "trop de fichiers sont ouverts sur cette machine",
  EFBIG: "le fichier ne peut plus grandir",
};

/** What a code of the system means, or the code itself. */
export function frSystem(code: string): string {
  const meaning = SYSTEM[code];
  return meaning === undefined ? code : `${meaning} (${code})`;
}

const KEYS = "Les clés se créent sur console.cloud-temple.com ; docs.cloud-temple.com explique comment.";

const SKIP = "--skip-invalid écarte ces lignes.";

const LINE: Record<LineReason, (key: string) => string> = {
  not_text: () => "ce n’est pas du texte en UTF-8",
  not_json: () => "ce n’est pas du JSON",
  not_an_object: () => "il faut un objet JSON",
  no_prompt: () => "il n’y a ni prompt ni messages",
  both: () => "il y a à la fois prompt et messages",
  bad_prompt: () => "prompt doit être un texte non vide",
  bad_messages: () => "messages doit être une liste d’objets avec role et content (à côté de tool_calls, role suffit)",
  bad_value: (key) => `${key} ne peut pas avoir cette valeur`,
  missing_key: (key) => `${key} manque`,
  reserved_key: (key) => `${key} est fixé par llmaas lui-même`,
  too_long: () => "cette ligne dépasse 8 Mio",
};

const SLO: Record<SloReason, (part: string) => string> = {
  syntax: () => "ce n’est pas un seuil",
  metric: (part) => `il n’y a pas de chiffre ${part}`,
  function: (part) => `une distribution n’a pas de ${part}`,
  needs_function: (part) => `${part} ne se juge pas flux par flux`,
  unit: (part) => `${part} ne convient pas à ce chiffre`,
  share: (part) => `${part} n’est pas une part de tous les flux`,
  no_objectives: () => "le débit utile (goodput) demande un seuil pour chaque flux, comme 'ttft < 1s'",
};

const LISTEN: Record<ListenReason, (address: string, detail: string) => string> = {
  no_such_host: (address) => `Impossible d’écouter sur ${address} : cet hôte n’existe pas.`,
  not_here: (address, detail) =>
    `Impossible d’écouter sur ${address} : ce n’est pas une adresse de cette machine (${detail}).`,
  not_allowed: (address, detail) =>
    `Impossible d’écouter sur ${address} : cet utilisateur n’en a pas le droit (${detail}).`,
  other: (address, detail) => `Impossible d’écouter sur ${address} : ${frSystem(detail)}.`,
};

const HOST =
  "Donnez à --host une adresse de cette machine : 127.0.0.1 pour elle seule, 0.0.0.0 pour tous ceux qui l’atteignent.";
const LISTEN_TODO: Record<ListenReason, string | null> = {
  no_such_host: HOST,
  not_here: HOST,
  not_allowed: "Choisissez avec --port un port à partir de 1024, ou 0 pour un port libre.",
  other: null,
};

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, "").replace(".", ",");
}

/** What is said of a wrong command line or configuration. */
export const frProblems: Problems = {
  unknown_verb: ({ verb, nearest }, command) =>
    words(
      `La commande ${verb} n’existe pas.`,
      nearest === null
        ? `${command("--help")} les liste ; un prompt d’un seul mot s’envoie ainsi : ${command(`stream ${verb}`)}`
        : `Vouliez-vous dire ${command(nearest)} ?`,
    ),
  unknown_option: ({ option, verb, nearest }, command) =>
    words(
      `${nameOf(verb)} n’a pas d’option ${option}.`,
      nearestOf(nearest) ?? `Pour les lister : ${command(`${verb === "llmaas" ? "" : `${verb} `}--help`)}`,
    ),
  needs_option: ({ option, needed, example }) =>
    words(`${option} ne va pas sans ${needed}.`, `Ajoutez par exemple ${example}.`),
  missing_value: ({ option, accepted }) =>
    words(`${option} attend une valeur.`, `Valeur admise : ${inFrench(accepted)}`),
  unexpected_value: ({ option, value }) =>
    words(`${option} ne prend pas de valeur, et a reçu ${quoted(value)}.`, `Écrivez : ${option}`),
  repeated_option: ({ option }) => words(`${option} est donnée deux fois.`, "Une seule suffit."),
  bad_option: ({ option, value, accepted }) =>
    words(`${option} ne peut pas valoir ${quoted(value)}.`, `Valeur admise : ${accepted}`),
  unexpected_argument: ({ argument, verb }, command) =>
    words(
      `llmaas ${verb} ne sait que faire de ${quoted(argument)}.`,
      `Pour savoir ce qu’il accepte : ${command(`${verb} --help`)}`,
    ),
  several_prompts: ({ count, word }) =>
    words(
      `Voilà ${count} prompts, et ${quoted(word)} n’est qu’un mot : un guillemet oublié ?`,
      "Mettez chaque prompt entre guillemets, ou ajoutez --each si chaque mot est un prompt.",
    ),
  prompt_line: ({ source, line, why, key }) => words(`${source}, ligne ${line} : ${LINE[why](key)}.`, SKIP),
  no_prompts: ({ path }) => words(`${path} ne contient aucun prompt.`, "Il faut un prompt par ligne, ou du JSONL."),
  prompts_changed: ({ path, counted, found }) =>
    words(
      `${path} a changé en cours de route : il contenait ${counted} prompts, et n’en a donné que ${found}.`,
      "Les réponses reçues sont conservées. Recommencez avec un fichier qui ne change pas.",
    ),
  empty_prompt: () =>
    words("Un prompt est vide : il n’y a rien à demander.", 'Écrivez-en un entre guillemets, comme "une question".'),
  file_unreadable: ({ path, why }) => words(`${path} ne peut pas être lu : ${frSystem(why)}.`),
  file_size: ({ path, limit }) =>
    words(`${path} dépasse ${mebibytes(limit)} Mio.`, "Rien n’est lu au-delà : vérifiez que c’est le bon fichier."),
  image_type: ({ path, accepted }) =>
    words(`${path} n’est pas une image qui peut être envoyée.`, `Formats admis : ${accepted}`),
  image_size: ({ path, bytes, limit }) =>
    words(`${path} est trop lourd : ${mebibytes(bytes)} Mio.`, `La limite est de ${mebibytes(limit)} Mio.`),
  bad_header: () =>
    words(
      "--header est un nom et une valeur, séparés par un deux-points.",
      "Écrivez : --header 'x-equipe: bleue', ou --header x-api-key=@FICHIER si la valeur est dans un fichier.",
    ),
  bad_param: ({ value }) =>
    words(`--param ${value} n’est pas de la forme clé=JSON.`, `Un texte garde ses guillemets : --param 'user="moi"'`),
  stdin_twice: ({ readers }) =>
    words(
      `L’entrée standard ne se lit qu’une fois, et elle est demandée deux fois : ${readers.join(" et ")}.`,
      "Retirez l’un des deux.",
    ),
  stdin_empty: () =>
    words(
      "L’entrée standard est vide : elle ne contient aucun prompt.",
      'Donnez-en un entre guillemets, comme "une question".',
    ),
  stdin_not_text: ({ line }) =>
    words(
      `stdin, ligne ${line} : ${LINE.not_text("")}.`,
      "Convertissez-le au passage, par exemple avec iconv -f LATIN1 -t UTF-8.",
    ),
  stdin_size: ({ limit }) =>
    words(
      `L’entrée standard dépasse ${mebibytes(limit)} Mio : aucun modèle ne lit un prompt aussi long.`,
      "Envoyez-en une partie, ou plusieurs prompts, un par ligne, avec --prompts -.",
    ),
  stdin_silent: ({ seconds }) =>
    words(
      `Rien n’est arrivé sur l’entrée standard en ${seconds} s.`,
      'Donnez le prompt en argument, comme "une question".',
    ),
  options_conflict: ({ options }) => words(`${options.join(" et ")} ne vont pas ensemble.`, "Gardez l’une des deux."),
  unknown_model: ({ model, nearest }, command) =>
    words(
      `L’endpoint ne propose pas le modèle ${model}.`,
      nearestOf(nearest) ?? `Ceux qu’il propose : ${command("models")}`,
    ),
  port_in_use: ({ address }) =>
    words(`${address} est déjà occupé.`, "Choisissez un autre port avec --port, ou 0 pour un port libre."),
  cannot_listen: ({ address, why, detail }) => words(LISTEN[why](address, detail), LISTEN_TODO[why]),
  bad_slo: ({ file, value, why, part, accepted }) =>
    words(
      `${file === null ? "--slo" : `${file}, bench.slo :`} '${value}' : ${SLO[why](part)}.`,
      `Valeur admise : ${accepted}`,
    ),
  bad_fail_if: ({ value, accepted }) => words(`--fail-if '${value}' ne se lit pas.`, `Valeur admise : ${accepted}`),
  report_kind: ({ path, accepted }) =>
    words(`Le nom ${path} ne dit pas quel rapport écrire.`, `Il doit finir par : ${accepted}`),
  report_unnamed: (_, command) =>
    words(
      "Aucun rapport n’est nommé.",
      `Écrivez : ${command("report run.json --html run.html")} ; pour en faire un : ${command("bench --report run.json")}`,
    ),
  report_invalid: ({ path, where }, command) =>
    words(
      `${path} n’est pas un rapport de llmaas bench${where === "" ? "" : ` : ${where} n’y est pas comme il faut`}.`,
      `Pour en faire un : ${command("bench --report FICHIER.json")}`,
    ),
  compare_repeated: ({ first, second }, command) =>
    words(
      first === second ? `${first} est deux fois du même côté.` : `${first} et ${second} décrivent la même mesure.`,
      `Donnez chaque mesure une seule fois par côté ; pour en faire une autre : ${command("bench --report FICHIER.json")}`,
    ),
  compare_sides: ({ count }, command) =>
    words(
      `On compare deux rapports, ou plusieurs de chaque côté ; ici il y en a ${count}.`,
      `Écrivez : ${command("compare A.json B.json")}, ou : ${command("compare A1.json A2.json A3.json vs B1.json B2.json B3.json")}`,
    ),
  compare_demo: ({ demo, real }) =>
    words(
      `${demo} a mesuré le serveur intégré, et ${real} un vrai service : leur écart n’apprend rien.`,
      "Comparez des mesures de même nature.",
    ),
  file_exists: ({ path, append }) =>
    words(`${path} existe déjà.`, append ? "--append le complète, --force le remplace." : "--force le remplace."),
  same_file: ({ first, second }) =>
    words(
      `${first} et ${second} désignent le même fichier : l’un abîmerait l’autre.`,
      "Donnez à chacun son propre fichier.",
    ),
  not_results: ({ path, line }) =>
    words(
      `${path} ne contient pas de résultats : la ligne ${line} n’en est pas un.`,
      "Rien n’y a été écrit. Donnez un nouveau nom à --out, ou le fichier d’une exécution précédente.",
    ),
  file_unwritable: ({ path, why }) => {
    const folder = missingFolder(path, why);
    return folder === null
      ? words(`Impossible d’écrire ${path} : ${frSystem(why)}.`, "Vérifiez le dossier et ses droits.")
      : words(`Le dossier ${folder} n’existe pas.`, `Créez-le, ou écrivez ailleurs que dans ${path}.`);
  },
  config_missing: ({ path, origin }, command) =>
    words(
      `Le fichier de configuration ${path}, désigné par ${origin}, n’existe pas.`,
      `Pour en créer un : ${command(`config init ${shellWord(path)}`)}`,
    ),
  config_unreadable: ({ path, why }) =>
    words(
      `Impossible de lire le fichier de configuration ${path} : ${frSystem(why)}.`,
      "Vérifiez ses droits, et que c’est bien un fichier.",
    ),
  config_syntax: ({ path, line, column, text, caret, why, ours }) =>
    words(
      `${path}, ligne ${line}, colonne ${column} : ${SYNTAX[why]}.\n  ${text}\n  ${" ".repeat(caret)}^`,
      ours ? null : "Il ne nomme ni api ni defaults : s’il est à un autre programme, désignez le vôtre avec --config.",
    ),
  config_value: ({ where, key, found, accepted }) =>
    words(`${where} : ${key} ne peut pas valoir ${found}.`, `Valeur admise : ${accepted}`),
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
      `Impossible de lire le fichier de clé ${path}, désigné par ${origin} : ${frSystem(why)}.`,
      "Vérifiez le chemin et ses droits.",
    ),
  placeholder_key: ({ origin }) =>
    words(
      `La clé de ${origin} est encore le texte d’exemple.`,
      `Mettez-y la vôtre, ou définissez LLMAAS_API_KEY. ${KEYS}`,
    ),
  unconfigured: (_, command) =>
    words(
      "Ni clé ni endpoint ne sont configurés.",
      `Définissez LLMAAS_API_KEY (les clés se créent sur console.cloud-temple.com ; docs.cloud-temple.com explique comment), ou essayez le serveur intégré avec --demo. Un fichier de configuration pour commencer : ${command("config init")}`,
    ),
  ...frKeyPolicy,
};
