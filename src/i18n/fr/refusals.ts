import type { FailureOf } from "../../stream/event.ts";
import { frNumbers } from "../numbers.ts";
import { ended, hostOf, words, type About, type Words } from "../say.ts";

const { duration } = frNumbers;

const YEAR = 365 * 24 * 3_600_000;

const STATUS: Readonly<Record<number, string>> = {
  401: "Le serveur n’accepte pas la clé",
  404: "Le serveur ne connaît pas cette adresse ou ce modèle",
  408: "Le serveur a attendu la requête trop longtemps",
  413: "La requête est trop volumineuse pour le serveur",
  429: "La limite de débit est atteinte",
};

/** Why a request was refused, and what helps. */
export function frRefusal(failure: FailureOf<"http">, about: About): Words {
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
  // Only over plain http can a proxy answer in the server's place.
  const who = html && proxy !== null && endpoint.startsWith("http:") ? `Le serveur ou le proxy ${proxy}` : "Le serveur";
  if (status === 403) return `${who} interdit cette requête`;
  return STATUS[status] ?? (status >= 500 ? `${who} rencontre un problème` : "Le serveur a refusé la requête");
}

/** What a proxy's own status means. */
export const FR_OF_PROXY: Readonly<Record<number, string>> = {
  403: "ne laisse pas passer cette requête",
  407: "demande un nom et un mot de passe",
  502: "n’arrive pas à joindre le serveur",
  503: "n’arrive pas à joindre le serveur",
  504: "a attendu le serveur trop longtemps",
};

function httpTodo(failure: FailureOf<"http">, about: About): string | null {
  const { status, html, byProxy, lasting } = failure;
  const { keyOrigin, endpoint, proxy } = about;
  if (status === 407) return "Mettez-les dans HTTP_PROXY ou HTTPS_PROXY : http://NOM:MOT_DE_PASSE@HÔTE:PORT";
  if (byProxy && proxy !== null)
    return "Voyez avec la personne qui l’administre, ou ajoutez l’hôte à NO_PROXY pour s’en passer.";
  if (lasting === "quota")
    return `Inutile de réessayer : ${keyGiver(about)} indique ce qui reste et peut relever la limite.`;
  if (status === 401 && keyOrigin === null)
    return `Définissez LLMAAS_API_KEY, ou lancez llmaas config init. ${keysAre(about)}`;
  if (status === 401 && about.llmaas)
    return `La clé vient de ${keyOrigin} : vérifiez sur console.cloud-temple.com qu’elle est complète et toujours valable.`;
  if (status === 401)
    return `La clé vient de ${keyOrigin} : vérifiez qu’elle est complète, et faite pour ce serveur. ${keysAre(about)}`;
  if (status === 403) return "Un filtre de sécurité a pu arrêter le prompt, ou un droit manque à la clé.";
  if (status === 404 && html) return `Il manque peut-être /v1 à l’endpoint ; c’est actuellement ${endpoint}.`;
  if (status === 404 && about.list)
    return "Il n’en a peut-être pas : demandez une réponse, en nommant le modèle comme le fait son exploitant.";
  if (status === 404) return "llmaas models liste les modèles disponibles.";
  if (lasting === "unsupported") return "Inutile de réessayer : changez la requête, ou le modèle.";
  if (lasting === "told") return "Il dit lui-même qu’il est inutile de réessayer.";
  if (status === 429) return "Patientez un peu, puis réessayez ; --retries fixe le nombre de nouveaux essais.";
  return status >= 500 ? "Réessayez plus tard ; --retries fixe le nombre de nouveaux essais." : null;
}

function keysAre(about: About): string {
  return about.llmaas
    ? "Les clés se créent sur console.cloud-temple.com."
    : `Les clés sont fournies par ${keyGiver(about)}.`;
}

function keyGiver({ llmaas, endpoint }: About): string {
  return llmaas ? "console.cloud-temple.com" : `l’exploitant de ${hostOf(endpoint)}`;
}

/** ` : texte`, ou rien pour rien. */
function said(text: string): string {
  return text === "" ? "" : ` : ${text}`;
}
