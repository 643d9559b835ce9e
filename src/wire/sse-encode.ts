/** One event in the wire format; each line of `data` becomes a `data:` line. */
export function encodeEvent(data: string, name = ""): string {
  const head = name === "" ? "" : `event: ${name}\n`;
  const lines = data.includes("\n") ? data.replaceAll("\n", "\ndata: ") : data;
  return `${head}data: ${lines}\n\n`;
}
