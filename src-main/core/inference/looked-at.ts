import type { RunId } from '../../contract/index.ts'
import type { BackboneSetup } from '../backbones/index.ts'
import type { Cast } from '../studio/extend-model.ts'

/** A photo that was looked at, and with what. */
export interface LookedAt {
  readonly run: RunId
  readonly path: string
  /** Path inside what was dropped. */
  readonly name: string
  readonly backbone: BackboneSetup
  /** Who took part. */
  readonly cast: Cast
}
