/** What the system's codes mean; others are shown as they are. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  ENODEV: "it is a device",
  ESPIPE: "it is a pipe or a device",
  ENOTDIR: "what should be a folder in its path is a file",
  EACCES: "this user has no right to it",
  EPERM: "this user has no right to it",
  EROFS: "the disk is read-only",
  EBADF: "it is closed",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EILSEQ: "it is not UTF-8 text",
  EMFILE: "too many files are open, ulimit -n raises the limit",
  ENFILE: "too many files are open on this machine",
  EFBIG: "the file may not grow further",
  EIO: "the disk does not take it",
  ELOOP: "its links lead nowhere",
  ENAMETOOLONG: "its name is too long",
  SQLITE_NOTADB: "it is no lock of a batch",
  ESTALE: "it was moved, removed or changed by somebody else meanwhile",
};

export function enSystem(code: string): string {
  const meaning = SYSTEM[code];
  return meaning === undefined ? code : `${meaning} (${code})`;
}

/** What to do about a file that cannot be read, by the system's code. */
export const EN_READ_TODO: Readonly<Record<string, string>> = {
  EISDIR: "Name a file inside it.",
  ENODEV: "Name a file or a pipe.",
  ENOTDIR: "Check its name and folder.",
  EACCES: "Give this user the right to read it.",
  EPERM: "Give this user the right to read it.",
  EILSEQ: "Save it again as UTF-8.",
};

/** And one that cannot be written. */
export const EN_WRITE_TODO: Readonly<Record<string, string>> = {
  ESPIPE: "Name a file.",
  EISDIR: "Give the name of a file inside it.",
  EACCES: "Write elsewhere, or give this user the right.",
  EPERM: "Write elsewhere, or give this user the right.",
  EROFS: "Write elsewhere.",
  ENOSPC: "Make room, or write elsewhere.",
  EDQUOT: "Make room, or write elsewhere.",
  EIO: "Make room, or write elsewhere.",
  ELOOP: "Name the file itself.",
  ENAMETOOLONG: "Give it a shorter name.",
  SQLITE_NOTADB: "If no batch is running there, remove it; or write elsewhere.",
  ESTALE: "The answers so far are in the file that was there: put it back to go on from it.",
};
