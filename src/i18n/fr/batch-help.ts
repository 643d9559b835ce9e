import type { enBatchHelp } from "../en/batch-help.ts";

export const frBatchHelp = {
  verbs: {
    batch: {
      summary: "traite un fichier de requêtes, chacune une fois, quoi qu’il arrive",
      examples: [
        "llmaas batch run in.jsonl --out out.jsonl",
        "llmaas batch run in.jsonl --out out.jsonl --tier 2 --dry-run",
        "llmaas batch run in.jsonl --out out.jsonl --retry-failed",
      ],
      usage: "llmaas batch run FICHIER --out FICHIER",
      about: "run traite les requêtes d’un fichier, ici et maintenant. llmaas batch run --help explique tout.",
    },
    "batch run": {
      summary: "traite les requêtes d’un fichier, ici et maintenant",
      examples: [
        "llmaas batch run in.jsonl --out out.jsonl",
        "llmaas batch run in.jsonl --out out.jsonl --tier 2 --dry-run",
        "llmaas batch run prompts.txt --out out.jsonl -j 32 --retry-failed",
      ],
      usage: "llmaas batch run [options] FICHIER --out FICHIER",
      about:
        "FICHIER contient une requête par ligne : au format de l’API Batch (custom_id, method, url, body), un objet avec prompt ou messages, ou du texte simple. Tout est vérifié avant le premier envoi. Les résultats sont écrits au fur et à mesure, au format de l’API Batch, et tiennent lieu de journal : relancé, quelle que soit la cause de l’arrêt, le lot reprend là où il en était. Une requête modifiée depuis n’est pas tenue pour faite. Un serveur surchargé reçoit moins de requêtes à la fois, et elles lui sont renvoyées.",
      options: {
        out: "Fichier des résultats ; ce qu’il contient déjà n’est pas redemandé",
        "skip-invalid": "Laisser de côté les lignes inutilisables et les lister dans un fichier voisin des résultats",
        json: "L’avancement en lignes JSON sur stdout",
        quiet: "Seulement ce qui ne va pas",
        retries: "Nouveaux essais quand une requête échoue ou que sa réponse est interrompue",
      },
    },
  },
  options: {
    out: "Fichier des résultats",
    "retry-failed": "Renvoyer les requêtes en échec",
    changed: "Requêtes déjà traitées mais modifiées depuis : refuse (refuser) ou rerun (renvoyer)",
    order: "Écrire les résultats dans l’ordre de l’entrée, une fois tout terminé",
    shard: "Ne traiter que les lignes de cette machine : 0/3, 1/3 ou 2/3 pour trois machines",
    tier: "Rester dans la limite de tokens de réponse par heure d’un palier LLMaaS",
    "requests-per-minute": "Ne pas lancer plus de requêtes par minute",
    "tokens-per-minute": "Ne pas consommer plus de tokens par minute, prompt et réponse",
    "tokens-per-hour": "De même pour une heure, par tranches d’une minute",
    "max-cost": "S’arrêter quand ce montant est dépensé, dans la monnaie des prix",
    "max-tokens-total": "S’arrêter quand ce nombre de tokens est consommé",
    schema: "Schéma JSON que chaque réponse doit respecter ; il est transmis au modèle si l’API le permet",
    "schema-retries": "Nombre de nouvelles demandes quand une réponse ne le respecte pas, avec l’erreur",
    "dry-run": "Vérifier, compter et estimer ; rien n’est envoyé",
  },
} satisfies typeof enBatchHelp;
