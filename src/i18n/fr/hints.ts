const HINTS: Readonly<Record<string, string>> = {
  ADDRESS: "ADRESSE",
  AMOUNT: "MONTANT",
  DURATION: "DURÉE",
  EXPRESSION: "SEUIL",
  FILE: "FICHIER",
  KEY: "CLÉ",
  MODEL: "MODÈLE",
  NAME: "NOM",
  OUTCOME: "ISSUE",
  PATH: "CHEMIN",
  SHARE: "PART",
  SPEED: "DÉBIT",
  TEMPLATE: "GABARIT",
  TEXT: "TEXTE",
  TOKENS_PER_SECOND: "TOKENS_PAR_SECONDE",
  VALUE: "VALEUR",
  WHEN: "QUAND",
};

/** The words in capitals that stand for a value, such as NAME, in French. */
export function inFrench(hint: string): string {
  return hint.replace(/[A-Z_]+/g, (word) => HINTS[word] ?? word);
}
