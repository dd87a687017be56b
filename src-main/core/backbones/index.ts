export { createExtractor, type BackboneSetup, type Extractor } from './extractor.ts'
