/**
 * What a model may say to a terminal: colours, title, clipboard (OSC 52), C1 controls, lone CR, backspaces,
 * bidi overrides and isolates, tag characters; and at the end what must stay as it is.
 */
export const HOSTILE: readonly string[] = [
  "\u001b[31mred\u001b[0m ",
  "\u001b]52;c;aGFja2Vk\u0007",
  "\u001b]0;title\u001b\\",
  "\u001b[2J\u001b[H",
  "\u009b31mC1\u009b0m ",
  "\u009d52;c;aGk=\u009c",
  "over\rwritten ",
  "back\b\b\b\bspace ",
  "nul\u0000 del\u007f ",
  "\u202eesrever\u202c ",
  "\u2066isolate\u2069 ",
  "tag\u{e0041}\u{e007f} ",
  "kept: \t\n👩\u200d👩\u200d👧 ❤\ufe0f \u200eé",
];

/** A name that does the same. */
export const HOSTILE_NAME = "evil\u001b]52;c;aGk=\u0007\u202e\u009b31m\r";
