import type { Backend, ClassificationId } from '../../contract/index.ts'
import type { BackboneCommands } from '../backbones/commands.ts'
import type { LookedAt } from '../inference/looked-at.ts'
import type { Models } from '../inference/models.ts'
import type { TrainingCommands } from '../training/index.ts'

/** What the studio needs of other areas. */
export interface StudioNeighbours {
  readonly models: Models
  readonly training: Pick<TrainingCommands, 'list'>
  readonly backbones: Pick<BackboneCommands, 'setup' | 'conduct'>
  /** There once a command is called. */
  readonly classification: () => Pick<Backend, 'getClassification'> & {
    lookedAt(id: ClassificationId, photo: number): LookedAt
  }
}
