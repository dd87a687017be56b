import { InvalidArgumentError } from 'commander'
import {
  backboneRecipeSchema,
  trainingConfigSchema,
  type BackboneRecipe,
  type TrainingConfig,
} from '../../contract/index.ts'
import type { z } from 'zod'

/** Collects `--set key=value`: a knob of the training's configuration, checked by its schema. */
export const addSetting = collected<TrainingConfig>(trainingConfigSchema.shape)
/** The same for how a network takes photos; lists are written with commas: `inputSize=224,224`. */
export const addRecipeSetting = collected<BackboneRecipe>(backboneRecipeSchema.shape)

function collected<T extends object>(shape: Readonly<Record<string, z.ZodType>>) {
  return (text: string, before: Partial<T> = {}): Partial<T> => {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? []
    if (!Object.hasOwn(shape, key)) {
      throw new InvalidArgumentError(`There is no knob “${key || text}”. There are ${Object.keys(shape).join(', ')}.`)
    }
    const parts = value.split(',').map(literal)
    const result = shape[key].safeParse(parts.length > 1 ? parts : parts[0])
    if (!result.success)
      throw new InvalidArgumentError(`${key}: ${result.error.issues[0]?.message ?? 'not understood'}.`)
    return { ...before, [key]: result.data }
  }
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

/** Any number, for an option. */
export function number(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('A number is wanted.')
}
