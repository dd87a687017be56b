import type { Service } from '../jobs/service.ts'
import type { RunPlace } from '../inference/open-run.ts'
import { readClassDescriptions, readEszslModel, readModelContext } from '../training/stored-model.ts'
import { explainEszsl } from './eszsl.ts'
import { answering, type ExplanationQuestions } from './questions.ts'

/** A finished ESZSL run that answers about its reasons. */
export const eszslService: Service<RunPlace, ExplanationQuestions> = {
  open: async (place) => {
    const [context, descriptions, model] = await Promise.all([
      readModelContext(place.folder),
      readClassDescriptions(place.folder),
      readEszslModel(place.folder),
    ])
    const open = { ...place, model, context, descriptions }
    return answering(open, (image, cast) => explainEszsl(open, cast, image))
  },
}
