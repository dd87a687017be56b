import { computed, readonly, ref, shallowRef, type Ref } from 'vue'
import type { Matrix } from '../../../../src-main/contract/index.ts'
import { writeTable } from './clipboard.ts'
import { readNumber, writeNumber } from '../../../ui/numbers.ts'
import {
  areaOf,
  changing,
  fill,
  moveTo,
  setAll,
  sizeOf,
  valueAt,
  type Area,
  type Cell,
  type CellEdit,
} from './sheet.ts'

/** The cursor over a table of numbers, what it stretches over, and what the keys do there. */
export function useSheet(matrix: Ref<Matrix>, apply: (edits: CellEdit[]) => void) {
  const active = shallowRef<Cell>({ row: 0, column: 0 })
  const anchor = shallowRef<Cell>({ row: 0, column: 0 })
  /** What is being typed into the active cell; null while nothing is. */
  const typing = ref<string | null>(null)
  const wrong = computed(() => typing.value !== null && readNumber(typing.value) === undefined)

  const inside = ({ row, column }: Cell): Cell => ({
    row: Math.max(0, Math.min(row, matrix.value.rows - 1)),
    column: Math.max(0, Math.min(column, matrix.value.columns - 1)),
  })
  const area = computed<Area>(() => areaOf(inside(anchor.value), inside(active.value)))

  function go(to: Cell, stretch = false): void {
    active.value = inside(to)
    if (!stretch) anchor.value = active.value
  }
  function change(edits: readonly CellEdit[]): void {
    const real = changing(matrix.value, edits)
    if (real.length > 0) apply(real)
  }

  /** Ends the typing; false where what was typed is no number. */
  function commit(): boolean {
    if (typing.value === null) return true
    const value = readNumber(typing.value)
    if (value === undefined) return false
    typing.value = null
    change(setAll(areaOf(active.value, active.value), value))
    return true
  }

  const commands: Readonly<Partial<Record<string, () => void>>> = {
    a: () => {
      anchor.value = { row: 0, column: 0 }
      active.value = inside({ row: matrix.value.rows, column: matrix.value.columns })
    },
    d: () => change(fill(matrix.value, area.value, 'down')),
    r: () => change(fill(matrix.value, area.value, 'right')),
  }

  return {
    active: computed(() => inside(active.value)),
    area,
    typing: readonly(typing),
    wrong,
    several: computed(() => sizeOf(area.value) > 1),
    go,
    commit,
    copied: (): string => writeTable(matrix.value, area.value),
    fill: (direction: 'down' | 'right'): void => change(fill(matrix.value, area.value, direction)),
    clear: (): void => change(setAll(area.value, null)),

    /** Goes on with what is in the cell. */
    startTyping(text?: string): void {
      anchor.value = active.value
      typing.value = text ?? writeNumber(valueAt(matrix.value, active.value))
    },

    type: (text: string): void => void (typing.value = text),
    /** Leaves the cell as it was. */
    stopTyping: (): void => void (typing.value = null),

    /** Whether the key meant something while nothing was being typed. */
    press(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>, page: number): boolean {
      const held = event.ctrlKey || event.metaKey
      if (held && !event.altKey && !event.shiftKey) {
        const command = commands[event.key.toLowerCase()]
        command?.()
        if (command) return true
      }
      const next = event.altKey ? null : moveTo(matrix.value, active.value, event, page)
      if (next) go(next, event.shiftKey)
      else if (held || event.altKey) return false
      else if (event.key === 'Enter' || event.key === 'F2') this.startTyping()
      else if (event.key === 'Delete' || event.key === 'Backspace') this.clear()
      else if (/^[-\d.,?]$/.test(event.key)) this.startTyping(event.key)
      else return false
      return true
    },
  }
}

export type Sheet = ReturnType<typeof useSheet>
