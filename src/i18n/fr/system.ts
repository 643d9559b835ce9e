/** What the system's codes mean; others are shown as they are. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: "il n’existe pas",
  EISDIR: "c’est un dossier",
  ENODEV: "c’est un périphérique",
  ENOTDIR: "une partie du chemin n’est pas un dossier",
  EACCES: "cet utilisateur n’en a pas le droit",
  EPERM: "cet utilisateur n’en a pas le droit",
  EROFS: "le disque est en lecture seule",
  ENOSPC: "le disque est plein",
  EDQUOT: "le quota est épuisé",
  EFBIG: "le fichier ne peut plus grandir",
};

/** What a code of the system means, or the code itself. */
export function frSystem(code: string): string {
  const meaning = SYSTEM[code];
  return meaning === undefined ? code : `${meaning} (${code})`;
}
