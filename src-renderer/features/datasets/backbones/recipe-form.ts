import {
  backboneRecipeSchema,
  type BackboneDraft,
  type BackboneRecipe,
  type BackboneTensor,
} from '../../../../src-main/contract/index.ts'

export type RecipeField = keyof BackboneRecipe

/** Fields of a recipe, in the order in which a photo goes through them. */
export const recipeFields = [
  'input',
  'inputType',
  'layout',
  'channels',
  'inputSize',
  'fit',
  'shorterSide',
  'scale',
  'offset',
  'mean',
  'std',
  'batch',
  'pooling',
  'dimension',
] as const satisfies readonly RecipeField[]

export type FormField = (typeof recipeFields)[number]

/** The choices of a field that has a list of them. */
export function choicesOf(field: FormField, draft: BackboneDraft): readonly string[] | null {
  if (field === 'input') return draft.inputs.map(({ name }) => name)
  const schema = backboneRecipeSchema.shape[field]
  return 'options' in schema ? schema.options : null
}

/** A value as a person reads and types it: lists with blanks, nothing for null. */
export function writeField(value: BackboneRecipe[FormField]): string {
  const short = (number: number): string => String(Number(number.toPrecision(7)))
  if (value === null) return ''
  if (typeof value === 'string') return value
  return typeof value === 'number' ? short(value) : value.map(short).join(' ')
}

export type ReadField = { readonly value: BackboneRecipe[FormField] } | { readonly wrong: true }

/** A typed number; `1/255` is one. */
function readOne(text: string): number {
  const parts = text.split('/').map(Number)
  return parts.length > 2 ? NaN : parts.reduce((over, under) => over / under)
}

/** What was typed, where the contract accepts it. */
export function readField(field: FormField, text: string): ReadField {
  const schema = backboneRecipeSchema.shape[field]
  const typed = text.trim()
  const numbers = typed === '' ? [] : typed.split(/[\s;,×x]+/).map(readOne)
  const [only] = numbers
  // One number stands for both sides, or for all three channels.
  const several =
    numbers.length === 1
      ? [
          [only, only],
          [only, only, only],
        ]
      : [numbers]
  const candidates: unknown[] = [typed, typed === '' ? null : numbers.length === 1 ? only : numbers, ...several]
  const fitting = candidates.find((candidate) => schema.safeParse(candidate).success)
  const parsed = fitting === undefined ? null : schema.safeParse(fitting)
  return parsed?.success ? { value: parsed.data } : { wrong: true }
}

/** Tensors that can be read as features: outputs of the graph first, then those inside it. */
export const tensorsOf = ({ outputs, inner }: BackboneDraft): readonly BackboneTensor[] => [...outputs, ...inner]

export const shapeText = ({ shape }: BackboneTensor): string => (shape ? shape.join(' × ') : '?')

/**
 * The recipe with another tensor read: what can be told from its shape follows. Four dimensions are a picture of
 * channels and are averaged; of three the first token is taken only if the person says so.
 */
export function withOutput(recipe: BackboneRecipe, tensor: BackboneTensor): BackboneRecipe {
  const { shape } = tensor
  const pooling =
    !shape || shape.length <= 2 ? 'none' : shape.length === 3 && recipe.pooling === 'cls' ? 'cls' : 'average'
  // Channels stand second in N×C×H×W, and last in N×C and in N×tokens×C.
  const sizes = (shape ?? []).slice(1).filter((size) => size !== 1)
  const channels = shape?.length === 4 && recipe.layout === 'NCHW' ? shape[1] : (sizes.at(-1) ?? shape?.at(-1))
  return {
    ...recipe,
    output: tensor.name,
    pooling,
    dimension: typeof channels === 'number' && channels > 0 ? channels : recipe.dimension,
  }
}
