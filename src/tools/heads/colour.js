// Colours of weights: lightness changes evenly from weight 0 to the largest, so that equal steps
// look equal and the order survives greyscale and colour blindness. Light pages run from pale to
// dark, dark pages from dark to pale: nothing is always close to the paper.

const darkPage = matchMedia('(prefers-color-scheme: dark)');

// Each scale in OKLCH, hue in degrees: the ends, and what the curve between them bends towards.
const scales = {
  light: { lightness: [0.985, 0.27], chroma: [0.02, 0.17, 0.12], hue: [105, 190, 285] },
  dark: { lightness: [0.2, 0.965], chroma: [0.05, 0.24, 0.1], hue: [285, 355, 460] },
};

function linearRgb(lightness, chroma, hue) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function displayable(lightness, chroma, hue) {
  // Less chroma, never another lightness, until the screen can show it.
  for (; chroma > 0; chroma -= 0.004) {
    const rgb = linearRgb(lightness, chroma, hue);
    if (rgb.every((part) => part >= 0 && part <= 1)) return rgb;
  }
  return linearRgb(lightness, 0, 0);
}

function toByte(linear) {
  const part = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055));
}

function between([first, bend, last], at) {
  return (1 - at) ** 2 * first + 2 * at * (1 - at) * bend + at ** 2 * last;
}

const scaleSteps = 512;
const scaleCache = new Map();

// [step] -> [red, green, blue] for the page as it is now.
function colourScale() {
  const name = darkPage.matches ? 'dark' : 'light';
  if (!scaleCache.has(name)) {
    const { lightness, chroma, hue } = scales[name];
    scaleCache.set(name, Array.from({ length: scaleSteps }, (_, step) => {
      const at = step / (scaleSteps - 1);
      const light = lightness[0] + (lightness[1] - lightness[0]) * at;
      return displayable(light, between(chroma, at), between(hue, at)).map(toByte);
    }));
  }
  return scaleCache.get(name);
}

// Shades follow the square root of the weight: 0.01 can be told from 0, and 0.5 from 1.
function colourOf(weight, largest) {
  if (Number.isNaN(weight)) return [214, 40, 40];
  const share = largest > 0 ? Math.min(1, weight / largest) : 0;
  return colourScale()[Math.round(Math.sqrt(share) * (scaleSteps - 1))];
}
