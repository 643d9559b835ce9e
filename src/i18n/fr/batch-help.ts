import type { enBatchHelp } from "../en/batch-help.ts";

export const frBatchHelp = {
  verbs: {
    batch: {
      summary: "traite un fichier de requêtes, chacune une fois, quoi qu’il arrive",
      examples: [
        "llmaas batch run in.jsonl --out out.jsonl",
        "llmaas batch submit in.jsonl",
        "llmaas batch fetch in.jsonl --out out.jsonl --wait",
      ],
      usage: "llmaas batch COMMANDE [options]",
      about:
        "Le même fichier de requêtes est traité ici et maintenant (run), sur plusieurs machines (run --queue, worker), ou par le fournisseur, sous un jour et à moitié prix (submit, status, fetch). llmaas batch run --help explique run, et de même pour les autres.",
    },
    "batch report": {
      summary: "résume un fichier de résultats : verdicts, tokens, coût, mesures, échecs",
      examples: [
        "llmaas batch report out.jsonl",
        "llmaas batch report out.jsonl --json",
        "llmaas batch report out.jsonl && echo aucun échec",
      ],
      usage: "llmaas batch report FICHIER",
      about:
        "FICHIER est la sortie de batch run ou de batch fetch ; rien d’autre n’est nécessaire, et un lot peut être en train de l’écrire. Code de sortie 0 : chaque résultat est une réponse ; 3 : certains n’en sont pas.",
      options: { json: "Le résumé sur une ligne de JSON" },
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
        "FICHIER contient une requête par ligne : au format de l’API Batch (custom_id, method, url, body), un objet avec prompt ou messages, ou du texte simple. Tout est vérifié avant le premier envoi. Les résultats sont écrits au fur et à mesure, au format de l’API Batch, et tiennent lieu de journal : relancé, quelle que soit la cause de l’arrêt, le lot reprend là où il en était. Une requête modifiée depuis n’est pas tenue pour faite. Un serveur surchargé reçoit moins de requêtes à la fois, et celles qu’il a refusées lui sont renvoyées.",
      options: {
        out: "Fichier des résultats ; ce qu’il contient déjà n’est pas redemandé. « - » : sortie standard, rien n’est conservé",
        model: "Modèle à interroger ; une ligne peut indiquer le sien",
        "skip-invalid": "Laisser de côté les lignes inutilisables et les lister dans un fichier voisin des résultats",
        csv: "Un tableau à la place de FICHIER ; ses lignes reviennent dans --out, avec les colonnes answer, verdict et error",
        json: "L’avancement en lignes JSON sur stdout",
        quiet: "Seulement ce qui ne va pas",
        retries: "Nouveaux essais quand une requête échoue ou que sa réponse est interrompue",
      },
    },
    "batch worker": {
      summary: "traite ce qu’un lot a déposé dans une file d’attente, sur autant de machines que voulu",
      examples: [
        "llmaas batch worker --queue redis://:MOT_DE_PASSE@HÔTE:6379",
        "llmaas batch worker --queue rediss://UTILISATEUR:MOT_DE_PASSE@HÔTE:6380 -j 64",
        "llmaas batch worker -e http://127.0.0.1:8080/v1 --json",
      ],
      usage: "llmaas batch worker [options] --queue URL",
      about:
        "Prend des requêtes dans la file d’attente, les envoie à son propre endpoint avec sa propre clé et rapporte les réponses ; batch run --queue y dépose les requêtes et écrit les résultats. Un worker ne prend rien qui soit destiné à un autre endpoint. SIGTERM ou Ctrl+C termine ce qui est en cours, sans rien prendre de plus. Quand un worker meurt, les autres reprennent son travail. LLMAAS_QUEUE, à la place de --queue, évite d’écrire le mot de passe dans la ligne de commande.",
      options: {
        concurrency: "Requêtes simultanées sur cette machine",
        quiet: "Seulement ce qui ne va pas",
        json: "Son état en lignes JSON sur stdout, une par seconde",
      },
    },
    "batch submit": {
      summary: "confie un fichier de requêtes au fournisseur, qui y répond sous un jour, à moitié prix",
      examples: [
        "llmaas batch submit in.jsonl",
        "llmaas batch submit in.jsonl --wait",
        "llmaas batch submit in.jsonl --part-requests 5000 --dry-run",
      ],
      usage: "llmaas batch submit [options] FICHIER",
      about:
        "FICHIER est celui que prend batch run. Il est vérifié, découpé en lots d’un seul modèle, d’une seule API et d’au plus 50 000 requêtes et 200 Mo, envoyé, puis les lots sont lancés. Les identifiants vont sur la sortie standard et dans FICHIER.batches.json. Interrompue puis relancée, la commande reprend là où elle en était : aucun lot n’est créé deux fois.",
      options: {
        retries: "Nouveaux essais quand le fournisseur n’a pas répondu",
        "timeout-open": "Pour qu’une réponse du fournisseur commence",
        "timeout-idle": "Entre deux morceaux d’une réponse ou d’un fichier",
        timeout: "Fixe les deux",
        model: "Modèle des prompts qui n’en indiquent aucun ; les requêtes de l’API Batch indiquent le leur",
        wait: "Attendre la fin de tous les lots, en montrant leur avancement",
        "skip-invalid":
          "Laisser de côté les lignes qui ne peuvent pas être envoyées, et les lister dans FICHIER.invalid.jsonl",
        "dry-run": "Vérifier le fichier et montrer ses lots ; rien n’est envoyé",
        json: "Les lots en lignes JSON sur la sortie standard",
        quiet: "Seulement ce qui va mal, et les identifiants",
      },
    },
    "batch status": {
      summary: "dit où en est un lot, chez le fournisseur ou dans une file d’attente",
      examples: [
        "llmaas batch status in.jsonl --wait",
        "llmaas batch status batch_abc123",
        "llmaas batch status --queue redis://:MOT_DE_PASSE@HÔTE:6379",
      ],
      usage: "llmaas batch status [options] ID|FICHIER|--queue URL",
      about:
        "Avec --queue : chaque lot que des machines se partagent, avec ce qui est terminé, en échec, en attente ou en cours, le débit, et chaque worker. Sinon : ID est celui d’un lot ; FICHIER, un fichier déjà soumis, désigne tous ses lots. Avec --wait, la commande se termine avec eux : 0 si tout a une réponse, 3 sinon, 1 si rien n’en a.",
      options: {
        retries: "Nouveaux essais quand le fournisseur n’a pas répondu",
        "timeout-open": "Pour qu’une réponse du fournisseur commence",
        "timeout-idle": "Entre deux morceaux d’une réponse ou d’un fichier",
        timeout: "Fixe les deux",
        wait: "Attendre la fin, en montrant l’avancement",
        json: "Les lots en lignes JSON sur la sortie standard",
        quiet: "Seulement ce qui va mal",
      },
    },
    "batch fetch": {
      summary: "récupère les réponses d’un lot dans un fichier que batch run peut compléter",
      examples: [
        "llmaas batch fetch in.jsonl --out out.jsonl",
        "llmaas batch fetch batch_abc123 --out out.jsonl --wait",
        "llmaas batch fetch in.jsonl --out out.jsonl --json",
      ],
      usage: "llmaas batch fetch [options] ID|FICHIER --out FICHIER",
      about:
        "Prend les réponses et les erreurs d’un lot quelle que soit sa fin, même expiré ou annulé. Chaque requête se retrouve avec sa réponse, en échec avec sa raison, ou listée dans SORTIE.missing.jsonl ; llmaas batch run envoie celles qui restent. Récupérer deux fois le même lot ne crée aucun doublon.",
      options: {
        retries: "Nouveaux essais quand le fournisseur n’a pas répondu",
        "timeout-open": "Pour qu’une réponse du fournisseur commence",
        "timeout-idle": "Entre deux morceaux d’une réponse ou d’un fichier",
        timeout: "Fixe les deux",
        out: "Fichier des résultats ; ce qu’il contient déjà est conservé",
        wait: "Attendre la fin du lot",
        json: "Ce qui a été trouvé, en lignes JSON sur la sortie standard",
        quiet: "Seulement ce qui va mal",
      },
    },
    "batch cancel": {
      summary: "arrête un lot chez le fournisseur",
      examples: [
        "llmaas batch cancel batch_abc123",
        "llmaas batch cancel in.jsonl",
        "llmaas batch cancel in.jsonl --json",
      ],
      usage: "llmaas batch cancel [options] ID|FICHIER",
      about: "Les réponses déjà obtenues sont facturées, et peuvent être récupérées.",
      options: {
        retries: "Nouveaux essais quand le fournisseur n’a pas répondu",
        "timeout-open": "Pour qu’une réponse du fournisseur commence",
        "timeout-idle": "Entre deux morceaux d’une réponse ou d’un fichier",
        timeout: "Fixe les deux",
        json: "Les lots en lignes JSON sur la sortie standard",
        quiet: "Seulement ce qui va mal",
      },
    },
    "batch list": {
      summary: "liste les lots chez le fournisseur, le plus récent d’abord",
      examples: ["llmaas batch list", "llmaas batch list --json", "llmaas batch list -e https://api.openai.com/v1"],
      usage: "llmaas batch list [options]",
      about: "Tous ceux que la clé permet de voir, quel qu’en soit l’auteur.",
      options: {
        retries: "Nouveaux essais quand le fournisseur n’a pas répondu",
        "timeout-open": "Pour qu’une réponse du fournisseur commence",
        "timeout-idle": "Entre deux morceaux d’une réponse ou d’un fichier",
        timeout: "Fixe les deux",
        json: "Les lots en lignes JSON sur la sortie standard",
      },
    },
  },
  options: {
    queue:
      "Redis (7 ou plus récent) ou Valkey par lequel les machines se partagent le travail : redis:// ou, avec TLS, rediss:// ; sinon LLMAAS_QUEUE",
    "queue-timeout":
      "Abandonner quand la file d’attente ne répond plus depuis cette durée ; si l’option est donnée, batch run attend aussi au démarrage",
    lease: "Confier le travail d’un worker aux autres quand il ne donne plus signe de vie depuis cette durée",
    out: "Fichier des résultats",
    prompt: "Avec --csv : ce qui est demandé pour chaque ligne ; {colonne} y est remplacé par sa cellule",
    "retry-failed": "Renvoyer les requêtes en échec",
    changed: "Requêtes déjà traitées mais modifiées depuis : refuse (refuser) ou rerun (renvoyer)",
    order: "Écrire les résultats dans l’ordre de l’entrée, une fois tout terminé",
    shard: "Ne traiter que les lignes de cette machine : 0/3, 1/3 ou 2/3 pour trois machines",
    tier: "Rester dans la limite de tokens de réponse par heure d’un palier LLMaaS",
    "requests-per-minute": "Ne pas lancer plus de requêtes par minute",
    "tokens-per-minute": "Ne pas consommer plus de tokens par minute, prompt et réponse",
    "tokens-per-hour": "De même pour une heure, par tranches d’une minute",
    "max-cost": "S’arrêter quand toutes les exécutions du lot ont dépensé ce montant, dans la monnaie des prix",
    "max-tokens-total": "S’arrêter quand toutes les exécutions du lot ont consommé ce nombre de tokens",
    schema: "Schéma JSON que chaque réponse doit respecter ; il est transmis au modèle si l’API le permet",
    "schema-retries": "Nombre de nouvelles demandes quand une réponse ne le respecte pas, avec l’erreur",
    "batch-outcome": "Ce que devient un lot (liste ci-dessous)",
    "batch-time": "Durée d’un lot",
    "dry-run": "Vérifier, compter et estimer ; rien n’est envoyé",
    wait: "Attendre la fin",
    "part-requests": "Nombre maximal de requêtes dans un lot",
    again: "Soumettre une nouvelle fois un fichier déjà soumis",
  },
} satisfies typeof enBatchHelp;
