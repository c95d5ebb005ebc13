/** Mantine, in this product's colours and sizes. One accent; everything else is calm. */
import {
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

const jade: MantineColorsTuple = [
  '#e6f5f1',
  '#cfe9e2',
  '#a0d3c6',
  '#6dbca9',
  '#45a992',
  '#2b9c83',
  '#12806a',
  '#0b6e5b',
  '#065e4d',
  '#00493c',
]

/** Mantine weighs the light scheme's shade, whichever is on: white would stay on the dark one's lighter shade. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  return input.variant === 'filled' && input.color === 'jade' ? { ...colors, color: 'var(--on-accent)' } : colors
}

const TOUCH_HEIGHT = '3rem'

export const theme = createTheme({
  primaryColor: 'jade',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.28,
  colors: { jade },
  variantColorResolver,
  fontFamily: "'Noto Sans TC Variable', sans-serif",
  defaultRadius: 'md',
  radius: { md: '10px', lg: '14px' },
  fontSizes: { xs: '14px', sm: '15px', md: '16px', lg: '18px', xl: '22px' },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'md' }, styles: { root: { minHeight: TOUCH_HEIGHT } } },
    ActionIcon: { defaultProps: { size: 44, variant: 'subtle', color: 'gray' } },
    SegmentedControl: { styles: { label: { minHeight: '2.75rem', lineHeight: '2.75rem', paddingBlock: 0 } } },
    Switch: { styles: { body: { minHeight: TOUCH_HEIGHT, alignItems: 'center' } } },
    NumberInput: { defaultProps: { size: 'md' }, styles: { input: { minHeight: TOUCH_HEIGHT } } },
    TextInput: { defaultProps: { size: 'md' }, styles: { input: { minHeight: TOUCH_HEIGHT } } },
    Modal: {
      defaultProps: {
        centered: true,
        returnFocus: false,
        transitionProps: { transition: 'fade', duration: 100 },
        overlayProps: { backgroundOpacity: 0.4 },
        radius: 'lg',
        padding: 'lg',
      },
      styles: { title: { fontSize: '20px' } },
    },
    Drawer: {
      defaultProps: { returnFocus: false, transitionProps: { duration: 120 } },
      styles: {
        content: { display: 'flex', flexDirection: 'column' },
        body: { flex: 1, minHeight: 0 },
        title: { fontSize: '20px', fontWeight: 700 },
      },
    },
  },
})
