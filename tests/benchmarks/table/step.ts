import { alternate, type Figure, type Section } from './figure.ts'
import { reference, unseen } from './programs.ts'

const medianOf = (report: unknown): number => (report as { msPerStep: { median: number } }).msPerStep.median
const ours = (size: string) => () => medianOf(unseen('bench', 'step', '--size', size, '--device', 'cpu'))
// A step in the expanded form takes long: a third of the steps do.
const torch =
  (size: string, ...form: string[]) =>
  () =>
    medianOf(reference('torch_step.py', '--size', size, ...form, '--steps', form.includes('expanded') ? '30' : '100'))

/** One training step on the processor beside PyTorch's. */
export async function measureStep(rounds: number): Promise<Section> {
  const figures: Figure[] = []
  for (const size of ['quick', 'paper'] as const) {
    const ms = await alternate(rounds, {
      ours: ours(size),
      eager: torch(size, '--form', 'factorised'),
      compiled: torch(size, '--form', 'factorised', '--compile'),
      expanded: torch(size, '--form', 'expanded'),
    })
    figures.push(
      { what: `${size}: ours`, value: ms.ours, unit: 'ms' },
      {
        ...{ what: `${size}: PyTorch, factorised, fused Adam`, value: ms.eager / ms.ours, unit: '×' },
        bar: { least: size === 'quick' ? 1.6 : 1 },
      },
      {
        ...{ what: `${size}: the same, torch.compile`, value: ms.compiled / ms.ours, unit: '×' },
        ...(size === 'paper' ? { bar: { least: 1.2 } } : {}),
      },
      {
        ...{ what: `${size}: PyTorch, the authors’ expanded form`, value: ms.expanded / ms.ours, unit: '×' },
        ...(size === 'paper' ? { bar: { least: 10 } } : {}),
      },
    )
  }
  return {
    title: 'One training step',
    how: `${rounds} runs of each in alternation, medians; sizes as in \`unseen bench step --help\`; ×: how many times as long it takes.`,
    figures,
  }
}
