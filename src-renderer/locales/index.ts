import { en } from './en.ts'

export type MessageKey = keyof typeof en
export type MessageParameters = Readonly<Partial<Record<string, string | number>>>

const locale = 'en'
const plural = new Intl.PluralRules(locale)
const integer = new Intl.NumberFormat(locale)

/**
 * A sentence of the interface. `{name}` is replaced by the parameter of that name, numbers with their thousands apart;
 * `one|many` is chosen by the parameter `count`.
 */
export function t(key: MessageKey, parameters: MessageParameters = {}): string {
  const forms = en[key].split('|')
  const { count } = parameters
  const form = forms.length > 1 && typeof count === 'number' && plural.select(count) !== 'one' ? forms[1] : forms[0]
  return form.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = parameters[name]
    return value === undefined ? placeholder : typeof value === 'number' ? integer.format(value) : value
  })
}
