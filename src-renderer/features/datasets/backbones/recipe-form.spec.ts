import { describe, expect, it } from 'vitest'
import { draft } from '../../../testing/fake-backend.ts'
import { choicesOf, readField, recipeFields, tensorsOf, withOutput, writeField } from './recipe-form.ts'

describe('the form of a recipe', () => {
  it('writes every field so that it reads back as it was', () => {
    const { recipe } = draft()
    for (const field of recipeFields) {
      const read = readField(field, writeField(recipe[field]))
      const value = 'value' in read ? read.value : null
      if (typeof value === 'number') expect(value).toBeCloseTo(Number(recipe[field]), 6)
      else expect(value, field).toEqual(recipe[field])
    }
  })

  it('reads what people write', () => {
    expect(readField('scale', '1/255')).toEqual({ value: 1 / 255 })
    expect(readField('inputSize', '224')).toEqual({ value: [224, 224] })
    expect(readField('inputSize', '224 × 192')).toEqual({ value: [224, 192] })
    expect(readField('mean', '0.5')).toEqual({ value: [0.5, 0.5, 0.5] })
    expect(readField('mean', '0.485, 0.456, 0.406')).toEqual({ value: [0.485, 0.456, 0.406] })
    expect(readField('batch', '')).toEqual({ value: null })
    for (const [field, text] of [
      ['inputSize', '0'],
      ['mean', '1 2'],
      ['scale', 'big'],
      ['dimension', ''],
      ['batch', '1.5'],
    ] as const)
      // prettier-ignore
      expect(readField(field, text), `${field} ${text}`).toEqual({ wrong: true })
  })

  it('offers the inputs of the file and the words of the contract', () => {
    expect(choicesOf('input', draft())).toEqual(['data'])
    expect(choicesOf('channels', draft())).toEqual(['RGB', 'BGR'])
    expect(choicesOf('mean', draft())).toBeNull()
  })

  it('follows the shape of the tensor that is chosen', () => {
    const { recipe } = draft()
    const [logits, pool, relu] = tensorsOf(draft())
    expect(withOutput(recipe, logits)).toMatchObject({ output: 'logits', pooling: 'none', dimension: 1000 })
    expect(withOutput(recipe, pool)).toMatchObject({ output: 'pool', pooling: 'none', dimension: 512 })
    expect(withOutput(recipe, relu)).toMatchObject({ output: 'relu_9', pooling: 'average', dimension: 512 })
    const tokens = { name: 'tokens', type: 'float32', shape: ['N', 197, 384], operation: 'Add' }
    expect(withOutput(recipe, tokens)).toMatchObject({ pooling: 'average', dimension: 384 })
    const unknown = { name: 'inner', type: 'float32', shape: null, operation: 'Relu' }
    expect(withOutput(recipe, unknown)).toMatchObject({ output: 'inner', dimension: 1000 })
  })
})
