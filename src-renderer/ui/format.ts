import { t } from '../locales/index.ts'

const integers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** What stands where a figure cannot be measured. */
export const absent = '–'

/** A class's name as files write it, for reading: `001.Black_footed_Albatross` as `001 Black footed Albatross`. */
export const readableName = (name: string): string =>
  name
    .replace(/^(\d+)\./, '$1 ')
    .replace(/[_+]+/g, ' ')
    .trim()

/** Small letters, and one blank for whatever files put between words: what is typed finds a name however it is written. */
export const searchable = (text: string): string =>
  text
    .toLocaleLowerCase()
    .replace(/[\s_+.-]+/g, ' ')
    .trim()

export const count = (value: number | null): string => (value === null ? absent : integers.format(value))

/** With one decimal, as percentages and degrees are given. */
export const tenths = (value: number | null): string => (value === null ? absent : oneDecimal.format(value))

/** Up to four significant digits, whatever the size; very small numbers as powers. */
export const figure = (value: number | null): string => {
  if (value === null || !Number.isFinite(value)) return absent
  return value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential(1).replace('-', '−')
    : significant.format(value).replace('-', '−')
}

/** Seconds as `0:07`, `12:05` or `3 h 05 min`; beyond two days, in days. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return absent
  const whole = Math.max(0, Math.round(seconds))
  const pad = (value: number): string => String(value).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)}:${pad(whole % 60)}`
  const hours = Math.floor(whole / 3600)
  if (hours < 48) return t('format.hours', { hours, minutes: pad(Math.floor((whole % 3600) / 60)) })
  return t('format.days', { days: oneDecimal.format(whole / 86_400) })
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length, Math.floor(Math.log10(value) / 3))
  return `${oneDecimal.format(value / 1000 ** power)} ${units[power - 1]}`
}

/** `today, 14:05` or `3 Mar 2026`. */
export function when(iso: string, now: Date = new Date()): string {
  const date = new Date(iso)
  return date.toDateString() === now.toDateString() ? t('format.today', { time: time.format(date) }) : day.format(date)
}
