/** What the system's codes mean; others are shown as they are. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: "il n’existe pas",
  EISDIR: "c’est un dossier",
  ENODEV: "c’est un périphérique",
  ESPIPE: "c’est un pipe ou un périphérique",
  ENOTDIR: "ce qui devrait être un dossier de son chemin est un fichier",
  EACCES: "cet utilisateur n’en a pas le droit",
  EPERM: "cet utilisateur n’en a pas le droit",
  EROFS: "le disque est en lecture seule",
  EBADF: "elle est fermée",
  ENOSPC: "le disque est plein",
  EDQUOT: "le quota est épuisé",
  EILSEQ: "ce n’est pas du texte en UTF-8",
  EMFILE: "trop de fichiers sont ouverts, ulimit -n relève la limite",
  ENFILE: "trop de fichiers sont ouverts sur cette machine",
  EFBIG: "le fichier ne peut plus grandir",
  EIO: "le disque ne l’accepte pas",
  ELOOP: "ses liens ne mènent nulle part",
  ENAMETOOLONG: "son nom est trop long",
  SQLITE_NOTADB: "ce n’est pas le verrou d’un lot",
  ESTALE: "il a été déplacé, supprimé ou modifié entre-temps",
};

/** What a code of the system means, or the code itself. */
export function frSystem(code: string): string {
  const meaning = SYSTEM[code];
  return meaning === undefined ? code : `${meaning} (${code})`;
}

/** What to do about a file that cannot be read, by the system's code. */
export const FR_READ_TODO: Readonly<Record<string, string>> = {
  EISDIR: "Indiquez un fichier de ce dossier.",
  ENODEV: "Indiquez un fichier ou un pipe.",
  ENOTDIR: "Vérifiez son nom et son dossier.",
  EACCES: "Donnez à cet utilisateur le droit de le lire.",
  EPERM: "Donnez à cet utilisateur le droit de le lire.",
  EILSEQ: "Enregistrez-le de nouveau en UTF-8.",
};

/** And one that cannot be written. */
export const FR_WRITE_TODO: Readonly<Record<string, string>> = {
  ESPIPE: "Indiquez un fichier.",
  EISDIR: "Indiquez un fichier de ce dossier.",
  EACCES: "Écrivez ailleurs, ou donnez-en le droit à cet utilisateur.",
  EPERM: "Écrivez ailleurs, ou donnez-en le droit à cet utilisateur.",
  EROFS: "Écrivez ailleurs.",
  ENOSPC: "Libérez de la place, ou écrivez ailleurs.",
  EDQUOT: "Libérez de la place, ou écrivez ailleurs.",
  EIO: "Libérez de la place, ou écrivez ailleurs.",
  ELOOP: "Indiquez le fichier lui-même.",
  ENAMETOOLONG: "Donnez-lui un nom plus court.",
  SQLITE_NOTADB: "Si aucun lot n’y est en cours, supprimez-le ; sinon, écrivez ailleurs.",
  ESTALE: "Les réponses déjà reçues sont dans le fichier d’origine : remettez-le en place pour continuer.",
};
