import type { OpenRun } from '../inference/open-run.ts'

export const graphQuestions = (_run: OpenRun) => ({})
