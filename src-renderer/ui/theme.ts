import { ref, watchEffect } from 'vue'

export type Theme = 'system' | 'light' | 'dark'
const themes: readonly Theme[] = ['system', 'light', 'dark']
const key = 'unseen:theme'

const remembered = (): Theme => themes.find((theme) => theme === localStorage.getItem(key)) ?? 'system'

const theme = ref<Theme>(remembered())

watchEffect(() => {
  if (theme.value === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
})

export function useTheme() {
  return {
    theme,
    /** system → light → dark → system; remembered on this machine. */
    next: (): void => {
      theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length]!
      localStorage.setItem(key, theme.value)
    },
  }
}
