import { presets, trainingConfigSchema, type Preset, type TrainingConfig } from '../../../src-main/contract/index.ts'
import { t } from '../../locales/index.ts'

export type Knob = keyof TrainingConfig
export type KnobValue = TrainingConfig[Knob]
export const knobGroups = ['scaling', 'network', 'loss', 'episodes', 'adam', 'protocol'] as const
export type KnobGroup = (typeof knobGroups)[number]

/** Every knob has a place, in the order of the contract: the compiler asks for new ones. */
const places: Readonly<Record<Knob, KnobGroup>> = {
  featureScaling: 'scaling',
  attributeScaling: 'scaling',
  hidden: 'network',
  attentionWidth: 'network',
  semanticCentres: 'network',
  propagationSteps: 'network',
  edgeRule: 'network',
  edgeDegrees: 'network',
  edgeNeighbours: 'network',
  attentionSharpness: 'network',
  prototypes: 'network',
  sharedAttention: 'network',
  consistency: 'loss',
  consistencyWeight: 'loss',
  logitTemperature: 'loss',
  training: 'episodes',
  episodes: 'episodes',
  holdOutEpisodes: 'episodes',
  classesPerEpisode: 'episodes',
  supportPerClass: 'episodes',
  queriesPerClass: 'episodes',
  learningRate: 'adam',
  adamBeta1: 'adam',
  adamBeta2: 'adam',
  adamEpsilon: 'adam',
  weightDecay: 'adam',
  decayAt: 'adam',
  decayFactor: 'adam',
  anchors: 'protocol',
  holdOuts: 'protocol',
}

export const knobs = Object.keys(places) as Knob[]
export const knobsOf = (group: KnobGroup): Knob[] => knobs.filter((knob) => places[knob] === group)

/** The choices of a knob that has a list of them. */
export function knobOptions(knob: Knob): readonly string[] | null {
  const schema = trainingConfigSchema.shape[knob]
  return 'options' in schema ? schema.options : null
}

/** What a numeric knob accepts, in words: the contract's schema is asked with numbers that it must refuse. */
function accepted(knob: Knob): string {
  const refusals = [-1e9, 1e9, 0.5].flatMap((value) => {
    const { error } = trainingConfigSchema.shape[knob].safeParse(value)
    return error?.issues ?? []
  })
  const whole = refusals.some((issue) => issue.code === 'invalid_type')
  const low = refusals.find((issue) => issue.code === 'too_small')
  const high = refusals.find((issue) => issue.code === 'too_big')
  const ends = [
    ...(low ? [t(low.inclusive ? 'knob.wrong.from' : 'knob.wrong.above', { end: Number(low.minimum) })] : []),
    ...(high ? [t(high.inclusive ? 'knob.wrong.to' : 'knob.wrong.below', { end: Number(high.maximum) })] : []),
  ]
  return `${[t(whole ? 'knob.wrong.whole' : 'knob.wrong.number'), ...ends].join(', ')}.`
}

/** A value as a person reads and types it: no more digits than tell it apart. */
export const written = (value: KnobValue): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value ?? '')

export type Parsed = { readonly value: KnobValue } | { readonly problem: string }

/** What a person typed, as the knob's value, or why it cannot be one. Nothing typed is null, which some knobs allow. */
export function parseKnob(knob: Knob, typed: string | boolean): Parsed {
  const numeric = knobOptions(knob) === null && typeof typed === 'string'
  const value = numeric ? (typed.trim() === '' ? null : Number(typed)) : typed
  const parsed = trainingConfigSchema.shape[knob].safeParse(value)
  return parsed.success ? { value: parsed.data } : { problem: accepted(knob) }
}

export type Overrides = Partial<Record<Knob, KnobValue>>

/** The overrides with one knob set; a knob that says what the preset says is none. */
export function override(overrides: Overrides, preset: Preset, knob: Knob, value: KnobValue): Overrides {
  const rest = Object.fromEntries(Object.entries(overrides).filter(([key]) => key !== knob)) as Overrides
  return presets[preset][knob] === value ? rest : { ...rest, [knob]: value }
}

/** Whether a training is long enough that its time is measured and told before it starts. */
export const long = ({ episodes, holdOutEpisodes, holdOuts, hidden }: TrainingConfig): boolean =>
  (holdOuts * (holdOutEpisodes ?? episodes) + episodes) * hidden > 4 * presets.quick.episodes * 2 * presets.quick.hidden

/** The knobs in which a configuration differs from its preset. */
export const differences = (config: TrainingConfig, preset: Preset): Knob[] =>
  knobs.filter((knob) => config[knob] !== presets[preset][knob])
