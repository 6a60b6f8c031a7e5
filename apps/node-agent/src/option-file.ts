/** A MySQL option file with one section; any text survives, whatever quotes, backslashes or hash signs it holds. */
export function renderOptionFile(section: string, options: Readonly<Record<string, string>>): string {
  const lines = Object.entries(options).map(([name, value]) => `${name}=${quoteOptionValue(value)}`);
  return `[${section}]\n${lines.join('\n')}\n`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Quotes always: unquoted, MySQL cuts a value at `#` and trims spaces. */
export function quoteOptionValue(value: string): string {
  return `"${value.replace(/[\\"\n\r\t]/g, (character) => escapes[character] ?? character)}"`;
}
