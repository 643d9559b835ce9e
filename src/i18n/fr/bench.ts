import type { enBench, enSelftest } from "../en/bench.ts";
import { frNumbers } from "../numbers.ts";
import { frShards } from "./shards.ts";
import { frTerms } from "./terms.ts";

const { count, counted } = frNumbers;

function asked(number: string): string {
  return `${number} ${number === "1" ? "demandée" : "demandées"}`;
}

/** So many requests at once; `values` may be a list. */
function simultaneous(values: string): string {
  return values === "1" ? "1 requête à la fois" : `${values} requêtes simultanées`;
}

const plan: (typeof enBench)["plan"] = {
  title: "À envoyer : ",
  requests: (number) => counted(number, "requête"),
  lasting: (time, only) => (only ? `des requêtes pendant ${time}` : `pendant ${time} au plus`),
  steps: (number, each) => `${each} à chacun des ${number} paliers`,
  loads: { closed: simultaneous, arrival: (values) => `${values} requêtes/s` },
  arrival: { constant: "à intervalles égaux", poisson: "arrivées de Poisson" },
  inFlight: (number) => `au plus ${number} requêtes simultanées`,
  warmupStreams: (number) => `préchauffage de ${number} flux`,
  warmupTime: (time) => `préchauffage de ${time}`,
  retries: (number) => `jusqu’à ${counted(number, "nouvel essai", "nouveaux essais")}`,
  to: (models, endpoint) => `Vers ${models}, sur ${endpoint}`,
  demo: "le serveur intégré (démonstration), sans clé",
  builtIn: "serveur intégré (démonstration)",
  prompts: (number) => (number === 1 ? "Le même prompt à chaque fois" : `${count(number)} prompts à tour de rôle`),
  uncounted: "Vos prompts à tour de rôle",
  synthetic: (tokens) => `Prompts synthétiques d’environ ${tokens} tokens, tous différents`,
  atMost: (tokens) => `au plus ${tokens} tokens de réponse en tout`,
  thresholds: (first) => `Seuils : ${first}`,
  forGoodput: (objective) => `${objective} (compte pour le débit utile)`,
};

const live: (typeof enBench)["live"] = {
  phase: { warmup: "préchauffage", measuring: "mesure", draining: "derniers flux", done: "terminé" },
  step: (step, steps) => `palier ${step} sur ${steps}`,
  left: (time) => `reste ~${time}`,
  leftInAll: (time) => `reste ~${time} en tout`,
  earlier: (marks) => `paliers précédents ${marks}`,
  done: (number, of) => (of === null ? counted(number, "terminé") : `${count(number)}/${of} terminés`),
  warmed: (number) => `${number} flux de préchauffage`,
  ok: (number) => counted(number, "réussi"),
  failed: (number) => `${number} en échec`,
  missed: (number) => counted(number, "départ manqué", "départs manqués"),
  asked,
  now: (number) => `${number} en cours`,
  mean: (number) => `${number} en moyenne`,
  requests: (perSecond) => `${perSecond} requêtes/s`,
  tokens: (perSecond) => `${perSecond} tokens/s`,
  label: {
    streams: "Flux",
    atOnce: "Simultanées",
    rate: "Débit",
    ttft: frTerms.figure.ttft_ms.name,
    gap: "Intervalle",
    errors: "Erreurs",
    client: "Poste de mesure",
  },
};

const verdict: (typeof enBench)["verdict"] = {
  thresholds: (passed, total) =>
    total === 0 ? "aucun seuil donné" : `${passed}/${counted(total, "seuil respecté", "seuils respectés")}`,
  undecided: (number) => counted(number, "indécis", "indécis"),
  takenAs: {
    pass: (number) => `${counted(number, "indécis", "indécis")}, compté comme respecté (--if-disturbed)`,
    fail: (number) => `${counted(number, "indécis", "indécis")}, compté comme non respecté (--if-disturbed)`,
  },
  streams: (ok, failed) => `${counted(ok, "flux réussi", "flux réussis")}, ${counted(failed, "échec")}`,
  allFailed: (failed, of) => `${counted(failed, "échec")} sur ${count(of)}`,
  nothing: "aucun flux n’est allé au bout",
  cause: (what, why) => `${what} : ${why}`,
  causeOfSome: (what, some, why) => `${what}, dont ${count(some)} : ${why}`,
  unfinished: (number) => counted(number, "inachevé"),
  missed: (number) => counted(number, "départ manqué", "départs manqués"),
  partial: (why) => `${why} : ces chiffres sont partiels`,
  tooShort: "fenêtre trop courte : sa fin a coupé plus de 5 % des flux, ou la plupart finissent après elle",
  inLumps: "réponses par paquets",
};

const row: (typeof enBench)["row"] = {
  label: {
    streams: "Flux",
    tokens: "Tokens",
    cost: "Coût",
    source: "Tokens comptés",
    perEvent: "Tokens par événement",
    coalesced: "Arrivés groupés",
    retries: "Nouveaux essais",
    atOnce: "Requêtes simultanées",
    client: "Poste de mesure",
    besides: "À signaler",
    leftOut: "Valeurs exclues",
    thresholds: "Seuils",
    errors: "Erreurs",
    answeredBy: "Réponses de",
  },
  all: "ensemble",
  measured: (time) => `${time} de mesure`,
  warmup: (streams, time) => `après ${count(streams)} flux de préchauffage (${time})`,
  drain: (time) => `derniers flux finis en ${time}`,
  cutAfter: (time) => `derniers flux coupés après ${time}`,
  peak: (perSecond) => `(${perSecond} à la meilleure seconde)`,
  ofCounted: (failed, all) => `${failed} sur ${all}`,
  goodput: (met, share, perSecond) =>
    [
      `${share ?? "–"} des flux respectent tous les objectifs (${met})`,
      ...(perSecond === null ? [] : [`${perSecond}/s`]),
    ].join(", "),
  tokens: (output, prompt, reasoning) =>
    [
      `${output} reçus`,
      ...(reasoning === null ? [] : [`dont ${reasoning} de raisonnement`]),
      ...(prompt === null ? [] : [`${prompt} envoyés`]),
    ].join(", "),
  costOf: (streams) => `pour ${count(streams)} flux`,
  source: {
    usage: (number) => `par le serveur (usage, ${count(number)} flux)`,
    events: (number) => `par événements, d’où le ~ (${count(number)} flux)`,
    none: "–",
  },
  coalesced: (share) => `${share} lus en même temps qu’un précédent`,
  retries: (number, wait) => `${number} (${wait} d’attente)`,
  noRetries: "aucun",
  ttftFrom: {
    first_attempt: "TTFT et TTFO comptent depuis le premier essai",
    last_attempt: "le TTFT compte depuis le dernier essai",
  },
  atOnce: {
    asked,
    max: (number) => `${number} au plus`,
    mean: (number) => `${number} en moyenne`,
    short: "moins que demandé pendant plus de 1 s",
  },
  healthy: "mesure fiable",
  checkValue: (name, value, limit) => `${name} ${value}${limit === null ? "" : ` (limite ${limit})`}`,
  stale: (number) =>
    `${counted(number, "connexion gardée fermée par le serveur", "connexions gardées fermées par le serveur")}, requête repartie sur une nouvelle`,
  stalls: (number) => counted(number, "pause longue", "pauses longues"),
  malformed: (number) => counted(number, "événement illisible", "événements illisibles"),
  held: (time) => `lecture freinée par l’affichage pendant ${time}`,
  lumps: (share, wait) =>
    `réponses par paquets (${share} des événements de token, après des attentes de ${wait}) : quelque chose en chemin (proxy, compression) les retient, et TTFT, intervalles et TPOT sont les siens, pas ceux du modèle`,
  notice: (code, number) => `${code} ×${number}`,
  nothingLeftOut: "aucune",
  leftOut: {
    failed: (number) => `${count(number)} en échec`,
    unfinished: (number) => counted(number, "inachevé"),
    noValue: (number) => `${count(number)} sans valeur`,
  },
  answeredBy: (models) => `réponses de ${models}`,
  undecided: (value) => `${value}, indécis`,
  moreErrors: (kinds) => `… et ${counted(kinds, "autre type", "autres types")}`,
};

const sweep: (typeof enBench)["sweep"] = {
  load: { closed: "simultanées", arrival: "rythme" },
  title: {
    requests: "req/s",
    tokens: "tok/s",
    ttft50: `${frTerms.figure.ttft_ms.name} p50`,
    ttft95: "p95",
    queue: "file",
    gap99: "ITL p99",
    errors: "erreurs",
    goodput: "utile",
    thresholds: "seuils",
    client: "mesure",
  },
  limited: "perturbée",
  knee: (load) => `Point de saturation (knee) : ${load} (◀) ; au-delà, la latence monte sans gain de débit.`,
  notRun: (loads) => `Paliers non mesurés : ${loads}.`,
  tooShort: "fenêtre trop courte",
};

/** Excel in French wants to be told what it would guess otherwise. */
const SPREADSHEET = "\n  Tableur : importer, séparateur virgule, langue anglaise.";

export const frBench = {
  load: { closed: simultaneous, arrival: (value) => `${value} requêtes/s` },
  terms: frTerms,
  plan,
  live,
  verdict,
  row,
  sweep,
  shard: frShards,
  wrote: {
    report: (path, size) => `Rapport : ${path} (${size})${/\.csv$/i.test(path) ? SPREADSHEET : ""}`,
    records: (path, size) => `Enregistrements : ${path} (${size})`,
  },
} satisfies typeof enBench;

/** What the self-test says; numbers come written out, times with their unit. */
export const frSelftest = {
  verdict: {
    under: (limit, streams) => (streams === null ? `jamais sous ${limit}` : `sous ${limit} jusqu’à ${streams} flux`),
    error: (parts) => `Erreur du TTFT, p99 : ${parts.join(", ")}`,
    failed: (problems) => `Autotest en échec : ${problems.join(" ; ")}`,
  },
  problem: {
    lost: "ce qui a été injecté n’est pas entièrement ressorti",
    moved: "un thread principal occupé change les chiffres",
    silent: "un poste de mesure saturé déclare sa mesure fiable",
  },
  machine: (cores, cpu) => `${cores} × ${cpu}`,
  title: "Erreur en ms : ce qui est rapporté moins ce que le serveur a écrit",
  column: {
    streams: "Flux",
    ttft: frTerms.figure.ttft_ms.short,
    gap: frTerms.figure.gap_ms.short,
    duration: frTerms.figure.duration_ms.short,
    request: "requête",
  },
  legend:
    "Le serveur note l’instant qui précède chacune de ses écritures. requête : de notre envoi à sa lecture par le serveur ; ce n’est pas une erreur, le TTFT l’inclut.",
  whole: (streams, tokens) =>
    `Ce qui a été injecté est ressorti : ${streams} flux complets, avec tous leurs tokens (${tokens}).`,
  lost: (load, streams, tokens) =>
    `À ${load} requêtes simultanées, ${streams.join(" flux sur ")} sont ressortis complets, et ${tokens.join(" tokens sur ")}.`,
  clocks: (time) => `Horloges des deux processus : au plus ${time} d’écart.`,
  client: (healthy, limited) => {
    const parts = [
      ...(healthy === "" ? [] : [`mesure fiable à ${healthy} flux`]),
      ...(limited === "" ? [] : [`perturbée à ${limited} flux`]),
    ];
    return `Ce que le poste de mesure dit de lui-même : ${parts.join(" ; ")}.`;
  },
  busy: {
    title: (blocked, streams) => `Thread principal occupé (bloqué par tranches de ${blocked}), ${streams} flux`,
    figure: (p50, p90) => `erreur p50 ${p50.join(" → ")}, p90 ${p90.join(" → ")} ms`,
    arrival: "arrivée",
    held: "Les chiffres n’ont pas bougé, comme il se doit.",
    moved: (p50, p90) => `Les chiffres ont bougé de plus de ${p50} (p50) ou ${p90} (p90) : ils n’auraient pas dû.`,
  },
  saturated: {
    title: (streams) => `Poste de mesure saturé (${streams} flux, aussi vite que possible)`,
    limited: (by) => `Il le reconnaît : mesure perturbée (${by}).`,
    healthy: "Il déclare sa mesure fiable, à tort.",
  },
  progress: {
    load: (streams, rate) => `${streams} flux × ${rate} tokens/s`,
    quiet: "thread principal au repos",
    busy: "thread principal occupé",
    saturated: "poste de mesure saturé",
    error: (p99) => `erreur du TTFT p99 ${p99}`,
    lost: "tout n’est pas ressorti",
    done: "fait",
  },
} satisfies typeof enSelftest;
