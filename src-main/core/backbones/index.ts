export { backboneCommands, type BackboneCommands } from './commands.ts'
export { createExtractor, type BackboneSetup, type Extractor } from './extractor.ts'
