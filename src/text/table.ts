/** Rows as aligned columns, two spaces apart; columns without any value are left out. */
export function columns(rows: readonly (readonly string[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const used = Array.from({ length: count }, (_, column) => column).filter((column) =>
    rows.slice(1).some((row) => row[column] !== ""),
  );
  const widths = new Map(
    used.map((column) => [column, Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? "")))]),
  );
  const lines = rows.map((row) =>
    used
      .map(
        (column) => `${row[column] ?? ""}${" ".repeat((widths.get(column) ?? 0) - Bun.stringWidth(row[column] ?? ""))}`,
      )
      .join("  ")
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join("");
}
