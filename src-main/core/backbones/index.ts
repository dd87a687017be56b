export { createExtractor, onProcessor, type BackboneSetup, type Extractor } from './extractor.ts'
export { failedFindings } from './providers.ts'
