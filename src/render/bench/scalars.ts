import { tildeOf, type ResultReport } from "../../metrics/summary.ts";
import { piece, type Row, flow, labelled } from "../../text/row.ts";
import { COLUMNS } from "../../text/wrap.ts";
import { NONE, sayNumber, sayShare, type Texts } from "./figures.ts";

type Scalar = { label: string; value: string };

/** The figures of a column that are one number each, in words. */
export function scalarsOf(column: ResultReport, texts: Texts): Scalar[] {
  const { words, messages } = texts;
  const { row } = words;
  const { goodput, tokens, cost, streams, peak_tokens_per_second: peak } = column;
  const tilde = tildeOf(column);
  const output = column.output_tokens_per_second;
  const counted = streams.started - streams.unfinished;
  const orNull = (value: number | null): string | null => (value === null ? null : messages.count(value));
  return [
    { label: row.label.requests, value: sayNumber(column.requests_per_second, texts) },
    {
      label: row.label.output,
      value: [
        output === null ? NONE : tilde + messages.number(output),
        ...(peak === null ? [] : [row.peak(tilde + messages.number(peak))]),
      ].join(" "),
    },
    { label: row.label.errorRate, value: errorRate(column, counted, texts) },
    ...(goodput === null
      ? []
      : [
          {
            label: row.label.goodput,
            value: row.goodput(
              row.ofCounted(messages.count(goodput.met), messages.count(counted)),
              goodput.share === null ? null : sayShare(goodput.share, texts),
              goodput.per_second === null ? null : messages.number(goodput.per_second),
            ),
          },
        ]),
    {
      label: row.label.tokens,
      value: row.tokens(tilde + messages.count(tokens.output), orNull(tokens.prompt), orNull(tokens.reasoning)),
    },
    ...(cost === null ? [] : [{ label: row.label.cost, value: `${sayCost(cost, texts)} ${row.costOf(cost.streams)}` }]),
  ];
}

function errorRate({ error_rate, streams }: ResultReport, counted: number, texts: Texts): string {
  const { row } = texts.words;
  if (streams.failed === 0) return sayShare(error_rate, texts);
  const { count } = texts.messages;
  return `${sayShare(error_rate, texts)} (${row.ofCounted(count(streams.failed), count(counted))})`;
}

/** An amount with its currency. */
export function sayCost({ amount, currency }: NonNullable<ResultReport["cost"]>, { messages, show }: Texts): string {
  return messages.cost(amount, currency === null ? null : show(currency));
}

/** They, one below the other. */
export function scalarRows(column: ResultReport, width: number, texts: Texts): Row[] {
  return scalarsOf(column, texts).flatMap(({ label, value }) =>
    labelled(piece(label, "dim"), width, flow([piece(value)], piece(""), COLUMNS - width)),
  );
}
