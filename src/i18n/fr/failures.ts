import type { FailureOf } from "../../stream/event.ts";
import { frNumbers } from "../numbers.ts";
import { ended, words, type About, type Failures, type Words } from "../say.ts";

const { count, duration } = frNumbers;

const STATUS: Readonly<Record<number, string>> = {
  401: "Le serveur n’accepte pas la clé",
  403: "Le serveur interdit cette requête",
  404: "Le serveur ne connaît pas cette adresse ou ce modèle",
  408: "Le serveur a attendu la requête trop longtemps",
  413: "La requête est trop volumineuse pour le serveur",
  429: "La limite de débit est atteinte",
};

function http(failure: FailureOf<"http">, about: About): Words {
  const { status, message, refusedWait } = failure;
  const what = ended(`${meaning(status, about)} (HTTP ${status})${failure.html ? "" : said(message)}`);
  if (refusedWait === null) return words(what, httpTodo(failure, about));
  return words(
    what,
    `Il demande d’attendre ${duration(refusedWait)}, plus que retry.max_wait (${duration(about.maxWait)}) : réessayez plus tard, ou augmentez retry.max_wait dans la configuration.`,
  );
}

function meaning(status: number, { keyOrigin }: About): string {
  if (status === 401 && keyOrigin === null) return "Le serveur demande une clé";
  return STATUS[status] ?? (status >= 500 ? "Le serveur rencontre un problème" : "Le serveur a refusé la requête");
}

function httpTodo({ status, html }: FailureOf<"http">, { keyOrigin, endpoint }: About): string | null {
  if (status === 401 && keyOrigin === null)
    return "Définissez LLMAAS_API_KEY, ou lancez llmaas config init. Les clés se créent sur console.cloud-temple.com.";
  if (status === 401)
    return `La clé vient de ${keyOrigin} : vérifiez sur console.cloud-temple.com qu’elle est complète et toujours valable.`;
  if (status === 403) return "Un filtre de sécurité a pu arrêter le prompt, ou un droit manque à la clé.";
  if (status === 404 && html) return `Il manque peut-être /v1 à l’endpoint ; c’est actuellement ${endpoint}.`;
  if (status === 404) return "llmaas models liste les modèles disponibles.";
  if (status === 429) return "Patientez un peu, puis réessayez ; --retries fixe le nombre de nouveaux essais.";
  return status >= 500 ? "Réessayez plus tard ; --retries fixe le nombre de nouveaux essais." : null;
}

/** ` : texte`, ou rien pour rien. */
function said(text: string): string {
  return text === "" ? "" : ` : ${text}`;
}

const TLS = {
  untrusted: [
    "son certificat n’est signé par aucune autorité reconnue sur cette machine",
    "Si vous avez votre propre autorité, indiquez-la avec NODE_EXTRA_CA_CERTS=FICHIER.pem.",
  ],
  expired: [
    "son certificat a expiré, ou n’est pas encore valable",
    "Vérifiez l’horloge de cette machine ; si elle est juste, c’est au responsable du serveur de renouveler le certificat.",
  ],
  wrong_name: ["son certificat porte un autre nom", "Vérifiez l’hôte de l’endpoint."],
  other: ["il ne parle pas TLS comme attendu", "Vérifiez l’endpoint : http ou https, et le port."],
} as const;

const PHASE = {
  open: "aucun en-tête de réponse",
  first_token: "aucun premier token",
  idle: "aucun nouveau token",
  total: "la réponse n’était pas terminée",
} as const;

const CANCELLED = {
  signal: "Interrompu : ce qui est arrivé est conservé.",
  fail_fast: "Arrêté parce qu’un autre flux a échoué.",
  window: "Arrêté à la fin de la fenêtre de mesure.",
  abort: "Arrêté.",
  reader_gone: "Arrêté : plus personne ne lit la sortie.",
};

const TRY_AGAIN = "Réessayez ; --retries fixe le nombre de nouveaux essais.";
const COMPATIBLE = "Vérifiez que l’endpoint est compatible OpenAI, et qu’il se termine par /v1 s’il le faut.";

/** The runtime does not tell which of the two failed. */
function orProxy(proxy: string | null): string {
  return proxy === null ? "" : ` (ou du proxy ${proxy})`;
}

/** Ce qui est dit d’un flux qui ne s’est pas bien terminé. */
export const frFailures: Failures = {
  http,
  redirect: ({ status, message }) =>
    words(
      `Le serveur renvoie ${message === "" ? "ailleurs" : `vers ${message}`} (HTTP ${status}).`,
      "Rien n’y a été envoyé. Si c’est la bonne adresse, indiquez-la avec --endpoint.",
    ),
  dns: (_, { endpoint, proxy }) =>
    words(
      `L’hôte de ${endpoint}${orProxy(proxy)} est introuvable.`,
      "Vérifiez l’orthographe de l’endpoint, et le réseau.",
    ),
  refused: (_, { endpoint, proxy }) =>
    words(
      `Rien n’écoute à l’adresse ${endpoint}${orProxy(proxy)}.`,
      "Vérifiez l’hôte et le port, et que le serveur tourne.",
    ),
  proxy: ({ message }) =>
    words(
      ended(`Le proxy a refusé la connexion${said(message)}`),
      "Vérifiez HTTPS_PROXY et HTTP_PROXY, ou ajoutez l’hôte à NO_PROXY.",
    ),
  too_many_files: () =>
    words(
      "Trop de fichiers et de connexions sont ouverts.",
      "Augmentez la limite de ce shell (ulimit -n), puis réessayez.",
    ),
  reset: () => words("La connexion s’est rompue avant le premier token.", TRY_AGAIN),
  invalid_http: ({ message }) =>
    words(
      ended(`Ce qui répond à cette adresse ne parle pas HTTP${said(message)}`),
      "Vérifiez l’endpoint : http ou https, et le port.",
    ),
  network: ({ message, code }) =>
    words(ended(`Le réseau a fait défaut (${code})${said(message)}`), "Vérifiez le réseau et l’endpoint."),
  tls: ({ problem, code }) =>
    words(`Impossible de faire confiance au serveur : ${TLS[problem][0]} (${code}).`, TLS[problem][1]),
  encoding: ({ code }) =>
    words(`La compression de la réponse est corrompue (${code}).`, "Un proxy sur le chemin peut en être la cause."),
  no_content: ({ status }) => words(`Le serveur a répondu sans aucun contenu (HTTP ${status}).`, COMPATIBLE),
  not_a_stream: ({ contentType, message }) =>
    words(
      `Au lieu d’un flux, le serveur a envoyé ${contentType || "un contenu sans type"}${message === "" ? "" : ` : « ${message} »`}.`,
      COMPATIBLE,
    ),
  ended_early: () => words("La réponse s’est terminée avant le premier token.", TRY_AGAIN),
  malformed: ({ count: events, message }) =>
    words(
      `${events === 1 ? "Le seul événement reçu" : `Aucun des ${count(events)} événements reçus`} n’est lisible : « ${message} ».`,
      "--debug les montre en entier.",
    ),
  oversize: ({ limit }) => words(`Le serveur a envoyé un événement de plus de ${limit / 1024 / 1024} Mio.`, COMPATIBLE),
  server_error: ({ message, code }) =>
    words(ended(`Le serveur s’est interrompu${code === null ? "" : ` (${code})`}${said(message)}`)),
  finish_reason: ({ reason }) => words(`Le serveur a renoncé : finish_reason ${reason}.`, "Réessayez."),
  truncated: ({ how }) =>
    words(
      how === "reset"
        ? "La connexion s’est rompue au milieu de la réponse : elle n’est pas complète."
        : "La réponse s’est arrêtée sans dire qu’elle était complète.",
    ),
  empty: ({ finishReason, reasoningTokens }) =>
    words(
      `Le serveur a terminé (${finishReason ?? "[DONE]"}) sans aucun texte visible${reasoningTokens ? ` : le raisonnement a pris ${count(reasoningTokens)} tokens` : ""}.`,
      finishReason === "length" || finishReason === "max_tokens" || reasoningTokens ? "Augmentez --max-tokens." : null,
    ),
  filtered: ({ reason }) =>
    words(`Le serveur a retenu la réponse : ${reason}.`, "Une autre formulation passera peut-être."),
  timeout: ({ phase, after }) =>
    words(
      `Délai dépassé (${phase}) : ${PHASE[phase]} au bout de ${duration(after)}.`,
      `--timeout-${phase.replace("_", "-")} fixe cette limite.`,
    ),
  cancelled: ({ reason }) => words(CANCELLED[reason]),
  worker_died: ({ message }) =>
    words(ended(`Le thread réseau s’est arrêté, et c’est un bogue de llmaas${said(message)}`)),
};
