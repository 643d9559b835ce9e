import type { BenchWords } from "../load.ts";
import { frNumbers } from "../numbers.ts";

const { count, counted, percent } = frNumbers;

function asked(number: string): string {
  return `${number} ${number === "1" ? "demandé" : "demandés"}`;
}

const plan: BenchWords["plan"] = {
  title: "À envoyer : ",
  requests: (number) => counted(number, "requête"),
  lasting: (time, only) => (only ? `des requêtes pendant ${time}` : `pendant ${time} au plus`),
  steps: (number, each) => `${each} à chacun des ${number} paliers`,
  loads: { closed: (values) => `${values} à la fois`, arrival: (values) => `${values} requêtes/s` },
  arrival: { constant: "à intervalles égaux", poisson: "arrivées de Poisson" },
  inFlight: (number) => `au plus ${number} à la fois`,
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
};

const live: BenchWords["live"] = {
  phase: { warmup: "préchauffage", measuring: "mesure", draining: "derniers flux", done: "terminé" },
  step: (step, steps) => `palier ${step} sur ${steps}`,
  left: (time) => `reste ~${time}`,
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
    atOnce: "À la fois",
    rate: "Débit",
    ttft: "TTFT",
    gap: "Intervalle",
    errors: "Erreurs",
    client: "Client",
  },
};

const verdict: BenchWords["verdict"] = {
  thresholds: (passed, total) =>
    total === 0 ? "aucun seuil donné" : `${passed}/${counted(total, "seuil tenu", "seuils tenus")}`,
  goodput: (share) => `débit utile ${share}, sans seuil`,
  streams: (ok, failed) => `${counted(ok, "flux réussi", "flux réussis")}, ${counted(failed, "échec")}`,
  healthy: "client sain",
  limited: "limité par le client",
  limitedBy: (names) => `limité par le client : ${names}`,
  by: (names) => `en cause : ${names}`,
  cause: {
    worker_lag_p99_ms: "boucle d’événements",
    dispatch_delay_p99_ms: "retard d’envoi",
    cpu_per_thread: "CPU",
    concurrency: "trop peu de flux à la fois",
    held_ms: "sortie bloquée",
    too_many_files: "limite de fichiers ouverts",
  },
  unfinished: (number) => counted(number, "inachevé"),
  missed: (number) => counted(number, "départ manqué", "départs manqués"),
  partial: {
    signal: "interrompu : ces chiffres sont partiels",
    threshold: "arrêté sur un seuil non tenu : ces chiffres sont partiels",
    crash: "le thread de mesure s’est arrêté : ces chiffres sont partiels",
    output: "la sortie n’a pas pu être écrite : ces chiffres sont partiels",
    prompts: "la suite des prompts est illisible : ces chiffres sont partiels",
    refused: "arrêté, toutes les requêtes étant refusées : ces chiffres sont partiels",
  },
  tooShort: "fenêtre trop courte : sa fin a coupé plus de 5 % des flux",
};

const row: BenchWords["row"] = {
  label: {
    streams: "Flux",
    requests: "Requêtes/s",
    output: "Tokens de réponse/s",
    errorRate: "Taux d’erreur",
    goodput: "Débit utile",
    tokens: "Tokens",
    cost: "Coût",
    source: "Tokens comptés",
    perEvent: "Tokens par événement",
    coalesced: "Arrivés groupés",
    retries: "Nouveaux essais",
    atOnce: "Flux à la fois",
    client: "Client",
    besides: "À signaler",
    leftOut: "Écartés",
    thresholds: "Seuils",
    errors: "Erreurs",
  },
  distribution: {
    ttft_ms: "Premier token (TTFT)",
    ttfo_ms: "1er visible (TTFO)",
    gap_ms: "Intervalle (ITL)",
    tpot_ms: "Temps/token (TPOT)",
    duration_ms: "Durée",
    tokens_per_second: "Tokens/s",
    decode_tokens_per_second: "Débit établi (tok/s)",
    latency_from_due_ms: "Depuis l’échéance",
    dispatch_delay_ms: "Retard d’envoi",
  },
  short: {
    ttft_ms: "TTFT",
    ttfo_ms: "TTFO",
    gap_ms: "intervalle",
    tpot_ms: "TPOT",
    duration_ms: "durée",
    tokens_per_second: "tokens/s",
    decode_tokens_per_second: "débit établi",
    latency_from_due_ms: "latence depuis l’échéance",
    dispatch_delay_ms: "retard d’envoi",
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
      `${share ?? "–"} des flux ont tenu tous les objectifs (${met})`,
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
    short: "moins que demandé pendant plus de 1 s",
  },
  healthy: "sain",
  check: {
    worker_lag_p99_ms: "boucle d’événements p99",
    dispatch_delay_p99_ms: "retard d’envoi p99",
    cpu_per_thread: "CPU par thread",
    concurrency: "flux à la fois",
    held_ms: "sortie bloquée",
    too_many_files: "trop de fichiers ouverts",
  },
  checkValue: (name, value, limit) => `${name} ${value}${limit === null ? "" : ` (limite ${limit})`}`,
  stalls: (number) => counted(number, "blocage"),
  malformed: (number) => counted(number, "événement illisible", "événements illisibles"),
  held: (time) => `lecture retenue pendant ${time}`,
  notice: (code, number) => `${code} ×${number}`,
  nothingLeftOut: "aucun",
  leftOut: {
    failed: (number) => `${count(number)} en échec`,
    unfinished: (number) => counted(number, "inachevé"),
    noValue: (number) => `${count(number)} sans valeur`,
  },
  noSamples: "aucune valeur",
  moreErrors: (kinds) => `… et ${counted(kinds, "autre type", "autres types")}`,
};

const sweep: BenchWords["sweep"] = {
  load: { closed: "à la fois", arrival: "rythme" },
  title: {
    requests: "req/s",
    tokens: "tok/s",
    ttft50: "TTFT p50",
    ttft95: "p95",
    gap99: "ITL p99",
    errors: "erreurs",
    goodput: "utile",
    thresholds: "seuils",
    client: "client",
  },
  limited: "limité",
  knee: (load) =>
    `Coude (knee) : jusqu’à ${load}, charger plus rapportait encore ; au-delà, c’est surtout de l’attente (◀).`,
  notRun: (loads) => `Paliers non mesurés : ${loads}.`,
  noKnee: {
    none: "Pas de coude (knee) parmi ces paliers.",
    few_rounds: "Coude (knee) impossible à voir\u00A0: il faut trois fois plus de requêtes que de flux à la fois.",
    nothing_whole: "Coude (knee) impossible à voir : aucun flux n’est allé au bout.",
  },
  tooShort: "fenêtre trop courte",
};

export const frBench: BenchWords = {
  percent,
  seconds: (number) => `${number}\u00A0s`,
  milliseconds: (number) => `${number}\u00A0ms`,
  load: { closed: (value) => `${value} à la fois`, arrival: (value) => `${value} requêtes/s` },
  plan,
  live,
  verdict,
  row,
  sweep,
};
