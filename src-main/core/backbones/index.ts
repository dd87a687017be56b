export { backboneCommands, type BackboneCommands } from './commands.ts'
export {
  createExtractor,
  type BackboneSetup,
  type ExtractedPhoto,
  type Extractor,
  type PhotoToExtract,
} from './extractor.ts'
