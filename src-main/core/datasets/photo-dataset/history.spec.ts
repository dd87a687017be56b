import { expect, it } from 'vitest'
import { stepsOf, withStep, type History, type Version } from './history.ts'
import { stateFiles } from './files.ts'

const version = (text: string, bytes: number): Version => ({
  text,
  files: Object.fromEntries(stateFiles.map((name) => [name, { sha256: text + name, bytes }])) as Version['files'],
})

it('a hundred steps are kept, and what was undone before a new one is not', () => {
  let history: History = { versions: [version('', 1)], at: 0 }
  for (let step = 1; step <= 105; step++) history = withStep(history, `step ${step}`, version(String(step), 1).files)
  expect(history.versions).toHaveLength(101)
  expect(stepsOf(history)).toEqual({ undo: 'step 105', redo: null })
  const back = { ...history, at: 99 }
  expect(stepsOf(back)).toEqual({ undo: 'step 104', redo: 'step 105' })
  expect(stepsOf(withStep(back, 'other', {}))).toEqual({ undo: 'other', redo: null })
  expect(stepsOf({ ...history, at: 0 })).toEqual({ undo: null, redo: 'step 6' })
})

it('fewer are kept where the tables are large, but always one', () => {
  let history: History = { versions: [version('', 1)], at: 0 }
  for (let step = 1; step <= 20; step++) history = withStep(history, `step ${step}`, version(String(step), 10e6).files)
  expect(history.versions).toHaveLength(5)
  history = withStep(history, 'huge', version('huge', 400e6).files)
  expect(stepsOf(history)).toEqual({ undo: 'huge', redo: null })
})
