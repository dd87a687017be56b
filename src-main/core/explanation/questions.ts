import type { OpenRun } from '../inference/open-run.ts'

export const explanationQuestions = (_run: OpenRun) => ({})
