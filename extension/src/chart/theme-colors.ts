/** Colors of the theme that is on, for canvases, which know no variables. */
export interface IThemeColors {
  text: string;
  hint: string;
  grid: string;
  heat: string;
  /** One for each counter that a chart shows; the lines differ in their dashes too. */
  series: string[];
  font: string;
}

const SERIES = [
  '--jp-brand-color1',
  '--jp-warn-color1',
  '--jp-success-color1',
  '--jp-ui-font-color1',
  '--jp-error-color1'
];

/** Reads the variables where a node stands. */
export function themeColors(node: HTMLElement): IThemeColors {
  const style = getComputedStyle(node);
  const variable = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: variable('--jp-ui-font-color1'),
    hint: variable('--jp-ui-font-color2'),
    grid: variable('--jp-border-color3'),
    heat: variable('--jp-brand-color1'),
    series: SERIES.map(variable),
    font: `11px ${variable('--jp-ui-font-family')}`
  };
}
