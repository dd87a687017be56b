import { InvalidArgumentError } from 'commander'
import { trainingConfigSchema, type TrainingConfig } from '../../contract/index.ts'

/** Collects `--set key=value`: a knob of the training's configuration, checked by its schema. */
export function addSetting(text: string, before: Partial<TrainingConfig> = {}): Partial<TrainingConfig> {
  const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (!Object.hasOwn(trainingConfigSchema.shape, key)) {
    throw new InvalidArgumentError(
      `There is no knob “${key || text}”. There are ${Object.keys(trainingConfigSchema.shape).join(', ')}.`,
    )
  }
  const knob = trainingConfigSchema.shape[key as keyof TrainingConfig]
  const result = knob.safeParse(literal(value))
  if (!result.success) throw new InvalidArgumentError(`${key}: ${result.error.issues[0]?.message ?? 'not understood'}.`)
  return { ...before, [key]: result.data }
}

function literal(value: string): unknown {
  if (value === 'true' || value === 'false') return value === 'true'
  if (value === 'null') return null
  return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value
}

/** A whole number within bounds, for an option. */
export const wholeNumber =
  (from: number, to: number) =>
  (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= from && value <= to) return value
    throw new InvalidArgumentError(`A whole number from ${from} to ${to} is wanted.`)
  }
