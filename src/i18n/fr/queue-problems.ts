import type { QueueReason } from "../../config/user-error.ts";
import { words, type Problems, type Words } from "../say.ts";

const START = "Par exemple : redis-server --requirepass MOT_DE_PASSE --appendonly yes";

const why: Record<QueueReason, (url: string, detail: string) => Words> = {
  url: (url) =>
    words(
      `${url} n’est pas l’adresse d’une file d’attente.`,
      "Écrivez redis://:MOT_DE_PASSE@HÔTE:6379, ou rediss:// pour TLS ; les caractères spéciaux du mot de passe s’y encodent (%2F pour une barre oblique, %23 pour un dièse).",
    ),
  refused: (url) => words(`Rien n’écoute à l’adresse ${url}.`, `Lancez-y Redis (7 ou plus récent) ou Valkey. ${START}`),
  dns: (url) => words(`L’hôte de ${url} est inconnu.`, "Vérifiez son nom et le réseau."),
  timeout: (url) => words(`${url} ne répond pas.`, "Vérifiez l’hôte, le port et le pare-feu."),
  closed: (url) => words(`${url} ferme aussitôt la connexion.`, "Vérifiez le port et ce qui y écoute."),
  certificate: (url, detail) =>
    words(
      `Le certificat de ${url} n’est pas reconnu (${detail}).`,
      "NODE_EXTRA_CA_CERTS indique un fichier avec les certificats de votre propre autorité.",
    ),
  wants_tls: (url) =>
    words(
      `${url} ferme la connexion : il n’accepte peut-être que TLS.`,
      "Écrivez alors rediss:// au lieu de redis://.",
    ),
  no_tls: (url) => words(`${url} ne parle pas TLS.`, "Écrivez redis:// au lieu de rediss://, ou changez de port."),
  password: (url) =>
    words(
      `${url} refuse ce nom d’utilisateur ou ce mot de passe.`,
      "Donnez-les dans l’adresse : redis://UTILISATEUR:MOT_DE_PASSE@HÔTE, ou redis://:MOT_DE_PASSE@HÔTE ; avec LLMAAS_QUEUE, elle ne figure pas dans la ligne de commande.",
    ),
  needs_password: (url) =>
    words(
      `${url} demande un mot de passe.`,
      "Donnez-le dans l’adresse : redis://:MOT_DE_PASSE@HÔTE ; avec LLMAAS_QUEUE, il ne figure pas dans la ligne de commande.",
    ),
  not_allowed: (url, detail) =>
    words(
      `La file d’attente ${url} n’autorise pas à cet utilisateur ce dont un lot a besoin (${detail}).`,
      "docs/fr/batch.md donne la liste des commandes nécessaires.",
    ),
  no_database: (url, detail) =>
    words(
      `La file d’attente ${url} n’a pas de base numéro ${detail}.`,
      "Retirez ce numéro, ou donnez-en un plus petit.",
    ),
  busy: (url, detail) => words(`La file d’attente ${url} n’est pas prête (${detail}).`, "Réessayez dans un instant."),
  not_redis: (url) =>
    words(`Ce qui écoute à l’adresse ${url} n’est ni Redis ni Valkey.`, "Vérifiez le port : celui de Redis est 6379."),
  too_old: (url, detail) =>
    words(
      `La file d’attente ${url} est trop ancienne (${detail}).`,
      "Un lot demande Redis 7 ou plus récent, ou Valkey.",
    ),
};

export const frQueueProblems = {
  bad_queue: ({ url, why: reason, detail }) => why[reason](url, detail),
  queue_owned: ({ name }) =>
    words(
      `Une autre machine distribue déjà le lot ${name}.`,
      "Attendez sa fin ou arrêtez-la ; les workers peuvent être nombreux, mais batch run est unique.",
    ),
} satisfies Partial<Problems>;
