import { frPage } from "./report-page.ts";
import { frTerms } from "./terms.ts";
import { frNumbers } from "../numbers.ts";
import type { ReportWords } from "../load.ts";

const { count, counted } = frNumbers;

/** The HTML report in French. */
export const frReport: ReportWords = {
  terms: frTerms,
  kicker: "Rapport de charge",
  title: (endpoint) => `llmaas bench : ${endpoint}`,
  theme: "Thème",
  verdict: {
    allPassed: (total) =>
      total > 2
        ? `Les ${count(total)} seuils sont tenus`
        : total === 2
          ? "Les deux seuils sont tenus"
          : "Le seuil est tenu",
    someFailed: (failed, total) =>
      total === 1
        ? "Le seuil n’est pas tenu"
        : `${counted(failed, "seuil")} sur ${count(total)} ${failed < 2 ? "n’est pas tenu" : "ne sont pas tenus"}`,
    thresholds: (passed, total) => `${counted(passed, "seuil tenu", "seuils tenus")} sur ${count(total)}`,
    noThresholds: "Aucun seuil donné",
    goodput: (share) => `Débit utile ${share}, sans seuil`,
    streams: (ok, failed) => `${counted(ok, "flux réussi", "flux réussis")}, ${count(failed)} en échec`,
    nothing: "Aucun flux n’a réussi",
    butLimited: (headline) => `${headline}, mais limité par le client`,
    butPartial: (headline) => `${headline}, sur une mesure partielle`,
    unfinished: (number) => counted(number, "flux inachevé", "flux inachevés"),
    missedStarts: (number) =>
      `${counted(number, "départ manqué", "départs manqués")} : le nombre permis de flux était déjà en cours`,
    healthy: "Client sain",
    limited: (by) => `Limité par le client : ${by}`,
    partial: (why) => `Partiel : ${why}`,
    windowTooShort: "Fenêtre trop courte : sa fin a coupé plus de 5 % des flux",
    demo: "Démonstration : le serveur intégré a répondu",
    good: "bon",
    bad: "mauvais",
    warn: "attention",
    note: "note",
  },
  facts: {
    title: "La mesure",
    endpoint: "Endpoint",
    models: "Modèles",
    load: "Charge",
    window: "Fenêtre",
    windowValue: (length, drain) => (drain === null ? length : `${length}, puis ${drain} pour les derniers flux`),
    warmup: "Préchauffage",
    warmupValue: (streams, length) => `${count(streams)} flux, ${length}, non comptés`,
    started: "Début",
    version: "Version",
    versionValue: (name, version, bun) => `${name} ${version}, Bun ${bun}`,
    machine: "Machine",
    machineValue: (cpu, cores, memory, system) => `${cpu}, ${counted(cores, "cœur")}, ${memory}, ${system}`,
    arguments: "Arguments",
    objectives: "Seuils et objectifs",
    seed: "Graine",
    exit: "Code de sortie",
  },
  arrival: (rate, poisson, most) =>
    `${rate} requêtes/s (${poisson ? "Poisson" : "intervalles égaux"}), au plus ${most} à la fois`,
  notRun: (loads) => `Paliers non mesurés : ${loads}`,
  instant: (iso) => `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(0, 4)} ${iso.slice(11, 19)} UTC`,
  gibibytes: (number) => `${number} Gio`,
  percent: (number) => `${number} %`,
  step: {
    choose: "Palier",
    heading: (load) => `Chiffres pour ${load}`,
    knee: "coude",
    elsewhere:
      "Tant de paliers et de modèles ne tiennent pas sur une page : les tableaux de celui-ci sont dans les rapports .json et .csv.",
  },
  table: {
    figures: "Percentiles",
    figuresWhat:
      "Durées en millisecondes. Un chiffre qui n’existe pas s’écrit –, jamais 0, et n’entre dans aucune distribution.",
    distribution: "Distribution",
    model: "Modèle",
    all: frTerms.allModels,
    count: "Nombre",
    leftOut: "Écartés",
    mean: "Moyenne",
    max: "Max",
    throughput: "Débit",
    goodputValue: (share, perSecond) => `${share} · ${perSecond}/s`,
    ok: "Flux réussis",
    failed: "En échec",
    unfinished: "Inachevés",
    outputTokens: "Tokens de réponse",
    promptTokens: "Tokens de prompt",
    reasoningTokens: "Tokens de raisonnement",
    cost: "Coût",
    costValue: (cost, streams) => `${cost} (${count(streams)} flux)`,
    verdicts: "Verdicts",
    thresholds: "Seuils",
    threshold: "Seuil",
    value: "Valeur",
    limit: "Limite",
    samples: "Valeurs comptées",
    result: "Résultat",
    passed: "tenu",
    notPassed: "non tenu",
    errors: "Erreurs",
    kind: "Type",
    example: "Premier exemple",
    first: "Flux",
    noErrors: "Aucun flux n’a échoué.",
    sweep: "Les paliers",
    step: "Palier",
    client: "Client",
    healthy: "sain",
    limited: "limité",
  },
  trust: {
    title: "Ce que valent ces chiffres",
    what: "Sur quoi ils reposent, si le client a tenu, et quels flux ils écartent.",
    source: "Tokens comptés",
    sourceValue: (usage, events) => `${count(usage)} flux par usage, ${count(events)} par événements`,
    perEvent: "Tokens par événement",
    coalesced: "Événements lus avec un précédent",
    retries: "Nouveaux essais",
    retriesValue: (number, wait) => (number === 0 ? "aucun" : `${count(number)} (${wait} d’attente)`),
    ttftFrom: "Le TTFT compte depuis",
    firstAttempt: "le premier essai",
    lastAttempt: "le dernier essai",
    stalls: "Blocages",
    malformed: "Événements illisibles",
    held: "Lecture retenue par notre sortie",
    notices: "Remarques",
    client: "Client",
    kept: "tenu",
    broken: "non tenu",
    observed: "Flux à la fois",
    observedValue: (asked, mean, max) =>
      `${asked === null ? "" : `${asked} ${asked === "1" ? "demandé" : "demandés"}, `}${mean} en moyenne, ${max} au plus`,
    missed: "Départs manqués",
    leftOut: "Écartés",
    noValue: "Sans valeur",
    none: "aucune",
  },
  charts: {
    title: "Graphiques",
    drawn: (drawn, left) =>
      drawn === 0
        ? "Aucun flux à dessiner."
        : left === 0
          ? drawn === 1
            ? "Le seul flux est dessiné."
            : `Les ${count(drawn)} flux sont dessinés.`
          : `${count(drawn)} flux dessinés sur ${count(drawn + left)} : les 200 plus lents, au plus 200 échecs et un ` +
            "échantillon du reste, tiré avec la graine. Les tableaux et les distributions les comptent tous.",
    keys: "Glissez pour agrandir. Au clavier : flèches pour se déplacer, Entrée pour ouvrir, + et − pour le zoom, 0 pour tout voir.",
    table: "En tableau",
    show: "Afficher",
    latency: {
      ttft_p50: `${frTerms.figure.ttft_ms.name} p50`,
      ttft_p95: `${frTerms.figure.ttft_ms.name} p95`,
      duration_p50: `${frTerms.figure.duration_ms.name} p50`,
      duration_p95: `${frTerms.figure.duration_ms.name} p95`,
    },
    zoomIn: "Agrandir",
    zoomOut: "Réduire",
    reset: "Tout voir",
    noScript: "Les graphiques demandent JavaScript ; les tableaux s’en passent.",
  },
  chart: {
    ttft: {
      title: "Délai du premier token au fil du temps",
      what: "Un repère par flux, à l’instant de son envoi. Une croix est un flux en échec ; sur l’axe, avant son premier token.",
    },
    duration: {
      title: "Durée au fil du temps",
      what: "Un repère par flux. Une croix est un flux en échec, au bout du temps qu’il a mis à échouer.",
    },
    curves: {
      title: "Distribution",
      what: "Toutes les valeurs mesurées, sans échantillon : plus à droite, plus rare. Une fin qui monte à pic trahit une longue traîne.",
    },
    tokens: { title: "Tokens par seconde au fil du temps", what: "La sortie de tous les flux ensemble." },
    concurrency: { title: "Flux à la fois au fil du temps", what: "Tels qu’observés, avec ce qui était demandé." },
    sweep: {
      title: "Débit et latence",
      what: "Un point par palier : à droite, plus de travail fait ; en bas, plus vite. Passé le coude, une charge plus forte n’apporte que de l’attente.",
    },
    waterfall: {
      title: "Cascade des flux",
      what: "Une ligne par flux, de l’envoi à la fin, dans l’ordre des envois. Une croix est un échec.",
    },
  },
  footer: "Un seul fichier, sans réseau : tout ce qui est montré s’y trouve.",
  page: {
    ...frPage,
    ttft: frTerms.figure.ttft_ms.name,
    duration: frTerms.figure.duration_ms.name,
    tokensPerSecond: frTerms.figure.tokens_per_second.name,
    requestsPerSecond: frTerms.figure.requests_per_second.name,
    dispatch: frTerms.figure.dispatch_delay_ms.name,
    allModels: frTerms.allModels,
  },
};
