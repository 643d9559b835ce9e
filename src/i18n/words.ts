/** What happened, and what to do about it where something can be done. */
export type Words = { what: string; todo: string | null };

export function words(what: string, todo: string | null = null): Words {
  return { what, todo };
}

/** A sentence that ends with what a server said, whatever that ends with. */
export function ended(text: string): string {
  return /[.!?…]\s*$/.test(text) ? text : `${text}.`;
}
