import type { Backbone, DatasetManifest } from '../../src-main/contract/index.ts'

/**
 * The backbone to begin with: the one that was used last, else one that the person fetched or dropped, else the one that
 * comes with the application. '' where none can be used.
 */
export function preferredBackbone(backbones: readonly Backbone[], datasets: readonly DatasetManifest[]): string {
  const installed = backbones.filter((one) => one.installed)
  const used = [...datasets]
    .filter(({ drawn }) => !drawn)
    .sort((a, b) => b.importedAt.localeCompare(a.importedAt))
    .map(({ backbone }) => backbone?.id)
  const last = used.map((id) => installed.find((one) => one.id === id)).find(Boolean)
  return (last ?? installed.find(({ origin }) => origin !== 'basic') ?? installed.at(0))?.id ?? ''
}
