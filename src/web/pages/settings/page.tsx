/** What people choose about the page, the keys that they have, and what Kaiyan is. */
import { Download, RotateCcw } from 'lucide-react';
import { useService } from '../../api/service.ts';
import { useInstallation } from '../../app/installation.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { Page } from '../../components/page.tsx';
import { Range } from '../../components/range.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useNotice } from '../../components/toast.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import {
  changePreferences,
  FEWEST_TOP,
  MOST_TOP,
  resetPreferences,
  usePreferences,
} from '../../preferences/preferences.ts';
import { About } from './about.tsx';
import { Access } from './access.tsx';
import { settingsMessages } from './messages.ts';
import styles from './page.module.css';
import { Section } from './section.tsx';

export default function SettingsPage() {
  const say = useWords(settingsMessages);
  const notice = useNotice();
  const reset = () => {
    resetPreferences();
    notice(say('resetDone'));
  };
  return (
    <Page
      title={say('title')}
      intro={say('intro')}
      actions={
        <Button icon={RotateCcw} onClick={reset}>
          {say('reset')}
        </Button>
      }
    >
      <div className={styles.sections}>
        <Appearance />
        <Answers />
        <Access />
        <AsApp />
        <About />
      </div>
    </Page>
  );
}

function Appearance() {
  const say = useWords(settingsMessages);
  const { language, theme } = usePreferences();
  return (
    <Section title={say('appearance')}>
      <Segmented
        label={say('language')}
        labelShown
        value={language}
        options={[
          { value: 'en', label: 'English', lang: 'en' },
          { value: 'zh', label: '中文', lang: 'zh-CN' },
        ]}
        onChange={(next) => changePreferences({ language: next })}
      />
      <Segmented
        label={say('theme')}
        labelShown
        value={theme}
        options={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: say(value) }))}
        onChange={(next) => changePreferences({ theme: next })}
      />
    </Section>
  );
}

function Answers() {
  const say = useWords(settingsMessages);
  const { top } = usePreferences();
  return (
    <Section title={say('answers')}>
      <Range
        label={say('top')}
        value={top}
        min={FEWEST_TOP}
        max={MOST_TOP}
        step={1}
        shown={String(top)}
        onChange={(next) => changePreferences({ top: next })}
      />
      <Threshold />
    </Section>
  );
}

/** Where the slider begins if the service has not said where it stands. */
const USUAL_THRESHOLD = 0.7;

function Threshold() {
  const say = useWords(settingsMessages);
  const percent = usePercent();
  const { threshold } = usePreferences();
  const { data } = useService();
  const ofService = data?.defaults.threshold;
  return (
    <fieldset className={styles.threshold}>
      <legend className={styles.legend}>{say('sureness')}</legend>
      <p className={styles.quiet}>{say('surenessIs')}</p>
      <Check
        checked={threshold === null}
        onChange={(isOfService) =>
          changePreferences({ threshold: isOfService ? null : (ofService ?? USUAL_THRESHOLD) })
        }
      >
        {ofService === undefined ? say('byService') : say('byServiceIs', { share: percent(ofService, 0) })}
      </Check>
      {threshold !== null && (
        <Range
          label={say('own')}
          value={threshold}
          min={0}
          max={1}
          step={0.01}
          shown={percent(threshold, 0)}
          onChange={(next) => changePreferences({ threshold: next })}
        />
      )}
    </fieldset>
  );
}

function AsApp() {
  const say = useWords(settingsMessages);
  const { canInstall, install } = useInstallation();
  const isApp = window.matchMedia('(display-mode: standalone)').matches;
  return (
    <Section title={say('app')}>
      <p>{say(isApp ? 'appIsOne' : canInstall ? 'appCanBe' : 'appIs')}</p>
      {canInstall && (
        <Button icon={Download} onClick={install}>
          {say('install')}
        </Button>
      )}
    </Section>
  );
}
