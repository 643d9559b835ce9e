import type { FailureOf } from "../../stream/event.ts";
import { ended, isUnspoken, words, type About, type Failures, type Words } from "../say.ts";
import { FR_OF_PROXY } from "./refusals.ts";

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
  if (!isUnspoken(code))
    return words(
      ended(`Le proxy a refusé la connexion${message === "" ? "" : ` : ${message}`}`),
      "Vérifiez HTTPS_PROXY, HTTP_PROXY et ALL_PROXY, ou ajoutez l’hôte à NO_PROXY.",
    );
  return words(
    `Rien n’a été envoyé : llmaas ne parle pas le langage du proxy${proxy === null ? "" : ` ${proxy}`} (${code}).`,
    "Indiquez un proxy http:// ou https:// dans HTTPS_PROXY, HTTP_PROXY ou ALL_PROXY, ou ajoutez l’hôte à NO_PROXY.",
  );
}

/** What is said where no connection, or none that can be trusted, was made. */
export const frNetwork: Pick<Failures, "dns" | "refused" | "proxy" | "too_many_files" | "tls"> = {
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
