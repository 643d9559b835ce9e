import type { FailureOf } from "../../stream/event.ts";
import { frNumbers } from "../numbers.ts";
import {
  ended,
  hostOf,
  lacksVersion,
  unusable,
  withVersion,
  words,
  type About,
  type Failures,
  type Words,
} from "../say.ts";

const { count, duration } = frNumbers;

const YEAR = 365 * 24 * 3_600_000;

const STATUS: Readonly<Record<number, string>> = {
  401: "Le serveur n’accepte pas la clé",
  404: "Le serveur ne connaît pas cette adresse ou ce modèle",
  408: "Le serveur a attendu la requête trop longtemps",
  413: "La requête est trop volumineuse pour le serveur",
  429: "La limite de débit est atteinte",
};

/** With which servers refuse an API that they do not speak. */
const NOT_SPOKEN: ReadonlySet<number> = new Set([404, 405, 501]);

/** Why a request was refused, and what helps. */
function frRefusal(failure: FailureOf<"http">, about: About): Words {
  const { status, message, refusedWait, html } = failure;
  const what = ended(`${meaning(failure, about)} (HTTP ${status})${html ? "" : said(message)}`);
  if (refusedWait === null) return words(what, httpTodo(failure, about));
  const tooLong =
    refusedWait > YEAR
      ? "plus d’un an, c’est trop long"
      : `${duration(refusedWait)}, plus que retry.max_wait (${duration(about.maxWait)})`;
  return words(
    what,
    `Il demande d’attendre ${tooLong} : réessayez plus tard${refusedWait > YEAR ? "" : ", ou augmentez retry.max_wait dans la configuration"}.`,
  );
}

function meaning(failure: FailureOf<"http">, { keyOrigin, proxy, endpoint }: About): string {
  const { status, html, byProxy, lasting } = failure;
  if (byProxy && proxy !== null) return `Le proxy ${proxy} ${FR_OF_PROXY[status] ?? "a refusé la requête"}`;
  if (status === 407) return "Un proxy sur le chemin demande un nom et un mot de passe";
  if (status === 401 && keyOrigin === null) return "Le serveur demande une clé";
  if (lasting === "quota") return "Il ne reste ni crédit ni quota";
  if (lacksVersion(failure, endpoint) === "surely") return "Le serveur ne connaît pas cette adresse";
  // Only over plain http can a proxy answer in the server's place.
  const who = html && proxy !== null && endpoint.startsWith("http:") ? `Le serveur ou le proxy ${proxy}` : "Le serveur";
  if (status === 403) return `${who} interdit cette requête`;
  return STATUS[status] ?? (status >= 500 ? `${who} rencontre un problème` : "Le serveur a refusé la requête");
}

/** What a proxy's own status means. */
const FR_OF_PROXY: Readonly<Record<number, string>> = {
  403: "ne laisse pas passer cette requête",
  407: "demande un nom et un mot de passe",
  502: "n’arrive pas à joindre le serveur",
  503: "n’arrive pas à joindre le serveur",
  504: "a attendu le serveur trop longtemps",
};

function httpTodo(failure: FailureOf<"http">, about: About): string | null {
  const { status, byProxy, lasting } = failure;
  const { keyOrigin, endpoint, proxy } = about;
  if (status === 407) return "Mettez-les dans HTTP_PROXY ou HTTPS_PROXY : http://NOM:MOT_DE_PASSE@HÔTE:PORT";
  if (byProxy && proxy !== null)
    return "Voyez avec la personne qui l’administre, ou ajoutez l’hôte à NO_PROXY pour s’en passer.";
  if (lasting === "quota")
    return `Inutile de réessayer : ${keyGiver(about)} indique ce qui reste et peut relever la limite.`;
  if (status === 401 && keyOrigin === null)
    return `${keysAre(about)} Définissez LLMAAS_API_KEY, ou créez un fichier de configuration : ${about.command("config init")}`;
  if (status === 401 && about.llmaas)
    return `La clé vient de ${keyOrigin} : vérifiez sur console.cloud-temple.com qu’elle est complète et toujours valable.`;
  if (status === 401)
    return `La clé vient de ${keyOrigin} : vérifiez qu’elle est complète, et faite pour ce serveur. ${keysAre(about)}`;
  if (status === 403) return "Un filtre de sécurité a pu arrêter le prompt, ou un droit manque à la clé.";
  if (lacksVersion(failure, endpoint) === "surely") return noVersion(endpoint);
  if (status === 404 && about.list)
    return "Il n’en a peut-être pas : demandez une réponse, en nommant le modèle comme le fait son exploitant.";
  if (about.api !== undefined && !about.list && NOT_SPOKEN.has(status))
    return `Il ne parle peut-être pas l’API ${about.api} : essayez --api chat. Les modèles disponibles : ${about.command("models")}`;
  if (status === 404 && failure.html) return COMPATIBLE;
  const version = lacksVersion(failure, endpoint) === null ? "" : `${noVersion(endpoint)} `;
  if (status === 404) return `${version}Les modèles disponibles : ${about.command("models")}`;
  if (lasting === "unsupported") return "Inutile de réessayer : changez la requête, ou le modèle.";
  if (lasting === "told") return "Il dit lui-même qu’il est inutile de réessayer.";
  if (status === 429) return "Patientez un peu, puis réessayez ; --retries fixe le nombre de nouveaux essais.";
  return status >= 500 ? "Réessayez plus tard ; --retries fixe le nombre de nouveaux essais." : null;
}

function noVersion(endpoint: string): string {
  return `L’endpoint ${endpoint} ne se termine pas par /v1, comme la plupart : essayez -e ${withVersion(endpoint)}.`;
}

function keysAre(about: About): string {
  return about.llmaas
    ? "Les clés se créent sur console.cloud-temple.com."
    : `Les clés sont fournies par ${keyGiver(about)}.`;
}

function keyGiver({ llmaas, endpoint }: About): string {
  return llmaas ? "console.cloud-temple.com" : `l’exploitant de ${hostOf(endpoint)}`;
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

/** The runtime does not tell which of the two failed. */
function orProxy(proxy: string | null): string {
  return proxy === null ? "" : ` (ou du proxy ${proxy})`;
}

function proxyRefused({ code, message, status }: FailureOf<"proxy">, { proxy }: About): Words {
  if (status)
    return words(
      `Le proxy${proxy === null ? "" : ` ${proxy}`} ${FR_OF_PROXY[status] ?? "a refusé la connexion"} (HTTP ${status}).`,
      status === 407
        ? "Mettez-les dans HTTPS_PROXY : http://NOM:MOT_DE_PASSE@HÔTE:PORT"
        : "Vérifiez HTTPS_PROXY, HTTP_PROXY et ALL_PROXY, ou ajoutez l’hôte à NO_PROXY.",
    );
  const why = unusable(code);
  if (why === null)
    return words(
      ended(`Le proxy a refusé la connexion${message === "" ? "" : ` : ${message}`}`),
      "Vérifiez HTTPS_PROXY, HTTP_PROXY et ALL_PROXY, ou ajoutez l’hôte à NO_PROXY.",
    );
  return words(
    why === "address"
      ? `Rien n’a été envoyé : ${proxy ?? "ce qui est indiqué"} n’est pas l’adresse d’un proxy.`
      : `Rien n’a été envoyé : llmaas ne parle pas le langage du proxy${proxy === null ? "" : ` ${proxy}`} (${code}).`,
    "Indiquez un proxy http:// ou https:// dans HTTPS_PROXY, HTTP_PROXY ou ALL_PROXY, ou ajoutez l’hôte à NO_PROXY.",
  );
}

/** What is said where no connection, or none that can be trusted, was made. */
const frNetwork: Pick<Failures, "dns" | "refused" | "proxy" | "too_many_files" | "tls"> = {
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
  proxy: proxyRefused,
  too_many_files: () =>
    words(
      "Trop de fichiers et de connexions sont ouverts.",
      "Augmentez la limite de ce shell (ulimit -n), puis réessayez.",
    ),
  tls: ({ problem, code }) =>
    words(`Impossible de faire confiance au serveur : ${TLS[problem][0]} (${code}).`, TLS[problem][1]),
};

const mebibytes = (units: number): string => `${units / 1024 / 1024} Mio`;

const SENTENCES: Record<FailureOf<"oversize">["reason"], (limit: number) => string> = {
  event: (limit) => `Le serveur a envoyé un événement de plus de ${mebibytes(limit)}.`,
  depth: (limit) => `Le serveur a envoyé du JSON imbriqué sur plus de ${count(limit)} niveaux.`,
  values: (limit) => `Le serveur a envoyé un événement de plus de ${count(limit)} valeurs JSON.`,
  tool_calls: (limit) => `La réponse contient plus de ${count(limit)} appels d’outils.`,
  arguments: (limit) => `Les arguments des appels d’outils de la réponse dépassent ${mebibytes(limit)}.`,
  refusal: (limit) => `Le refus dépasse ${mebibytes(limit)}.`,
  body: (limit) => `La réponse dépasse ${mebibytes(limit)}.`,
};

/** What is said of an answer of which there is more than is read. */
function oversize({ reason, limit }: FailureOf<"oversize">): Words {
  return words(SENTENCES[reason](limit), "La suite de la réponse n’est pas lue ; ce qui est arrivé est gardé.");
}

/** ` : texte`, ou rien pour rien. */
function said(text: string): string {
  return text === "" ? "" : ` : ${text}`;
}

const PHASE = {
  open: "aucun en-tête de réponse",
  first_token: "aucun premier token",
  idle: "aucun nouveau token",
  total: "la réponse n’était pas terminée",
} as const;

const OPEN_TODO =
  "Certains serveurs et proxys ne les envoient qu’avec le premier token. --timeout-open fixe cette limite.";

const CANCELLED = {
  signal: "Interrompu : ce qui est arrivé est conservé.",
  fail_fast: "Arrêté parce qu’un autre flux a échoué.",
  window: "Arrêté à la fin de la fenêtre de mesure.",
  abort: "Arrêté.",
  reader_gone: "Arrêté : plus personne ne lit la sortie.",
};

const TRUNCATED = {
  reset: "La connexion s’est rompue au milieu de la réponse, qui n’est pas complète.",
  end: "La réponse s’est arrêtée sans dire qu’elle était complète.",
  no_reason: "Le serveur a mis fin à la réponse sans finish_reason : elle a pu être interrompue.",
};

const TRUST =
  "Si ce serveur n’en donne jamais, --trust-done (api.trust_done) accepte son [DONE] comme la fin d’une réponse complète.";

const TRY_AGAIN = "Réessayez ; --retries fixe le nombre de nouveaux essais.";
const COMPATIBLE = "Vérifiez que l’endpoint est compatible OpenAI, et qu’il se termine par /v1 s’il le faut.";

/** What is said of a stream that did not end well. */
export const frFailures: Failures = {
  http: frRefusal,
  redirect: ({ status, message }) =>
    words(
      `Le serveur renvoie ${message === "" ? "ailleurs" : `vers ${message}`} (HTTP ${status}).`,
      "Rien n’y a été envoyé. Si c’est la bonne adresse, indiquez-la avec --endpoint.",
    ),
  ...frNetwork,
  reset: () => words("La connexion s’est rompue avant le premier token.", TRY_AGAIN),
  invalid_http: ({ message }) =>
    words(
      ended(`Ce qui répond à cette adresse ne parle pas HTTP${said(message)}`),
      "Vérifiez l’endpoint : http ou https, et le port.",
    ),
  network: ({ message, code }) =>
    words(ended(`Erreur de réseau (${code})${said(message)}`), "Vérifiez le réseau et l’endpoint."),
  encoding: ({ code }) =>
    words(`La compression de la réponse est corrompue (${code}).`, "Un proxy sur le chemin peut en être la cause."),
  no_content: ({ status }) =>
    words(
      `Le serveur a répondu sans aucun contenu (HTTP ${status}).`,
      status === 200
        ? "Consultez son journal ; s’il ne dit rien, vérifiez que l’endpoint est compatible OpenAI."
        : COMPATIBLE,
    ),
  not_a_stream: ({ contentType, message }, { list }) =>
    words(
      `Au lieu ${list ? "d’une liste de modèles" : "d’un flux"}, le serveur a envoyé ${contentType || "un contenu sans type"}${message === "" ? "" : ` : « ${message} »`}.`,
      COMPATIBLE,
    ),
  ended_early: () => words("La réponse s’est terminée avant le premier token.", TRY_AGAIN),
  malformed: ({ count: events, message }) =>
    words(
      `${events === 1 ? "Le seul événement reçu" : `Aucun des ${count(events)} événements reçus`} n’est lisible : « ${message} ».`,
      "--debug les montre en entier.",
    ),
  oversize,
  server_error: ({ message, code }) =>
    words(
      ended(`Le serveur s’est interrompu${code === null ? "" : ` (${code})`}${said(message)}`),
      "Réessayez plus tard.",
    ),
  finish_reason: ({ reason }) => words(`Le serveur a renoncé : finish_reason ${reason}.`, "Réessayez."),
  truncated: ({ how, message }) =>
    words(
      TRUNCATED[how] + (message === "" ? "" : ` Les derniers mots du serveur : « ${message} ».`),
      how === "no_reason" ? TRUST : "Réessayez.",
    ),
  empty: ({ finishReason, byLength, reasoningTokens }) =>
    words(
      `Le serveur a terminé (${finishReason ?? "[DONE]"}) sans aucun texte visible${reasoningTokens ? ` : le raisonnement a pris ${count(reasoningTokens)} tokens` : ""}.`,
      byLength || reasoningTokens ? "Augmentez --max-tokens." : null,
    ),
  filtered: ({ reason }) => words(`Le serveur a bloqué la réponse : ${reason}.`, "Essayez une autre formulation."),
  timeout: ({ phase, after }, { list }) =>
    words(
      `Délai dépassé (${phase}) : ${PHASE[phase]} au bout de ${duration(after)}.`,
      phase === "open" && list !== true ? OPEN_TODO : `--timeout-${phase.replace("_", "-")} fixe cette limite.`,
    ),
  cancelled: ({ reason }) => words(CANCELLED[reason]),
  worker_died: ({ message }) =>
    words(ended(`Le thread réseau s’est arrêté, et c’est un bogue de llmaas${said(message)}`)),
};
