import { onScopeDispose, readonly, ref, type Ref } from 'vue'

export type Token =
  | '--paper'
  | '--card'
  | '--chip'
  | '--line'
  | '--line-strong'
  | '--ink'
  | '--ink-soft'
  | '--seen'
  | '--unseen'
  | '--yours'
  | '--bad'
  | '--accent'

/** The colour that a design token has where `element` stands, for canvases, which know no custom properties. */
export function tokenColour(element: HTMLElement, token: Token): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** `rgb(…)` or `rgba(…)` as numbers. */
export function channels(colour: string): [number, number, number] {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number)
  return [red, green, blue]
}

/** Rises by one whenever light and dark change places, so that canvases know when to paint again. */
export function useThemeChange(): Readonly<Ref<number>> {
  const changes = ref(0)
  const bump = (): void => {
    changes.value++
  }
  const system = matchMedia('(prefers-color-scheme: dark)')
  const observer = new MutationObserver(bump)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  system.addEventListener('change', bump)
  onScopeDispose(() => {
    observer.disconnect()
    system.removeEventListener('change', bump)
  })
  return readonly(changes)
}
