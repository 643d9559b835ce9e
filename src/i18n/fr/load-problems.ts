import type { MergeDifference, SloReason } from "../../config/user-error.ts";
import { firstShards, shellWord, words, type Command, type ProblemOf, type Problems, type Words } from "../say.ts";

import { frNumbers } from "../numbers.ts";

const { duration } = frNumbers;
/** Ms after which a start was not missed, but meant otherwise. */
const LONG_AGO = 3_600_000;

function nearestOf(nearest: string | null): string | null {
  return nearest === null ? null : `Vouliez-vous dire ${nearest} ?`;
}

const SLO: Record<SloReason, (part: string) => string> = {
  syntax: () => "ce n’est pas un seuil",
  metric: (part) => (part === "" ? "le chiffre manque" : `il n’y a pas de chiffre ${part}`),
  function: (part) => `une distribution n’a pas de ${part}`,
  needs_function: (part) => `${part} a plusieurs valeurs par flux, il faut en choisir une`,
  unit: (part) => `${part} ne convient pas à ce chiffre`,
  no_unit: (part) => `il manque l’unité de ${part}`,
  comma: (part) => `${part} s’écrit avec un point`,
  operator: (part) => `${part} n’est pas un comparateur`,
  several: () => "ce sont plusieurs seuils",
  share: (part) => `${part}, c’est plus que tout`,
  no_objectives: () => "le débit utile (goodput) demande un seuil pour chaque flux",
};

function frBadSlo({ file, value, why, part, accepted, meant }: ProblemOf<"bad_slo">): Words {
  const what = `${file === null ? "--slo" : `${file}, bench.slo :`} '${value}' : ${SLO[why](part)}.`;
  if (why === "several")
    return words(what, file === null ? "Répétez --slo pour chacun." : "Faites de chacun un élément de la liste.");
  if (why === "comma" || why === "no_unit") return words(what, `Écrivez ${meant ?? ""}.`);
  if (meant !== null) return words(what, nearestOf(meant));
  return words(what, `${why === "metric" || why === "function" ? "Il y a" : "Exemples"} : ${accepted}`);
}

function frBadFault({ value, why, part, nearest }: ProblemOf<"bad_fault">, command: Command): Words {
  const example = nearest ?? "reset";
  switch (why) {
    case "name":
      return words(
        part === "" ? "--fault attend le nom d’une panne." : `Il n’y a pas de panne ${part}.`,
        nearestOf(nearest) ?? `Pour les lister : ${command("simulate --help")}`,
      );
    case "at":
      return words(
        `--fault ${value} : après @ vient un nombre, celui des événements de token qui précèdent la panne.`,
        `Par exemple : ${example}@20`,
      );
    case "share":
      return words(
        `--fault ${value} : après le deux-points vient la part des réponses touchées, de 0 à 1.`,
        `Par exemple, pour une sur dix : ${example}:0.1`,
      );
  }
}

function frBadFailIf({ value, why, part, accepted, meant }: ProblemOf<"bad_fail_if">): Words {
  if (why !== null)
    return words(`--fail-if '${value}' : ${SLO[why](part)}.`, nearestOf(meant) ?? `Il y a : ${accepted}`);
  const what = `--fail-if '${value}' ne se lit pas.`;
  if (meant === null) return words(what, `Exemples : ${accepted}`);
  return words(
    what,
    value.includes(",") && !meant.includes(",") ? `Écrivez ${meant}, avec un point.` : `Écrivez : ${meant}`,
  );
}

function frCompareSides({ given, between }: ProblemOf<"compare_sides">, command: Command): Words {
  const [first = "avant.json", ...others] = given.map(shellWord);
  if (given.length === 0)
    return words(
      "Il faut deux rapports à comparer, et aucun n’est indiqué.",
      `Écrivez : ${command("compare avant.json apres.json")}`,
    );
  if (given.length === 1)
    return words(
      `Il faut deux rapports à comparer, et seul ${given[0] ?? ""} est indiqué.`,
      `Indiquez aussi l’autre : ${command(`compare ${first} apres.json`)}`,
    );
  if (between)
    return words(
      "vs s’écrit une seule fois, avec au moins un rapport de chaque côté.",
      `Écrivez : ${command("compare avant-1.json avant-2.json vs apres-1.json apres-2.json")}`,
    );
  const sides = given.length > 6 ? "avant-*.json vs apres-*.json" : `${first} vs ${others.join(" ")}`;
  return words(
    `${given.length} rapports sont indiqués, sans dire lesquels vont ensemble.`,
    `Mettez vs entre les deux côtés : ${command(`compare ${sides}`)}`,
  );
}

const MERGE: Record<MergeDifference, string> = {
  shards: "le nombre de machines n’est pas le même",
  start: "elles n’ont pas commencé au même instant (--start-at)",
  version: "la version de llmaas n’est pas la même",
  endpoint: "l’endpoint ou l’API n’est pas le même",
  slo: "les seuils ne sont pas les mêmes (--slo)",
  load: "la charge n’est pas la même (paliers, durée, préchauffage, graine, réponses demandées)",
  models: "les modèles ne sont pas les mêmes",
};

/** What is wrong with a load that is to be measured or played, and with its reports. */
export const frLoadProblems = {
  bad_fault: frBadFault,
  bad_slo: frBadSlo,
  bad_fail_if: frBadFailIf,
  shard_empty: ({ option, value, of }) =>
    words(
      `${option} ${value} ne se partage pas entre ${of} machines : certaines n’auraient rien à faire.`,
      `Demandez au moins ${of}, ou partagez entre ${value === 1 ? "une seule" : value}.`,
    ),
  start_passed: ({ start, at, late }) =>
    late > LONG_AGO
      ? words(
          `L’instant --start-at ${start}${at === start ? "" : `, soit ${at},`} est passé depuis ${duration(late)} : ce n’est sans doute pas celui que vous vouliez.`,
          "Vérifiez la date et le fuseau horaire, puis lancez toutes les parts avec le même instant, deux minutes plus tard environ.",
        )
      : words(
          `L’instant --start-at ${start} est passé depuis ${duration(late)} : cette part serait en retard sur les autres.`,
          "Relancez-les toutes avec un instant plus tardif ; deux minutes laissent le temps de charger le programme partout.",
        ),
  merge_nothing: (_, command) =>
    words(
      "Aucun rapport n’est indiqué.",
      `Écrivez : ${command("merge part-*.json --report tout.html")} ; une part se mesure avec llmaas bench --shard.`,
    ),
  merge_no_shard: ({ path, merged }, command) =>
    merged
      ? words(`${path} réunit déjà plusieurs parts.`, "Donnez les rapports des parts elles-mêmes.")
      : words(
          `${path} n’est pas une part d’une charge partagée : il a été mesuré sans --shard.`,
          `Une part se mesure avec ${command("bench --shard 0/3 --start-at INSTANT --duration 1m --report FICHIER.json")} ; des mesures entières se comparent avec llmaas compare.`,
        ),
  merge_differs: ({ what, first, second }) =>
    words(
      `${first} et ${second} ne sont pas des parts de la même charge : ${MERGE[what]}.`,
      "Lancez toutes les parts avec la même ligne de commande, sauf --shard.",
    ),
  merge_repeated: ({ index, first, second }) =>
    words(
      first === second ? `${first} est indiqué deux fois.` : `${first} et ${second} sont tous deux la part ${index}.`,
      "Donnez chaque part une seule fois.",
    ),
  merge_missing: ({ missing, of }) =>
    words(
      `Sur ${of} parts, il en manque ${missing.length === 1 ? "une" : missing.length} : ${firstShards(missing, of)}.`,
      "Ajoutez ce qui manque, ou réunissez le reste avec --allow-missing ; la charge a alors été moindre que prévu.",
    ),
  report_kind: ({ path, accepted }) =>
    words(`Le nom ${path} ne dit pas quel rapport écrire.`, `Donnez-lui l’une de ces fins : ${accepted}`),
  report_unnamed: (_, command) =>
    words(
      "Aucun rapport n’est indiqué.",
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
  compare_sides: frCompareSides,
  baseline_load: ({ path, options }) =>
    words(`${path} a été mesuré à d’autres charges que celles demandées.`, `Il contient : ${options.join(", ")}`),
  compare_demo: ({ demo, real }) =>
    words(
      `${demo} a mesuré le serveur intégré, et ${real} un vrai service : leur écart n’apprend rien.`,
      "Comparez des mesures de même nature.",
    ),
} satisfies Partial<Problems>;
