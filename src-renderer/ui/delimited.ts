/** What the clipboard of a spreadsheet holds: rows by lines, cells by tabs (or another separator); a quoted cell may hold both. */
export function readTable(text: string, separator = '\t'): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  const endCell = (): void => {
    rows.at(-1)!.push(cell)
    cell = ''
  }
  const source = text.replace(/\r\n?/g, '\n')
  for (let at = 0; at < source.length; at++) {
    const character = source[at]
    if (quoted) {
      if (character !== '"') cell += character
      else if (source[at + 1] === '"') cell += source[++at]
      else quoted = false
    } else if (character === '"' && cell === '') quoted = true
    else if (character === separator) endCell()
    else if (character === '\n') {
      endCell()
      rows.push([])
    } else cell += character
  }
  endCell()
  // Spreadsheets end the last line too.
  return rows.filter((row, at) => at < rows.length - 1 || row.some((one) => one !== ''))
}
