/** One event in the wire format; each line of `data` becomes a `data:` line. */
export function encodeEvent(data: string, name = ""): string {
  const head = name === "" ? "" : `event: ${name}\n`;
  return `${head}data: ${data.replaceAll("\n", "\ndata: ")}\n\n`;
}
