/** Collects the text of one read. A surrogate pair may come as two escapes in two events: its first half waits for the second. */
export function createWords(): { add(text: string): void; take(): string } {
  let words = "";
  return {
    add(text) {
      words += text;
    },
    take() {
      const half = (words.charCodeAt(words.length - 1) & 0xfc00) === 0xd800;
      const whole = half ? words.slice(0, -1) : words;
      words = half ? words.slice(-1) : "";
      return whole;
    },
  };
}
