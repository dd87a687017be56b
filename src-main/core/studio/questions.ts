import type { OpenRun } from '../inference/open-run.ts'

export const studioQuestions = (_run: OpenRun) => ({})
