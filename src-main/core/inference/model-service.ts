import { explanationQuestions } from '../explanation/questions.ts'
import { graphQuestions } from '../graphs/questions.ts'
import type { Service } from '../jobs/service.ts'
import { studioQuestions } from '../studio/questions.ts'
import { openRun, type RunPlace } from './open-run.ts'

export type ModelQuestions = ReturnType<typeof graphQuestions> &
  ReturnType<typeof studioQuestions> &
  ReturnType<typeof explanationQuestions>

/** A finished run that answers about its graphs, about classes that a person describes, and about its reasons. */
export const modelService: Service<RunPlace, ModelQuestions> = {
  open: async (place) => {
    const open = await openRun(place)
    return { ...graphQuestions(open), ...studioQuestions(open), ...explanationQuestions(open) }
  },
}
