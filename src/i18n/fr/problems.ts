import type { ListenReason } from "../../config/user-error.ts";
import {
  missingFolder,
  nameOf,
  shellQuoted,
  shellWord,
  words,
  type ProblemOf,
  type Problems,
  type Words,
} from "../say.ts";
import { frConfigProblems } from "./config-problems.ts";
import { frLoadProblems } from "./load-problems.ts";
import { frInputProblems, frLine } from "./input-problems.ts";
import { frQueueProblems } from "./queue-problems.ts";
import { frKeyPolicy } from "./key-policy.ts";
import { either, frAccepted, frNeeded } from "./values.ts";
import { frSystem, FR_READ_TODO, FR_WRITE_TODO } from "./system.ts";
import { frOtherTools } from "./other-tools.ts";

function nearestOf(nearest: string | null): string | null {
  return nearest === null ? null : `Vouliez-vous dire ${nearest} ?`;
}

function quoted(text: string): string {
  return `« ${text} »`;
}

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

function frBadParam({ value, meant }: ProblemOf<"bad_param">): Words {
  if (meant === null)
    return words(`--param ${value} n’a pas de valeur.`, `Un = la sépare du nom : --param ${value}=0.5`);
  return words(
    `--param ${value} : la valeur n’est pas du JSON.`,
    `${meant.includes('"') ? "Un texte se met entre guillemets doubles" : "Écrivez"} : --param ${shellQuoted(meant)}`,
  );
}

function frConflict({ options: [first, second], why }: ProblemOf<"options_conflict">): Words {
  switch (why) {
    case "load":
      return words(
        "--concurrency fixe le nombre de requêtes simultanées, --rate le nombre de départs par seconde : une charge est l’un ou l’autre.",
        "Gardez l’une des deux options.",
      );
    case "append":
      return words(
        "--append complète un fichier, --force le remplace : c’est l’un ou l’autre.",
        "Gardez l’une des deux options.",
      );
    case "param":
      return words(`${first} n’est pas possible : c’est ${second} qui en décide.`, "Retirez-le.");
    case "records_twice":
      return words(
        `--json écrit chaque enregistrement sur la sortie standard, et ${second} l’y écrirait aussi.`,
        `Retirez ${second}.`,
      );
    case "prompts_stdin":
      return words(
        "--stdin ajoute l’entrée standard à un prompt de la ligne de commande, or les prompts viennent de --prompts.",
        "Retirez --stdin ; avec --prompts -, les prompts sont lus sur l’entrée standard.",
      );
    case "shard":
      return words(
        `${first} et ${second} ne vont pas ensemble : une part s’arrêterait, ou serait jugée, sans les autres.`,
        second === "--requests"
          ? "Retirez-la : c’est --duration qui arrête toutes les parts en même temps."
          : `Retirez-la : llmaas merge juge toutes les parts ensemble${second === "--abort-on-fail" ? "" : ", et llmaas compare le rapport réuni"}.`,
      );
    default:
      return words(`${first} et ${second} ne vont pas ensemble.`, "Gardez l’une des deux options.");
  }
}

/** What is said of a wrong command line or configuration. */
export const frProblems: Problems = {
  unknown_verb: ({ verb, nearest }, command) => {
    // `batch nope`: a word behind a verb that has verbs of its own.
    const [parent = ""] = / /.test(verb) ? verb.split(/(?<= )/) : [];
    const what = `La commande ${verb} n’existe pas.`;
    if (nearest !== null) return words(what, `Vouliez-vous dire ${command(parent + nearest)} ?`);
    const prompt =
      parent === "" ? ` ; un prompt d’un seul mot s’envoie ainsi : ${command(`stream ${shellWord(verb)}`)}` : ".";
    return words(what, `${command(`${parent}--help`)} liste les commandes${prompt}`);
  },
  unknown_option: ({ option, verb, nearest }, command) =>
    words(
      `${nameOf(verb)} n’a pas d’option ${option}.`,
      nearestOf(nearest) ?? `Pour les lister : ${command(`${verb === "llmaas" ? "" : `${verb} `}--help`)}`,
    ),
  needs_option: ({ option, needed, example }) =>
    words(`${option} ne va pas sans ${needed.join(" ou ")}.`, `Ajoutez par exemple ${example}.`),
  each_alone: () =>
    words(
      "--each pose séparément chaque prompt de la ligne de commande, qui n’en contient aucun.",
      'Ajoutez-en : --each "un" "un autre"',
    ),
  missing_value: ({ option, hint, choices, example }, command) =>
    words(
      `${option} attend ${frNeeded(option, hint, choices, example)}.`,
      option === "--model" ? `Pour voir les modèles : ${command("models")}` : null,
    ),
  missing_word: ({ verb, words: known }, command) =>
    verb === "config"
      ? words(`Dites ce que ${nameOf(verb)} doit faire : ${either(known)}.`, `Par exemple : ${command("config show")}`)
      : words(`Dites pour quel shell : ${either(known)}.`, `Par exemple : ${command("completion bash")}`),
  unknown_word: ({ verb, word, words: known, nearest }) =>
    words(`${nameOf(verb)} ne connaît pas ${quoted(word)}.`, nearestOf(nearest) ?? `Il faut ${either(known)}.`),
  unexpected_value: ({ option, value }) =>
    words(`${option} ne prend pas de valeur.`, `Retirez ${quoted(`=${value}`)}.`),
  repeated_option: ({ option }) => words(`${option} est donnée deux fois.`, "Une seule suffit."),
  bad_option: ({ option, value, accepted, meant }) =>
    words(`${option} ne peut pas valoir ${quoted(value)}.`, frAccepted(accepted, value, meant, "off")),
  unexpected_argument: ({ argument, verb }, command) =>
    words(
      `llmaas ${verb} ne sait que faire de ${quoted(argument)}.`,
      `Pour savoir ce qu’il accepte : ${command(`${verb} --help`)}`,
    ),
  several_prompts: ({ count, word }) =>
    words(
      `Voilà ${count} prompts, et ${quoted(word)} n’est qu’un mot : un guillemet oublié ?`,
      "Mettez chaque prompt entre guillemets, ou ajoutez --each si chaque mot est un prompt.",
    ),
  empty_prompt: () =>
    words("Un prompt est vide : il n’y a rien à demander.", 'Écrivez-en un entre guillemets, comme "une question".'),
  file_unreadable: ({ path, why, kind }, command) =>
    why !== "ENOENT"
      ? words(`Impossible de lire ${path} : ${frSystem(why)}.`, FR_READ_TODO[why] ?? null)
      : words(
          `Le fichier ${path} n’existe pas.`,
          kind === "report"
            ? `Pour en faire un : ${command(`bench --report ${shellWord(path)}`)}`
            : "Vérifiez son nom et son dossier.",
        ),
  file_size: ({ path, limit }) =>
    words(`${path} dépasse ${mebibytes(limit)} Mio.`, "Rien n’est lu au-delà : vérifiez que c’est le bon fichier."),
  image_not_file: () => words("Une image se lit dans un fichier.", "Donnez son nom : --image photo.png"),
  image_type: ({ path, accepted }) =>
    words(
      `${path} n’est pas une image qui puisse être envoyée.`,
      `Convertissez-la dans l’un de ces formats : ${accepted}`,
    ),
  image_size: ({ path, bytes, limit }) =>
    words(`${path} est trop lourd : ${mebibytes(bytes)} Mio.`, `La limite est de ${mebibytes(limit)} Mio.`),
  bad_header: () =>
    words(
      "--header est un nom et une valeur, séparés par un deux-points.",
      "Écrivez : --header 'x-equipe: bleue', ou --header x-api-key=@FICHIER si la valeur est dans un fichier.",
    ),
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
      `stdin, ligne ${line} : ${frLine.not_text("")}.`,
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
  own_prompts: ({ maker, other }) =>
    words(
      maker === "--prompts"
        ? "Les prompts viennent du fichier de --prompts."
        : "--prompt-tokens fabrique ses propres prompts.",
      `Retirez ${other.startsWith("--") ? other : quoted(other)}.`,
    ),
  unknown_model: ({ model, nearest }, command) =>
    words(
      `L’endpoint ne propose pas le modèle ${model}.`,
      nearestOf(nearest) ?? `Ceux qu’il propose : ${command("models")}`,
    ),
  port_in_use: ({ address }) =>
    words(`${address} est déjà occupé.`, "Choisissez un autre port avec --port, ou 0 pour un port libre."),
  cannot_listen: ({ address, why, detail }) => words(LISTEN[why](address, detail), LISTEN_TODO[why]),
  file_exists: ({ path, append }) =>
    words(`${path} existe déjà.`, append ? "--append le complète, --force le remplace." : "--force le remplace."),
  same_file: ({ first, second }) =>
    words(
      first === second
        ? `${first} est lu, et serait écrasé.`
        : `${first} et ${second} désignent le même fichier : l’un abîmerait l’autre.`,
      first === second ? "Écrivez dans un autre fichier." : "Donnez à chacun son propre fichier.",
    ),
  file_unwritable: ({ path, why }) => {
    const folder = missingFolder(path, why);
    return folder === null
      ? words(
          `Impossible d’écrire ${path} : ${frSystem(why)}.`,
          FR_WRITE_TODO[why] ?? "Vérifiez le dossier et ses droits.",
        )
      : words(`Le dossier ${folder} n’existe pas.`, `Créez-le, ou écrivez ailleurs que dans ${path}.`);
  },
  bad_param: frBadParam,
  options_conflict: frConflict,
  ...frLoadProblems,
  ...frConfigProblems,
  ...frKeyPolicy,
  ...frOtherTools,
  ...frInputProblems,
  ...frQueueProblems,
};
