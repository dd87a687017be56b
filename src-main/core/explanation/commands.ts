import { AppError, type Backend } from '../../contract/index.ts'
import type { ClassificationCommands } from '../inference/commands.ts'
import type { Models } from '../inference/models.ts'
import type { StudioCommands } from '../studio/commands.ts'

export type ExplanationCommands = Pick<Backend, 'explain'>

export function explanationCommands(
  models: Pick<Models, 'explainerOf'>,
  classifications: Pick<ClassificationCommands, 'lookedAt'>,
  studio: Pick<StudioCommands, 'takingPart'>,
): ExplanationCommands {
  return {
    explain: async ({ run, image, gamma, against = null }) => {
      const explainer = models.explainerOf(run)
      if (image.kind === 'dataset') {
        const cast = await studio.takingPart(run)
        return explainer.ask('explain', { image, cast, gamma, against })
      }
      const { path, backbone, cast, run: by } = classifications.lookedAt(image.classification, image.photo)
      if (by !== run) {
        throw new AppError('explain/another-run', 'These photos were looked at with another run.', {
          next: 'Ask the run that gave them their labels.',
        })
      }
      return explainer.ask('explain', { image: { kind: 'photo', path, backbone }, cast, gamma, against })
    },
  }
}
