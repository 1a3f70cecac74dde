/** What is told in each step, with the numbers of the picture. */
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { tourMessages } from './messages.ts';
import type { Shown } from './shown.ts';
import type { STEPS } from './tour-steps.ts';

type Name = (typeof STEPS)[number]['name'];

export function useStepText({ lens, answer }: Shown): (name: Name) => string {
  const say = useWords(tourMessages);
  const percent = usePercent();
  const { language } = usePreferences();
  const grouped = new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en-GB');
  const { picture, crop, window } = lens;
  return (name) => {
    switch (name) {
      case 'numbers': {
        const { width, height } = picture;
        return say('numbersText', { width, height, count: grouped.format(width * height * 3) });
      }
      case 'given': {
        const share = (window.width * window.height) / (picture.width * picture.height);
        const size = { width: window.width, height: window.height };
        if (crop.width >= picture.width && crop.height >= picture.height) return say('givenUncutText', size);
        return share < 1 ? say('givenText', { ...size, share: percent(share, 0) }) : say('givenWholeText', size);
      }
      case 'answer':
        return say('answerText', { classes: answer.predictions.length });
      default:
        return say(`${name}Text`);
    }
  };
}
